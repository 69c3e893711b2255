import type { JsonObject } from '../../core/json.js';
import { stu3Account } from './account.js';
import { stu3AllergyIntolerance } from './allergy-intolerance.js';
import { stu3Binary } from './binary.js';
import { stu3Condition } from './condition.js';
import { stu3Coverage } from './coverage.js';
import { stu3DiagnosticReport } from './diagnostic-report.js';
import { stu3DocumentReference } from './document-reference.js';
import { stu3Encounter } from './encounter.js';
import { stu3Immunization } from './immunization.js';
import { stu3Medication } from './medication.js';
import { stu3MedicationDispense } from './medication-dispense.js';
import { stu3MedicationRequest } from './medication-request.js';
import { stu3MedicationStatement } from './medication-statement.js';
import { stu3MessageHeader } from './message-header.js';
import { stu3Observation } from './observation.js';
import { stu3OperationOutcome } from './operation-outcome.js';
import { stu3Procedure } from './procedure.js';
import { stu3ProcedureRequest } from './procedure-request.js';
import { stu3Provenance } from './provenance.js';

/** By R4 type: what STU3 spells otherwise than a walk over its definitions could see. Null: no place in STU3. */
export const stu3Rules: Readonly<Record<string, (r4: JsonObject) => JsonObject | null>> = {
  Account: stu3Account,
  AllergyIntolerance: stu3AllergyIntolerance,
  Binary: stu3Binary,
  Condition: stu3Condition,
  Coverage: stu3Coverage,
  DiagnosticReport: stu3DiagnosticReport,
  DocumentReference: stu3DocumentReference,
  Encounter: stu3Encounter,
  Immunization: stu3Immunization,
  Medication: stu3Medication,
  MedicationDispense: stu3MedicationDispense,
  MedicationRequest: stu3MedicationRequest,
  MedicationStatement: stu3MedicationStatement,
  MessageHeader: stu3MessageHeader,
  Observation: stu3Observation,
  OperationOutcome: stu3OperationOutcome,
  Procedure: stu3Procedure,
  Provenance: stu3Provenance,
  ServiceRequest: stu3ProcedureRequest,
};

import type { JsonObject } from '../../core/json.js';
import { dstu2Account } from './account.js';
import { dstu2AllergyIntolerance } from './allergy-intolerance.js';
import { dstu2Bundle } from './bundle.js';
import { dstu2Condition } from './condition.js';
import { dstu2Coverage } from './coverage.js';
import { dstu2DiagnosticOrder } from './diagnostic-order.js';
import { dstu2DiagnosticReport } from './diagnostic-report.js';
import { dstu2DocumentReference } from './document-reference.js';
import { dstu2Encounter } from './encounter.js';
import { dstu2Immunization } from './immunization.js';
import { dstu2Medication } from './medication.js';
import { dstu2MedicationDispense } from './medication-dispense.js';
import { dstu2MedicationOrder } from './medication-order.js';
import { dstu2MedicationStatement } from './medication-statement.js';
import { dstu2MessageHeader } from './message-header.js';
import { dstu2Observation } from './observation.js';
import { dstu2OperationOutcome } from './operation-outcome.js';
import { dstu2Patient } from './patient.js';
import { dstu2Procedure } from './procedure.js';
import { dstu2Provenance } from './provenance.js';
import { dstu2Specimen } from './specimen.js';

/** By STU3 type: what DSTU2 spells otherwise. The R4 resource stands beside for what STU3 could not carry. */
export const dstu2Rules: Readonly<Record<string, (stu3: JsonObject, r4: JsonObject) => JsonObject | null>> = {
  Account: dstu2Account,
  AllergyIntolerance: dstu2AllergyIntolerance,
  Bundle: dstu2Bundle,
  Condition: dstu2Condition,
  Coverage: dstu2Coverage,
  DiagnosticReport: dstu2DiagnosticReport,
  DocumentReference: dstu2DocumentReference,
  Encounter: dstu2Encounter,
  Immunization: dstu2Immunization,
  Medication: dstu2Medication,
  MedicationDispense: dstu2MedicationDispense,
  MedicationRequest: dstu2MedicationOrder,
  MedicationStatement: dstu2MedicationStatement,
  MessageHeader: dstu2MessageHeader,
  Observation: dstu2Observation,
  OperationOutcome: dstu2OperationOutcome,
  Patient: dstu2Patient,
  Procedure: dstu2Procedure,
  ProcedureRequest: dstu2DiagnosticOrder,
  Provenance: dstu2Provenance,
  Specimen: dstu2Specimen,
};

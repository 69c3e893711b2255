import type { SearchParameterEntry } from './definitions/definition-files.js';
import type { SearchKind } from './search-values.js';
import type { FhirVersion } from './version.js';

/** Parameters that every type has (DSTU2 defines all but `_source` too, without expressions). */
export const commonParameters: Readonly<Record<string, SearchParameterEntry>> = {
  _profile: { type: 'uri', expression: 'Resource.meta.profile' },
  _security: { type: 'token', expression: 'Resource.meta.security' },
  _tag: { type: 'token', expression: 'Resource.meta.tag' },
};

export const r4CommonParameters: Readonly<Record<string, SearchParameterEntry>> = {
  ...commonParameters,
  _source: { type: 'uri', expression: 'Resource.meta.source' },
};

/** Defined by FHIR, not served: they need a text index, a geographic one, or named queries. */
export const refusedParameters: ReadonlySet<string> = new Set([
  '_content',
  '_text',
  '_query',
  'near',
  'near-distance',
  'phonetic',
]);

/** A published expression that does not say what its parameter's description says. */
export const correctedExpressions: Readonly<Record<string, string>> = {
  'STU3 Patient.deceased': 'Patient.deceased.exists() and Patient.deceased != false',
  'DSTU2 Patient.deceased': 'Patient.deceased.exists() and Patient.deceased != false',
  'STU3 Condition.abatement-boolean': 'Condition.abatement.exists() and Condition.abatement != false',
  'R4 CapabilityStatement.fhirversion': 'CapabilityStatement.fhirVersion',
  'STU3 CapabilityStatement.fhirversion': 'CapabilityStatement.fhirVersion',
  'DSTU2 Conformance.fhirversion': 'Conformance.fhirVersion',
};

/** A parameter that we add to a version's own. `of` names the rendering its expression runs on. */
export interface AddedParameter extends SearchParameterEntry {
  readonly of: FhirVersion;
}

/** `patient` of Coverage on the old bases; DSTU2's Coverage shows no beneficiary, so R4's is asked. */
export const addedParameters: Readonly<
  Record<FhirVersion, Readonly<Record<string, Readonly<Record<string, AddedParameter>>>>>
> = {
  R4: {},
  STU3: {
    Coverage: { patient: { type: 'reference', expression: 'Coverage.beneficiary', target: ['Patient'], of: 'STU3' } },
  },
  DSTU2: {
    Coverage: {
      patient: { type: 'reference', expression: 'Coverage.beneficiary', target: ['Patient'], of: 'R4' },
      subscriber: { type: 'reference', expression: 'Coverage.subscriber', target: ['Patient'], of: 'DSTU2' },
    },
  },
};

/** Two parts that stand together in each element that `on` gives. */
export interface CompositeEntry {
  readonly on: string;
  readonly parts: readonly [
    readonly [expression: string, kind: SearchKind],
    readonly [expression: string, kind: SearchKind],
  ];
}

const concept = ['value as CodeableConcept', 'token'] as const;
const quantity = ['value as Quantity', 'quantity'] as const;
const text = ['value as string', 'string'] as const;
const date = ['(value as dateTime) | (value as Period)', 'date'] as const;
const code = ['code', 'token'] as const;
const own = 'Observation';
const component = 'Observation.component';
const both = 'Observation | Observation.component';

const codeValue: Readonly<Record<string, CompositeEntry>> = {
  'Observation.code-value-concept': { on: own, parts: [code, concept] },
  'Observation.code-value-date': { on: own, parts: [code, date] },
  'Observation.code-value-quantity': { on: own, parts: [code, quantity] },
  'Observation.code-value-string': { on: own, parts: [code, text] },
};

const comboCodeValue: Readonly<Record<string, CompositeEntry>> = {
  'Observation.combo-code-value-concept': { on: both, parts: [code, concept] },
  'Observation.combo-code-value-quantity': { on: both, parts: [code, quantity] },
  'Observation.component-code-value-concept': { on: component, parts: [code, concept] },
  'Observation.component-code-value-quantity': { on: component, parts: [code, quantity] },
};

const relatesTo: CompositeEntry = {
  on: 'DocumentReference.relatesTo',
  parts: [
    ['target', 'reference'],
    ['code', 'token'],
  ],
};
const related: CompositeEntry = {
  on: 'Observation.related',
  parts: [
    ['target', 'reference'],
    ['type', 'token'],
  ],
};
const useContext = 'CapabilityStatement.useContext';

/** The distilled definitions hold no components of composites; these are the standard's, by version and type. */
export const composites: Readonly<Record<FhirVersion, Readonly<Record<string, CompositeEntry>>>> = {
  R4: {
    ...codeValue,
    ...comboCodeValue,
    'DocumentReference.relationship': relatesTo,
    'CapabilityStatement.context-type-quantity': {
      on: useContext,
      parts: [code, ['(value as Quantity) | (value as Range)', 'quantity']],
    },
    'CapabilityStatement.context-type-value': { on: useContext, parts: [code, concept] },
  },
  STU3: {
    ...codeValue,
    ...comboCodeValue,
    'DocumentReference.relationship': relatesTo,
    'Observation.related': related,
  },
  DSTU2: {
    ...codeValue,
    'Observation.component-code-component-value-concept': { on: component, parts: [code, concept] },
    'Observation.component-code-component-value-quantity': { on: component, parts: [code, quantity] },
    'Observation.component-code-component-value-string': { on: component, parts: [code, text] },
    'Observation.related-target-related-type': related,
    'DocumentReference.relatesto-relation': relatesTo,
    'DiagnosticOrder.event-status-event-date': {
      on: 'DiagnosticOrder.event',
      parts: [
        ['status', 'token'],
        ['dateTime', 'date'],
      ],
    },
    'DiagnosticOrder.item-past-status-item-date': {
      on: 'DiagnosticOrder.item.event',
      parts: [
        ['status', 'token'],
        ['dateTime', 'date'],
      ],
    },
  },
};

/** The parameters by which a version's types are sorted as by their main date (sortDate), by the type's name there. */
export const mainDateParameters: Readonly<Record<FhirVersion, Readonly<Record<string, string>>>> = {
  R4: {
    Account: 'period',
    AllergyIntolerance: 'date',
    Condition: 'recorded-date',
    DiagnosticReport: 'date',
    DocumentReference: 'date',
    Encounter: 'date',
    Flag: 'date',
    Immunization: 'date',
    MedicationDispense: 'whenhandedover',
    MedicationRequest: 'authoredon',
    MedicationStatement: 'effective',
    Observation: 'date',
    PractitionerRole: 'date',
    Procedure: 'date',
    Provenance: 'recorded',
    ServiceRequest: 'authored',
    Specimen: 'collected',
  },
  STU3: {
    Account: 'period',
    AllergyIntolerance: 'date',
    Condition: 'asserted-date',
    DiagnosticReport: 'date',
    DocumentReference: 'indexed',
    Encounter: 'date',
    Flag: 'date',
    Immunization: 'date',
    MedicationDispense: 'whenhandedover',
    MedicationRequest: 'authoredon',
    MedicationStatement: 'effective',
    Observation: 'date',
    PractitionerRole: 'date',
    Procedure: 'date',
    ProcedureRequest: 'authored',
    Provenance: 'recorded',
    Specimen: 'collected',
  },
  DSTU2: {
    Account: 'period',
    AllergyIntolerance: 'date',
    Condition: 'date-recorded',
    DiagnosticReport: 'date',
    DocumentReference: 'indexed',
    Encounter: 'date',
    Flag: 'date',
    Immunization: 'date',
    MedicationDispense: 'whenhandedover',
    MedicationOrder: 'datewritten',
    MedicationStatement: 'effectivedate',
    Observation: 'date',
    Procedure: 'date',
    Specimen: 'collected',
  },
};

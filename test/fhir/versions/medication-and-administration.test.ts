import { absent, testRenderings } from './rendering.js';

const patient = { reference: 'Patient/1' };
const aspirin = { coding: [{ display: 'Aspirin' }], text: 'Aspirin' };
const order = { resourceType: 'MedicationRequest', subject: patient, medicationCodeableConcept: aspirin };
const statement = { resourceType: 'MedicationStatement', subject: patient, medicationCodeableConcept: aspirin };

testRenderings([
  {
    rule: 'MedicationRequest: agent, dose and rate; the order of DSTU2',
    r4: {
      ...order,
      id: '1',
      status: 'stopped',
      statusReason: { text: 'better' },
      intent: 'order',
      category: [{ text: 'a' }, { text: 'b' }],
      authoredOn: '2020-01-01',
      encounter: { reference: 'Encounter/1' },
      requester: { reference: 'Practitioner/1', display: 'Dr' },
      reasonCode: [{ text: 'pain' }],
      note: [{ text: 'one' }, { text: 'two' }],
      dosageInstruction: [
        {
          text: 'daily',
          additionalInstruction: [{ text: 'with food' }, { text: 'slowly' }],
          site: { text: 'arm' },
          timing: {
            repeat: { boundsPeriod: { end: '2020-02-01' }, period: 1, periodUnit: 'd', when: ['HS', 'NIGHT'] },
          },
          doseAndRate: [
            {
              type: { text: 't' },
              doseQuantity: { value: 1 },
              rateRatio: { numerator: { value: 2 }, denominator: { value: 1 } },
            },
            { doseQuantity: { value: 9 } },
          ],
        },
      ],
      substitution: { allowedBoolean: false },
    },
    stu3: {
      requester: { agent: { reference: 'Practitioner/1', display: 'Dr' } },
      context: { reference: 'Encounter/1' },
      category: { text: 'a' },
      authoredOn: '2020-01-01',
      substitution: { allowed: false },
      dosageInstruction: [
        {
          text: 'daily',
          additionalInstruction: [{ text: 'with food' }, { text: 'slowly' }],
          site: { text: 'arm' },
          timing: {
            repeat: { boundsPeriod: { end: '2020-02-01' }, period: 1, periodUnit: 'd', when: ['HS', 'NIGHT'] },
          },
          doseQuantity: { value: 1 },
          rateRatio: { numerator: { value: 2 }, denominator: { value: 1 } },
        },
      ],
    },
    dstu2: {
      resourceType: 'MedicationOrder',
      patient,
      dateWritten: '2020-01-01',
      dateEnded: '2020-02-01',
      reasonEnded: { text: 'better' },
      prescriber: { reference: 'Practitioner/1', display: 'Dr' },
      encounter: { reference: 'Encounter/1' },
      medicationCodeableConcept: aspirin,
      reasonCodeableConcept: { text: 'pain' },
      note: 'one\ntwo',
      intent: undefined,
      dosageInstruction: [
        {
          text: 'daily',
          additionalInstructions: { text: 'with food' },
          siteCodeableConcept: { text: 'arm' },
          timing: { repeat: { boundsPeriod: { end: '2020-02-01' }, period: 1, periodUnits: 'd', when: 'HS' } },
          doseQuantity: { value: 1 },
          rateRatio: { numerator: { value: 2 }, denominator: { value: 1 } },
        },
      ],
      substitution: {
        type: { coding: [{ system: 'http://hl7.org/fhir/v3/substanceAdminSubstitution', code: 'N', display: 'none' }] },
      },
    },
  },
  ...['filler-order', 'reflex-order', 'original-order', 'option'].map((intent) => ({
    rule: `MedicationRequest.intent ${intent} is an order`,
    r4: { ...order, status: 'active', intent },
    stu3: { intent: 'order' },
  })),
  ...[
    ['cancelled', 'stopped'],
    ['unknown', undefined],
    ['active', 'active'],
    ['on-hold', 'on-hold'],
  ].map(([status = '', shown]) => ({
    rule: `MedicationOrder.status of ${status}`,
    r4: { ...order, status, intent: 'order' },
    stu3: { status },
    dstu2: { status: shown },
  })),
  {
    rule: 'substitution: the concept that R4 names, read as a boolean and as its kind',
    r4: {
      ...order,
      status: 'active',
      intent: 'order',
      substitution: {
        allowedCodeableConcept: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-substanceAdminSubstitution', code: 'E' }],
        },
      },
    },
    stu3: { substitution: { allowed: true } },
    dstu2: {
      substitution: { type: { coding: [{ system: 'http://hl7.org/fhir/v3/substanceAdminSubstitution', code: 'E' }] } },
    },
  },
  ...(
    [
      ['N', undefined],
      ['1', false],
      ['G', true],
    ] as const
  ).map(([code, allowed]) => ({
    rule: `substitution status ${code} of HL7 table 0167`,
    r4: {
      ...order,
      status: 'active',
      intent: 'order',
      substitution: {
        allowedCodeableConcept: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0167', code }] },
      },
    },
    stu3: { substitution: allowed === undefined ? undefined : { allowed } },
  })),
  {
    rule: 'MedicationRequest: the product that the order describes is what is supplied in DSTU2',
    r4: { ...order, status: 'active', intent: 'order', supportingInformation: [{ reference: 'Medication/1' }] },
    stu3: { supportingInformation: [{ reference: 'Medication/1' }] },
    dstu2: {
      dispenseRequest: { medicationReference: { reference: 'Medication/1' } },
      supportingInformation: undefined,
    },
  },
  {
    rule: 'an order not to give a medication has no place before R4',
    r4: { ...order, status: 'active', intent: 'order', doNotPerform: true },
    stu3: null,
    dstu2: null,
  },
  {
    rule: 'a medication that the data lack is marked as a concept',
    r4: { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: patient },
    stu3: { medicationCodeableConcept: { ...absent, text: 'unknown' } },
    dstu2: { medicationCodeableConcept: { ...absent, text: 'unknown' } },
  },
  {
    rule: 'references follow the order to its old name',
    r4: {
      resourceType: 'MedicationDispense',
      status: 'completed',
      subject: patient,
      medicationCodeableConcept: aspirin,
      authorizingPrescription: [{ reference: 'MedicationRequest/1' }],
    },
    stu3: { authorizingPrescription: [{ reference: 'MedicationRequest/1' }] },
    dstu2: { authorizingPrescription: [{ reference: 'MedicationOrder/1' }], patient },
  },
  {
    rule: 'MedicationDispense: its product stands among what supports it, which DSTU2 names by an extension',
    r4: {
      resourceType: 'MedicationDispense',
      status: 'completed',
      subject: patient,
      medicationCodeableConcept: aspirin,
      extension: [{ url: 'urn:a', valueString: 'b' }],
      supportingInformation: [{ reference: 'Medication/1' }],
    },
    stu3: { supportingInformation: [{ reference: 'Medication/1' }] },
    dstu2: {
      supportingInformation: undefined,
      extension: [
        { url: 'urn:a', valueString: 'b' },
        {
          url: 'http://hl7.org/fhir/3.0/StructureDefinition/extension-MedicationDispense.supportingInformation',
          valueReference: { reference: 'Medication/1' },
        },
      ],
    },
  },
  ...[
    ['not-taken', 'completed', 'n', 'completed', true],
    ['unknown', 'completed', 'unk', 'completed', undefined],
  ].map(([status = '', stu3, taken, dstu2, wasNotTaken]) => ({
    rule: `MedicationStatement.status ${status}`,
    r4: { ...statement, status, reasonCode: [{ text: 'why' }] },
    stu3: { status: stu3, taken },
    dstu2: { status: dstu2, wasNotTaken, patient, subject: undefined },
  })),
  {
    rule: 'MedicationStatement: whether it was taken is not said in R4; reasons, dosage and what it is based on',
    r4: {
      ...statement,
      status: 'active',
      basedOn: [{ reference: 'MedicationRequest/1' }],
      reasonCode: [{ text: 'why' }],
      dosage: [{ text: 'daily', doseAndRate: [{ doseQuantity: { value: 1 } }] }],
    },
    stu3: {
      taken: 'unk',
      basedOn: [{ reference: 'MedicationRequest/1' }],
      dosage: [{ text: 'daily', doseQuantity: { value: 1 } }],
    },
    dstu2: {
      wasNotTaken: undefined,
      reasonForUseCodeableConcept: { text: 'why' },
      supportingInformation: [{ reference: 'MedicationOrder/1' }],
      dosage: [{ text: 'daily', quantityQuantity: { value: 1 } }],
    },
  },
  ...['on-hold', 'stopped'].map((status) => ({
    rule: `DSTU2 has no code for a statement that is ${status}`,
    r4: { ...statement, status },
    stu3: { status },
    dstu2: { status: undefined, _status: absent },
  })),
  {
    rule: 'Coverage: classes are grouping; DSTU2 issuer, plan, group, identifiers and the subscriber',
    r4: {
      resourceType: 'Coverage',
      status: 'active',
      type: { coding: [{ code: 'X' }], text: 'x' },
      beneficiary: patient,
      relationship: { coding: [{ code: 'self' }] },
      subscriberId: 'S1',
      payor: [{ reference: 'Organization/1', display: 'Payor' }, { reference: 'Organization/2' }],
      period: { start: '2020-01-01' },
      order: 2,
      network: 'N',
      class: [
        { type: { coding: [{ code: 'group' }] }, value: 'G', name: 'Group' },
        { type: { coding: [{ code: 'subgroup' }] }, value: 'SG' },
        { type: { coding: [{ code: 'plan' }] }, value: 'P', name: 'Plan' },
        { type: { coding: [{ code: 'subplan' }] }, value: 'SP', name: 'Subplan' },
        { type: { coding: [{ code: 'class' }] }, value: 'C' },
        { type: { coding: [{ code: 'rxbin' }] }, value: 'B' },
      ],
      costToBeneficiary: [{ valueQuantity: { value: 1 } }],
    },
    stu3: {
      grouping: {
        group: 'G',
        groupDisplay: 'Group',
        subGroup: 'SG',
        subGroupDisplay: 'SG',
        plan: 'P',
        planDisplay: 'Plan',
        subPlan: 'SP',
        subPlanDisplay: 'Subplan',
        class: 'C',
        classDisplay: 'C',
      },
      class: undefined,
      order: 2,
      subscriberId: 'S1',
      period: { start: '2020-01-01' },
      costToBeneficiary: undefined,
    },
    dstu2: {
      issuer: { reference: 'Organization/1', display: 'Payor' },
      plan: 'Plan',
      subPlan: 'Subplan',
      group: 'G',
      bin: { value: 'B' },
      subscriberId: { value: 'S1' },
      subscriber: patient,
      type: { code: 'X' },
      network: { value: 'N' },
      period: { start: '2020-01-01' },
      grouping: undefined,
      payor: undefined,
    },
  },
  {
    rule: 'a coverage of someone else names no patient as its subscriber',
    r4: {
      resourceType: 'Coverage',
      status: 'active',
      beneficiary: patient,
      relationship: { coding: [{ code: 'child' }] },
      payor: [{ display: 'Payor' }],
    },
    dstu2: { subscriber: undefined, issuer: { display: 'Payor' } },
  },
  {
    rule: 'Location: one type, no hours; DSTU2 knows no alias, operational status or endpoint',
    r4: {
      resourceType: 'Location',
      name: 'Ward',
      alias: ['W'],
      operationalStatus: { code: 'O' },
      type: [{ text: 'a' }, { text: 'b' }],
      hoursOfOperation: [{ allDay: true }],
      physicalType: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/location-physical-type', code: 'wa' }],
      },
    },
    stu3: {
      alias: ['W'],
      type: { text: 'a' },
      hoursOfOperation: undefined,
      physicalType: { coding: [{ system: 'http://hl7.org/fhir/location-physical-type', code: 'wa' }] },
    },
    dstu2: { name: 'Ward', alias: undefined, operationalStatus: undefined, type: { text: 'a' } },
  },
  {
    rule: 'Practitioner and RelatedPerson: one name in DSTU2, one relationship before R4',
    r4: {
      resourceType: 'RelatedPerson',
      patient,
      active: true,
      relationship: [{ text: 'a' }, { text: 'b' }],
      name: [{ family: 'A' }, { family: 'B' }],
    },
    stu3: { relationship: { text: 'a' }, name: [{ family: 'A' }, { family: 'B' }], active: true },
    dstu2: { relationship: { text: 'a' }, name: { family: ['A'] }, active: undefined },
  },
  {
    rule: 'Organization: one type in DSTU2',
    r4: { resourceType: 'Organization', name: 'O', type: [{ text: 'a' }, { text: 'b' }], alias: ['x'] },
    stu3: { type: [{ text: 'a' }, { text: 'b' }], alias: ['x'] },
    dstu2: { type: { text: 'a' }, alias: undefined },
  },
  {
    rule: 'Binary: data are content',
    r4: { resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA', securityContext: patient },
    stu3: { content: 'AAAA', data: undefined, securityContext: patient },
    dstu2: { content: 'AAAA', contentType: 'text/plain', securityContext: undefined },
  },
  {
    rule: 'Account: periods and statuses by their old names',
    r4: { resourceType: 'Account', status: 'on-hold', subject: [patient], servicePeriod: { start: '2020-01-01' } },
    stu3: { status: 'active', subject: patient, period: { start: '2020-01-01' } },
    dstu2: { status: 'active', coveragePeriod: { start: '2020-01-01' } },
  },
  {
    rule: 'DocumentReference: class, time of indexing, status as a concept',
    r4: {
      resourceType: 'DocumentReference',
      status: 'current',
      docStatus: 'final',
      category: [{ text: 'c' }],
      date: '2020-01-01T00:00:00Z',
      content: [{ attachment: { url: 'Binary/1' }, format: { code: 'f' } }],
      context: { encounter: [{ reference: 'Encounter/1' }], related: [{ reference: 'Patient/1' }] },
    },
    stu3: {
      class: { text: 'c' },
      indexed: '2020-01-01T00:00:00Z',
      docStatus: 'final',
      type: { ...absent, text: 'unknown' },
      context: { encounter: { reference: 'Encounter/1' }, related: [{ ref: { reference: 'Patient/1' } }] },
    },
    dstu2: {
      docStatus: { coding: [{ system: 'http://hl7.org/fhir/composition-status', code: 'final' }] },
      content: [{ attachment: { url: 'Binary/1' }, format: [{ code: 'f' }] }],
    },
  },
  {
    rule: 'Medication: batch in the package, in DSTU2 in the product',
    r4: {
      resourceType: 'Medication',
      code: aspirin,
      form: { text: 'tablet' },
      batch: { lotNumber: '1' },
      ingredient: [
        { itemCodeableConcept: { text: 'i' }, strength: { numerator: { value: 1 }, denominator: { value: 1 } } },
      ],
    },
    stu3: {
      package: { batch: [{ lotNumber: '1' }] },
      ingredient: [
        { itemCodeableConcept: { text: 'i' }, amount: { numerator: { value: 1 }, denominator: { value: 1 } } },
      ],
    },
    dstu2: {
      form: undefined,
      package: undefined,
      product: {
        form: { text: 'tablet' },
        batch: [{ lotNumber: '1' }],
        ingredient: [{ item: { display: 'i' }, amount: { numerator: { value: 1 }, denominator: { value: 1 } } }],
      },
    },
  },
  {
    rule: 'Provenance: a period without length, agents and entities',
    r4: {
      resourceType: 'Provenance',
      target: [{ reference: 'MedicationRequest/1' }],
      occurredDateTime: '2020-01-01',
      recorded: '2020-01-01T00:00:00Z',
      agent: [{ type: { coding: [{ code: 'author' }] }, who: { display: 'LAB' } }],
      entity: [{ role: 'source', what: { reference: 'MessageHeader/1' } }],
    },
    stu3: {
      period: { start: '2020-01-01', end: '2020-01-01' },
      agent: [{ role: [{ coding: [{ code: 'author' }] }], whoReference: { display: 'LAB' } }],
      entity: [{ role: 'source', whatReference: { reference: 'MessageHeader/1' } }],
    },
    dstu2: {
      target: [{ reference: 'MedicationOrder/1' }],
      agent: [{ role: { code: 'author' }, actor: { display: 'LAB' } }],
      entity: [
        {
          role: 'source',
          type: { system: 'http://hl7.org/fhir/resource-types', code: 'MessageHeader' },
          reference: 'MessageHeader/1',
        },
      ],
    },
  },
  {
    rule: 'MessageHeader: event, receiver, data',
    r4: {
      resourceType: 'MessageHeader',
      eventCoding: { system: 'http://terminology.hl7.org/CodeSystem/v2-0003', code: 'A01' },
      source: { endpoint: 'urn:x' },
      destination: [{ endpoint: 'urn:y', receiver: { reference: 'Organization/1' } }],
      focus: [patient],
    },
    stu3: {
      event: { system: 'http://hl7.org/fhir/v2/0003', code: 'A01' },
      receiver: { reference: 'Organization/1' },
      _timestamp: absent,
      focus: [patient],
    },
    dstu2: { data: [patient], focus: undefined },
  },
]);

import { absent, testRenderings } from './rendering.js';

const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const oldV2 = 'http://hl7.org/fhir/v2/0203';

testRenderings([
  {
    rule: 'a period that ends before it begins keeps its beginning',
    r4: {
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'IMP' },
      period: { start: '2021-08-17T15:19:43.4+02:00', end: '2015-02-09T11:34:19+01:10' },
      location: [{ location: { display: 'Ward' }, period: { start: '2021-08-17T15:19:43Z', end: '2021-08-17' } }],
    },
    stu3: {
      period: { start: '2021-08-17T15:19:43.4+02:00' },
      location: [{ location: { display: 'Ward' }, period: { start: '2021-08-17T15:19:43Z', end: '2021-08-17' } }],
    },
  },
  {
    rule: 'code system URIs go by their old names, in extensions too; meta.source is left out',
    r4: {
      resourceType: 'Patient',
      meta: {
        source: 'urn:wardline:message:1',
        versionId: '2',
        tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason' }],
      },
      identifier: [{ type: { coding: [{ system: v2, code: 'MR' }] }, value: '1' }],
      extension: [
        {
          url: 'http://example.org/a',
          valueCoding: { system: 'http://terminology.hl7.org/CodeSystem/observation-category' },
        },
      ],
    },
    stu3: {
      meta: { versionId: '2', tag: [{ system: 'http://hl7.org/fhir/v3/ActReason' }] },
      identifier: [{ type: { coding: [{ system: oldV2, code: 'MR' }] }, value: '1' }],
      extension: [{ url: 'http://example.org/a', valueCoding: { system: 'http://hl7.org/fhir/observation-category' } }],
    },
    dstu2: {
      meta: { versionId: '2', tag: [{ system: 'http://hl7.org/fhir/v3/ActReason' }] },
      identifier: [{ type: { coding: [{ system: oldV2, code: 'MR' }] }, value: '1' }],
    },
  },
  {
    rule: 'Identifier.use old and Address.use billing are dropped',
    r4: {
      resourceType: 'Patient',
      identifier: [
        { use: 'old', value: '1' },
        { use: 'usual', value: '2' },
      ],
      address: [
        { use: 'billing', city: 'X' },
        { use: 'home', city: 'Y' },
      ],
    },
    stu3: {
      identifier: [{ value: '1' }, { use: 'usual', value: '2' }],
      address: [{ city: 'X' }, { use: 'home', city: 'Y' }],
    },
    dstu2: {
      identifier: [{ value: '1' }, { use: 'usual', value: '2' }],
      address: [{ city: 'X' }, { use: 'home', city: 'Y' }],
    },
  },
  {
    rule: 'DSTU2: sms and url become other; family becomes a list and keeps its extensions beside it',
    r4: {
      resourceType: 'Patient',
      telecom: [
        { system: 'sms', value: '1' },
        { system: 'url', value: '2' },
        { system: 'phone', value: '3' },
      ],
      name: [{ family: 'Chau', _family: { id: 'f' }, given: ['A'] }],
    },
    stu3: {
      telecom: [
        { system: 'sms', value: '1' },
        { system: 'url', value: '2' },
        { system: 'phone', value: '3' },
      ],
    },
    dstu2: {
      telecom: [
        { system: 'other', value: '1' },
        { system: 'other', value: '2' },
        { system: 'phone', value: '3' },
      ],
      name: [{ family: ['Chau'], _family: [{ id: 'f' }], given: ['A'] }],
    },
  },
  {
    rule: 'birth times stay where they are',
    r4: {
      resourceType: 'Patient',
      birthDate: '2000-01-02',
      _birthDate: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '2000-01-02T03:04:00Z' },
        ],
      },
    },
    dstu2: {
      birthDate: '2000-01-02',
      _birthDate: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '2000-01-02T03:04:00Z' },
        ],
      },
    },
  },
  {
    rule: 'DSTU2 Patient: careProvider; link replaces is replace, replaced-by goes and leaves the patient inactive',
    r4: {
      resourceType: 'Patient',
      generalPractitioner: [{ reference: 'Practitioner/1', display: 'Dr. One' }],
      link: [
        { other: { reference: 'Patient/2' }, type: 'replaces' },
        { other: { reference: 'Patient/3' }, type: 'replaced-by' },
      ],
    },
    stu3: { generalPractitioner: [{ reference: 'Practitioner/1', display: 'Dr. One' }], active: undefined },
    dstu2: {
      generalPractitioner: undefined,
      careProvider: [{ reference: 'Practitioner/1', display: 'Dr. One' }],
      link: [{ other: { reference: 'Patient/2' }, type: 'replace' }],
      active: false,
    },
  },
  {
    rule: 'a reference to a type that may not stand there keeps its display, or goes',
    r4: {
      resourceType: 'Patient',
      generalPractitioner: [
        { reference: 'PractitionerRole/1', display: 'Dr. One' },
        { reference: 'PractitionerRole/2' },
      ],
      managingOrganization: { reference: 'Organization/1', type: 'Organization' },
    },
    stu3: { generalPractitioner: [{ display: 'Dr. One' }], managingOrganization: { reference: 'Organization/1' } },
    dstu2: { careProvider: [{ display: 'Dr. One' }], managingOrganization: { reference: 'Organization/1' } },
  },
  {
    rule: 'DSTU2 marital status is bound: unmarried by its own system, a status it does not know is dropped',
    r4: {
      resourceType: 'Patient',
      maritalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'U' }] },
    },
    stu3: { maritalStatus: { coding: [{ system: 'http://hl7.org/fhir/v3/MaritalStatus', code: 'U' }] } },
    dstu2: { maritalStatus: { coding: [{ system: 'http://hl7.org/fhir/marital-status', code: 'U' }] } },
  },
  {
    rule: 'DSTU2 has no code for a common-law marriage: its words stay',
    r4: {
      resourceType: 'Patient',
      maritalStatus: {
        text: 'Common Law',
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'C' }],
      },
    },
    dstu2: { maritalStatus: { ...absent, text: 'Common Law' } },
  },
  {
    rule: 'Encounter: reason, diagnosis role, referral; DSTU2 patient and indication',
    r4: {
      resourceType: 'Encounter',
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OBSENC' },
      subject: { reference: 'Patient/1' },
      reasonCode: [{ text: 'pain' }],
      basedOn: [{ reference: 'ServiceRequest/1', display: 'referral' }],
      diagnosis: [{ condition: { reference: 'Condition/1' }, use: { text: 'admission' } }],
      location: [{ location: { reference: 'Location/1', display: 'Ward' }, physicalType: { text: 'bed' } }],
    },
    stu3: {
      class: { system: 'http://hl7.org/fhir/v3/ActCode', code: 'OBSENC' },
      reason: [{ text: 'pain' }],
      reasonCode: undefined,
      incomingReferral: [{ display: 'referral' }],
      diagnosis: [{ condition: { reference: 'Condition/1' }, role: { text: 'admission' } }],
      location: [{ location: { reference: 'Location/1', display: 'Ward' } }],
    },
    dstu2: {
      class: 'other',
      subject: undefined,
      patient: { reference: 'Patient/1' },
      reason: [{ text: 'pain' }],
      diagnosis: undefined,
      indication: [{ reference: 'Condition/1' }],
    },
  },
  ...Object.entries({
    IMP: 'inpatient',
    ACUTE: 'inpatient',
    NONAC: 'inpatient',
    AMB: 'ambulatory',
    EMER: 'emergency',
    HH: 'home',
    FLD: 'field',
    SS: 'daytime',
    VR: 'virtual',
    OBSENC: 'other',
    PRENC: 'other',
    LOCAL: 'other',
  }).map(([code, shown]) => ({
    rule: `DSTU2 Encounter.class ${code} is ${shown}`,
    r4: { resourceType: 'Encounter', status: 'planned', class: { code } },
    dstu2: { class: shown, status: 'planned' },
  })),
  {
    rule: 'DSTU2 Encounter.status: triaged is arrived, in the history too',
    r4: {
      resourceType: 'Encounter',
      status: 'triaged',
      class: { code: 'EMER' },
      statusHistory: [
        { status: 'unknown', period: { start: '2020-01-01', end: '2020-01-02' } },
        { status: 'entered-in-error', period: { start: '2020-01-02' } },
      ],
    },
    stu3: { status: 'triaged' },
    dstu2: {
      status: 'arrived',
      statusHistory: [{ status: 'finished', period: { start: '2020-01-01', end: '2020-01-02' } }],
    },
  },
  {
    rule: 'DSTU2 Encounter.status: unknown is finished with an end',
    r4: { resourceType: 'Encounter', status: 'unknown', period: { end: '2020-01-01' } },
    stu3: { status: 'unknown' },
    dstu2: { status: 'finished' },
  },
  {
    rule: 'DSTU2 Encounter.status: unknown is in-progress without an end',
    r4: { resourceType: 'Encounter', status: 'unknown', period: { start: '2020-01-01' } },
    dstu2: { status: 'in-progress' },
  },
  {
    rule: 'an encounter entered in error has no place in DSTU2',
    r4: { resourceType: 'Encounter', status: 'entered-in-error' },
    stu3: { status: 'entered-in-error' },
    dstu2: null,
  },
  {
    rule: 'Observation: context, first interpretation, comment, related, category',
    r4: {
      resourceType: 'Observation',
      status: 'corrected',
      category: [{ text: 'a' }, { text: 'b' }],
      code: { text: 'c' },
      encounter: { reference: 'Encounter/1' },
      interpretation: [{ text: 'H' }, { text: 'A' }],
      note: [{ text: 'one' }, { text: 'two' }],
      hasMember: [{ reference: 'Observation/2' }],
      derivedFrom: [{ reference: 'Observation/3' }, { reference: 'Media/1' }],
      component: [{ code: { text: 'd' }, interpretation: [{ text: 'L' }], valueInteger: 3 }],
      referenceRange: [{ text: 'r', type: { text: 'normal' } }],
    },
    stu3: {
      status: 'corrected',
      category: [{ text: 'a' }, { text: 'b' }],
      context: { reference: 'Encounter/1' },
      encounter: undefined,
      interpretation: { text: 'H' },
      note: undefined,
      comment: 'one\ntwo',
      related: [
        { type: 'has-member', target: { reference: 'Observation/2' } },
        { type: 'derived-from', target: { reference: 'Observation/3' } },
      ],
      component: [{ code: { text: 'd' }, interpretation: { text: 'L' }, valueQuantity: { value: 3 } }],
      referenceRange: [{ text: 'r', type: { text: 'normal' } }],
    },
    dstu2: {
      status: 'amended',
      category: { text: 'a' },
      context: undefined,
      encounter: { reference: 'Encounter/1' },
      comment: undefined,
      comments: 'one\ntwo',
      component: [{ code: { text: 'd' }, valueQuantity: { value: 3 } }],
      referenceRange: [{ text: 'r', meaning: { text: 'normal' } }],
    },
  },
  {
    rule: 'DSTU2 has room for one category: vital signs come before another',
    r4: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'c' },
      category: [
        { text: 'site' },
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
    },
    dstu2: { category: { coding: [{ system: 'http://hl7.org/fhir/observation-category', code: 'vital-signs' }] } },
  },
  {
    rule: 'Observation.valueInteger becomes a quantity',
    r4: { resourceType: 'Observation', status: 'final', code: { text: 'c' }, valueInteger: 7 },
    stu3: { valueInteger: undefined, valueQuantity: { value: 7 } },
    dstu2: { valueInteger: undefined, valueQuantity: { value: 7 } },
  },
  {
    rule: 'a value beside a component of the same code becomes a component in STU3, where codes in words are compared too',
    r4: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'c' },
      valueQuantity: { value: 2 },
      component: [{ code: { text: 'c' }, valueQuantity: { value: 3 } }],
    },
    stu3: {
      valueQuantity: undefined,
      component: [
        { code: { text: 'c' }, valueQuantity: { value: 2 } },
        { code: { text: 'c' }, valueQuantity: { value: 3 } },
      ],
    },
  },
  {
    rule: 'a component has no coding of its observation in DSTU2',
    r4: {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
      component: [
        {
          code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
          valueQuantity: { value: 60 },
        },
      ],
    },
    dstu2: { component: [{ code: { text: 'Heart rate' }, valueQuantity: { value: 60 } }] },
  },
  {
    rule: 'Observation.valueBoolean is a concept in DSTU2',
    r4: { resourceType: 'Observation', status: 'final', code: { text: 'c' }, valueBoolean: false },
    stu3: { valueBoolean: false },
    dstu2: {
      valueBoolean: undefined,
      valueCodeableConcept: {
        coding: [{ system: 'http://hl7.org/fhir/v2/0136', code: 'N', display: 'No' }],
        text: 'No',
      },
    },
  },
  {
    rule: 'Observation.effective is a date-time or a period in old versions: an instant',
    r4: { resourceType: 'Observation', status: 'final', code: { text: 'c' }, effectiveInstant: '2020-01-01T00:00:00Z' },
    stu3: { effectiveInstant: undefined, effectiveDateTime: '2020-01-01T00:00:00Z' },
    dstu2: { effectiveDateTime: '2020-01-01T00:00:00Z' },
  },
  {
    rule: 'Observation.effective is a date-time or a period in old versions: a timing',
    r4: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'c' },
      effectiveTiming: { repeat: { boundsPeriod: { start: '2020-01-01' } } },
    },
    stu3: { effectiveTiming: undefined, effectivePeriod: { start: '2020-01-01' } },
  },
  {
    rule: 'required elements that the data lack say so',
    r4: { resourceType: 'Observation', component: [{ valueString: 'x' }] },
    stu3: { _status: absent, code: { ...absent, text: 'unknown' } },
    dstu2: {
      _status: absent,
      code: { ...absent, text: 'unknown' },
      component: [{ valueString: 'x', code: { ...absent, text: 'unknown' } }],
    },
  },
  {
    rule: 'a practitioner role has no place in DSTU2',
    r4: { resourceType: 'PractitionerRole', practitioner: { reference: 'Practitioner/1' } },
    stu3: { practitioner: { reference: 'Practitioner/1' } },
    dstu2: null,
  },
]);

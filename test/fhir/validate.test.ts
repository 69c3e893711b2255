import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { extractSearchValues } from '../../src/fhir/extract-search-values.js';
import { invariantsNotEvaluated } from '../../src/fhir/invariants.js';
import { validateResource } from '../../src/fhir/validate.js';
import type { FhirVersion } from '../../src/fhir/version.js';

const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp; B<br/></p></div>';
const unknown = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' };
const absent = { extension: [unknown] };

const valid: [string, FhirVersion, JsonObject][] = [
  [
    'a patient',
    'R4',
    {
      resourceType: 'Patient',
      id: 'a-1.B',
      meta: { lastUpdated: '2020-01-01T10:00:00.000+02:00', source: 'urn:x' },
      text: { status: 'generated', div },
      identifier: [{ use: 'usual', system: 'urn:oid:1.2.3', value: '1' }],
      name: [{ family: 'F', given: ['G', 'H'] }],
      gender: 'female',
      birthDate: '1970-02-28',
      _birthDate: { extension: [{ url: 'http://x', valueDateTime: '1970-02-28T01:02:03Z' }] },
      deceasedBoolean: false,
      contact: [{ name: { family: 'C' } }],
    },
  ],
  [
    'nulls beside extensions',
    'R4',
    { resourceType: 'Patient', name: [{ given: ['A', null], _given: [null, absent] }] },
  ],
  [
    'a required element by its extension alone',
    'STU3',
    {
      resourceType: 'AllergyIntolerance',
      _verificationStatus: absent,
      clinicalStatus: 'active',
      patient: { reference: 'Patient/1' },
    },
  ],
  [
    'a required concept with a reason',
    'R4',
    { resourceType: 'Observation', status: 'final', code: { extension: [unknown], text: 'unknown' } },
  ],
  [
    'an STU3 observation',
    'STU3',
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      context: { reference: 'Encounter/1' },
      valueQuantity: { value: 1.5, unit: 'mg' },
    },
  ],
  [
    'a DSTU2 observation',
    'DSTU2',
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      encounter: { reference: 'Encounter/1' },
      comments: 'c',
    },
  ],
  ['a DSTU2 name', 'DSTU2', { resourceType: 'Patient', name: [{ family: ['A', 'B'], given: ['C'] }] }],
  [
    'a DSTU2 order',
    'DSTU2',
    {
      resourceType: 'MedicationOrder',
      status: 'stopped',
      medicationCodeableConcept: { text: 'm' },
      patient: { reference: 'Patient/1' },
    },
  ],
  [
    'a searchset',
    'R4',
    {
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [{ relation: 'self', url: 'http://x' }],
      entry: [
        { fullUrl: 'http://x/Patient/1', resource: { resourceType: 'Patient', id: '1' }, search: { mode: 'match' } },
      ],
    },
  ],
  [
    'a contained resource',
    'R4',
    {
      resourceType: 'Patient',
      contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
      managingOrganization: { reference: '#o' },
    },
  ],
  ['a large document', 'R4', { resourceType: 'Binary', contentType: 'application/pdf', data: 'QUJD'.repeat(500_000) }],
  ['base64 in lines', 'R4', { resourceType: 'Binary', contentType: 'text/plain', data: 'QUJD\r\nQQ==\n' }],
  ['a leap day', 'R4', { resourceType: 'Patient', birthDate: '2000-02-29' }],
  ['a foreign reference', 'R4', { resourceType: 'Patient', managingOrganization: { reference: 'urn:uuid:1' } }],
  [
    'component with its reference range',
    'R4',
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      component: [{ code: { text: 'y' }, referenceRange: [{ text: '1-2' }] }],
    },
  ],
  ['an outcome', 'DSTU2', { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] }],
  [
    'parameters',
    'R4',
    { resourceType: 'Parameters', parameter: [{ name: 'a', part: [{ name: 'b', valueString: 'c' }] }] },
  ],
];
for (const version of ['R4', 'STU3', 'DSTU2'] as const) {
  test(`${version}: contained resources may speak of each other`, () => {
    const contained = [
      { resourceType: 'Organization', id: 'a', name: 'A' },
      { resourceType: 'Organization', id: 'b', name: 'B', partOf: { reference: '#a' } },
    ];
    const whole = { resourceType: 'Patient', contained, managingOrganization: { reference: '#b' } };
    assert.deepEqual(validateResource(version, whole), []);
  });
}

for (const [name, version, resource] of valid) {
  test(`${version}: ${name} is valid`, () => assert.deepEqual(validateResource(version, resource), []));
}

const patient = (more: JsonObject): JsonObject => ({ resourceType: 'Patient', ...more });
const observation = (more: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...more,
});
const narrative = (text: string): JsonObject => patient({ text: { status: 'generated', div: text } });

const invalid: [string, FhirVersion, Json, string, string][] = [
  ['no object', 'R4', 'x', '$', 'structure'],
  ['no type', 'R4', {}, 'Resource', 'required'],
  ['a type of another version', 'DSTU2', { resourceType: 'ServiceRequest' }, 'Resource', 'not-found'],
  ['an unknown element', 'R4', patient({ nickname: 'x' }), 'Patient.nickname', 'structure'],
  ['a name that is no name', 'R4', patient({ 'x y': 1 }), 'Patient.?', 'structure'],
  ['a prototype name', 'R4', patient({ constructor: 'x' }), 'Patient.constructor', 'structure'],
  [
    'an element of another version',
    'DSTU2',
    patient({ generalPractitioner: [] }),
    'Patient.generalPractitioner',
    'structure',
  ],
  ['extensions beside an object', 'R4', patient({ _name: [{}] }), 'Patient._name', 'structure'],
  ['an array for one', 'R4', patient({ gender: ['male'] }), 'Patient.gender', 'structure'],
  ['one for an array', 'R4', patient({ name: { family: 'x' } }), 'Patient.name', 'structure'],
  ['one family for DSTU2', 'DSTU2', patient({ name: [{ family: 'x' }] }), 'Patient.name[0].family', 'structure'],
  ['an empty array', 'R4', patient({ name: [] }), 'Patient.name', 'structure'],
  ['an empty object', 'R4', patient({ name: [{}] }), 'Patient.name[0]', 'structure'],
  ['an empty string', 'R4', patient({ name: [{ family: '' }] }), 'Patient.name[0].family', 'value'],
  ['spaces alone', 'R4', patient({ name: [{ family: ' ' }] }), 'Patient.name[0].family', 'value'],
  ['null in an array', 'R4', patient({ name: [{ given: [null, 'A'] }] }), 'Patient.name[0].given[0]', 'value'],
  [
    'null on both sides',
    'R4',
    patient({ name: [{ given: [null], _given: [null] }] }),
    'Patient.name[0].given[0]',
    'structure',
  ],
  ['a string for an object', 'R4', patient({ maritalStatus: 'M' }), 'Patient.maritalStatus', 'structure'],
  ['a number for a string', 'R4', patient({ name: [{ family: 1 }] }), 'Patient.name[0].family', 'value'],
  ['a string for a boolean', 'R4', patient({ active: 'true' }), 'Patient.active', 'value'],
  [
    'a string for a number',
    'R4',
    observation({ valueQuantity: { value: '1' } }),
    'Observation.valueQuantity.value',
    'value',
  ],
  ['a fraction for an integer', 'R4', observation({ valueInteger: 1.5 }), 'Observation.valueInteger', 'value'],
  [
    'two types of one choice',
    'R4',
    observation({ valueString: 'x', valueBoolean: true }),
    'Observation.value[x]',
    'structure',
  ],
  ['a type that the choice lacks', 'STU3', observation({ valueInteger: 1 }), 'Observation.valueInteger', 'structure'],
  ['a missing element', 'R4', { resourceType: 'Observation', status: 'final' }, 'Observation.code', 'required'],
  [
    'a missing choice',
    'DSTU2',
    {
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/1' },
      issued: '2020-01-01T00:00:00Z',
      performer: { display: 'x' },
    },
    'DiagnosticReport.effective[x]',
    'required',
  ],
  ['a wrong code', 'R4', patient({ gender: 'M' }), 'Patient.gender', 'code-invalid'],
  [
    'a wrong coding',
    'R4',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/1' },
      clinicalStatus: { coding: [{ system: 'http://x', code: 'active' }] },
    },
    'Condition.clinicalStatus',
    'code-invalid',
  ],
  [
    'a code of another version',
    'DSTU2',
    { resourceType: 'MedicationOrder', status: 'cancelled', medicationCodeableConcept: { text: 'm' } },
    'MedicationOrder.status',
    'code-invalid',
  ],
  ['a day that is none', 'R4', patient({ birthDate: '2021-02-29' }), 'Patient.birthDate', 'value'],
  ['a day zero in DSTU2', 'DSTU2', patient({ birthDate: '2021-02-00' }), 'Patient.birthDate', 'value'],
  ['a time for a date', 'R4', patient({ birthDate: '2021-02-01T10:00:00Z' }), 'Patient.birthDate', 'value'],
  [
    'a time without zone',
    'R4',
    patient({ deceasedDateTime: '2021-02-01T10:00:00' }),
    'Patient.deceasedDateTime',
    'value',
  ],
  [
    'a time without seconds',
    'R4',
    patient({ deceasedDateTime: '2021-02-01T10:00Z' }),
    'Patient.deceasedDateTime',
    'value',
  ],
  [
    'an instant without time',
    'DSTU2',
    patient({ meta: { lastUpdated: '2020-01-01' } }),
    'Patient.meta.lastUpdated',
    'value',
  ],
  [
    'base64 with padding inside',
    'R4',
    { resourceType: 'Binary', contentType: 'text/plain', data: 'QQ==QUJD' },
    'Binary.data',
    'value',
  ],
  [
    'base64 cut short',
    'R4',
    { resourceType: 'Binary', contentType: 'text/plain', data: 'QUJ' },
    'Binary.data',
    'value',
  ],
  ['a code with two spaces', 'STU3', patient({ gender: `${'x'.repeat(5000)}  x` }), 'Patient.gender', 'value'],
  ['an id with a slash', 'R4', patient({ id: 'a/b' }), 'Patient.id', 'value'],
  ['a wrong target', 'R4', observation({ subject: { reference: 'Organization/1' } }), 'Observation.subject', 'value'],
  [
    'a wrong contained target',
    'R4',
    observation({ contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }], subject: { reference: '#o' } }),
    'Observation.subject',
    'value',
  ],
  [
    'nothing contained under the name',
    'R4',
    observation({ subject: { reference: '#o' } }),
    'Observation.subject',
    'invariant',
  ],
  [
    'an end before the start',
    'R4',
    {
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'IMP' },
      period: { start: '2020-01-02', end: '2020-01-01' },
    },
    'Encounter.period',
    'invariant',
  ],
  [
    'an end before the start in DSTU2',
    'DSTU2',
    { resourceType: 'Encounter', status: 'finished', period: { start: '2020-01-02', end: '2020-01-01' } },
    'Encounter.period',
    'invariant',
  ],
  [
    'a value beside a reason for none',
    'R4',
    observation({ valueString: 'x', dataAbsentReason: { text: 'y' } }),
    'Observation',
    'invariant',
  ],
  ['an organization of nothing', 'R4', { resourceType: 'Organization', active: true }, 'Organization', 'invariant'],
  [
    'a home phone of an organization',
    'R4',
    { resourceType: 'Organization', name: 'O', telecom: [{ system: 'phone', value: '1', use: 'home' }] },
    'Organization.telecom[0]',
    'invariant',
  ],
  [
    'an allergy without clinical status',
    'STU3',
    { resourceType: 'AllergyIntolerance', verificationStatus: 'confirmed', patient: { reference: 'Patient/1' } },
    'AllergyIntolerance',
    'invariant',
  ],
  [
    'a fault inside a bundle',
    'STU3',
    { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: patient({ gender: 'x' }) }] },
    'Bundle.entry[0].resource.gender',
    'code-invalid',
  ],
  ['a total on a collection', 'R4', { resourceType: 'Bundle', type: 'collection', total: 1 }, 'Bundle', 'invariant'],
  [
    'a contained resource without id',
    'R4',
    patient({ contained: [{ resourceType: 'Organization', name: 'O' }] }),
    'Patient.contained[0].id',
    'required',
  ],
  [
    'an extension without url',
    'R4',
    patient({ extension: [{ valueString: 'x' }] }),
    'Patient.extension[0].url',
    'required',
  ],
  ['a narrative of another namespace', 'R4', narrative('<div><p>x</p></div>'), 'Patient.text.div', 'value'],
  [
    'a narrative with crossed tags',
    'R4',
    narrative(div.replace('</p></div>', '</div></p>')),
    'Patient.text.div',
    'value',
  ],
  ['a narrative with a script', 'R4', narrative(div.replace('A', '<script>x</script>')), 'Patient.text.div', 'value'],
  ['a narrative with a handler', 'R4', narrative(div.replace('<p>', '<p onclick="x()">')), 'Patient.text.div', 'value'],
  ['a narrative with a bare ampersand', 'R4', narrative(div.replace('&amp;', '&')), 'Patient.text.div', 'value'],
  [
    'an empty narrative',
    'R4',
    narrative('<div xmlns="http://www.w3.org/1999/xhtml"> </div>'),
    'Patient.text.div',
    'value',
  ],
];
for (const [name, version, resource, path, code] of invalid) {
  test(`${version}: ${name} is refused at ${path}`, () => {
    const issues = validateResource(version, resource);
    assert.ok(
      issues.some((issue) => issue.path === path && issue.code === code),
      JSON.stringify(issues),
    );
  });
}

test('issues never repeat a value', () => {
  const secret = 'Ramsbottom';
  const resource = patient({
    gender: secret,
    birthDate: secret,
    name: secret,
    [`${secret} `]: secret,
    active: secret,
    id: `${secret}/`,
  });
  const issues = validateResource('R4', resource);
  assert.ok(issues.length >= 6);
  assert.ok(!JSON.stringify(issues).includes(secret));
});

test('nothing that stands anywhere in a resource makes validation or extraction throw', () => {
  const samples = fc.constantFrom(...valid.map(([, version, resource]) => [version, resource] as const));
  fc.assert(
    fc.property(samples, fc.nat(40), fc.jsonValue({ maxDepth: 2 }), ([version, resource], place, junk) => {
      let at = 0;
      const text = JSON.stringify(resource, (_key, value) => (at++ === place + 1 ? junk : value));
      const broken = JSON.parse(text) as Json;
      validateResource(version, broken);
      if (isJsonObject(broken)) extractSearchValues({ [version]: broken });
    }),
    { numRuns: 2000 },
  );
});

test('nesting without end is refused, not followed', () => {
  let inner: JsonObject = { url: 'http://x', valueString: 'x' };
  for (let at = 0; at < 5000; at++) inner = { url: 'http://x', extension: [inner] };
  assert.ok(validateResource('R4', patient({ extension: [inner] })).length > 0);
});

test('the invariants that are not evaluated are these', () => {
  assert.deepEqual(invariantsNotEvaluated('R4'), []);
  // mps-1 asks what a reference resolves to.
  assert.deepEqual(invariantsNotEvaluated('STU3'), ['mps-1']);
  assert.deepEqual(invariantsNotEvaluated('DSTU2'), [
    'bdl-6',
    'bdl-7',
    'cnf-13',
    'cnf-15',
    'cnf-7',
    'inv-2',
    'obs-7',
    'tim-3',
  ]);
});

/** The Patients app's requests and what must come back, line by line; on R4 the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { north } from '../auth/open-auth.js';
import { type Answer, type Facade, openFacade, writeResources } from './open-facade.js';
import { ids } from './sample-resources.js';

const oldVersions = ['STU3', 'DSTU2'] as const;

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
function matches(answer: Answer): any[] {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.type, 'searchset');
  assert.equal(typeof answer.body.total, 'number');
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  const entries: any[] = answer.body.entry ?? [];
  return entries.filter((entry) => entry.search.mode === 'match').map((entry) => entry.resource);
}

test('Patient: every search that the app sends finds her, in any case of the names', async (t) => {
  const facade = await openFacade(t);
  const searches: [body: string, query?: string][] = [
    [`id=${ids.anna}`],
    [`_id=${ids.anna}`],
    ['family=chau&_count=5'],
    ['family:contains=chau&given=ann'],
    ['family=MULLER'],
    ['Family=müller-chaudhary&Given=anna&BirthDate=1970-03-05&gender=female'],
    ['given=ofie'],
    ['name=chaudhary'],
    ['name=anna'],
    ['identifier=4711'],
    ['identifier=urn:oid:1.2.3|4711&birthdate=1970-03-05'],
    ['family=chau', '?given=anna'],
    ['', '?family=chau&given=anna'],
  ];
  for (const version of oldVersions) {
    for (const [body, query = ''] of searches) {
      const found = matches(await facade.form(version, `/Patient/_search${query}`, body));
      const anna = found.find((patient) => patient.id === ids.anna);
      assert.ok(anna, `${version} ${body}${query}`);
      assert.deepEqual(anna.name[0].given, ['Anna', 'Žofie']);
      assert.deepEqual([anna.name[0].family].flat(), ['Müller-Chaudhary']);
      assert.deepEqual([anna.gender, anna.birthDate], ['female', '1970-03-05']);
      const [mrn] = anna.identifier;
      const coding = mrn.type.coding[0];
      assert.deepEqual([mrn.value, coding.system, coding.code], ['4711', 'http://hl7.org/fhir/v2/0203', 'MR']);
      assert.deepEqual([anna.name[0].use, anna.name[0].prefix], ['official', ['Dr.']]);
      const doctor = version === 'STU3' ? anna.generalPractitioner : anna.careProvider;
      assert.equal(doctor[0].display, 'Dr. Eva Nowak');
    }
    for (const nobody of ['family=chau&birthdate=1970-03-06', 'identifier=47', 'birthdate=1970-03-06', 'given=zzz']) {
      const answer = await facade.form(version, '/Patient/_search', nobody);
      assert.equal(answer.body.total, 0, nobody);
      assert.equal(answer.body.entry, undefined);
    }
  }
});

test('Patient: total counts all matches while _count cuts the page', async (t) => {
  const facade = await openFacade(t);
  for (const version of oldVersions) {
    const answer = await facade.form(version, '/Patient/_search', 'family=chau&_count=1');
    assert.equal(answer.body.total, 2);
    assert.equal(matches(answer).length, 1);
    const counted = await facade.form(version, '/Patient/_search', 'family=chau&_count=0');
    assert.deepEqual([counted.body.total, counted.body.entry], [2, undefined]);
  }
});

test('R4: plain strings start a name, :contains finds them anywhere', async (t) => {
  const facade = await openFacade(t);
  const total = async (query: string) => (await facade.get('R4', `/Patient?${query}`)).body.total;
  assert.equal(await total('family=chau'), 1);
  assert.equal(await total('family:contains=chau'), 2);
  assert.equal(await total('family:exact=Chau'), 1);
  assert.equal(await total('family:exact=chau'), 0);
});

test('Observation: vital signs of a patient, newest first, in both spellings of _sort on every base', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    for (const sort of ['_sort=-date', '_sort:desc=date', '']) {
      const found = matches(await facade.get(version, `/Observation?patient=${ids.anna}&category=vital-signs&${sort}`));
      assert.deepEqual(
        found.map((one) => one.id),
        [ids.pulse, ids.pressure, ids.oldPulse],
        `${version} ${sort}`,
      );
      const [pulse, pressure] = found;
      assert.equal(pulse.effectiveDateTime, '2026-11-21T12:00:00+01:00');
      assert.equal(pulse.code.coding[0].code, '8867-4');
      assert.ok(pulse.code.coding[0].display);
      assert.deepEqual([pulse.valueQuantity.value, pulse.valueQuantity.unit], [72, '/min']);
      assert.deepEqual(
        // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
        pressure.component.map((part: any) => [part.code.coding[0].code, part.valueQuantity.value]),
        [
          ['8480-6', 121],
          ['8462-4', 79],
        ],
      );
    }
    const ascending = matches(await facade.get(version, `/Observation?patient=${ids.anna}&_sort=date`));
    assert.equal(ascending[0].id, ids.oldPulse);
  }
});

test('Condition, Encounter, AllergyIntolerance, medication, Coverage, Location', async (t) => {
  const facade = await openFacade(t);
  for (const version of oldVersions) {
    const stu3 = version === 'STU3';
    const find = async (query: string) => matches(await facade.get(version, `/${query}`));
    const [pain] = await find(`Condition?patient=${ids.anna}&_count=3`);
    assert.equal(pain.code.coding[0].display, 'Chest pain, unspecified');
    assert.equal(stu3 ? pain.assertedDate : pain.dateRecorded, '2026-11-20');
    assert.equal(pain.severity.coding[0].display, 'Severe');

    const [visit] = await find(`Encounter?patient=${ids.anna}&status=in-progress&_sort:desc=date&_count=1`);
    assert.equal(visit.status, 'in-progress');
    assert.equal(visit.type[0].coding[0].display, 'Inpatient stay');
    assert.equal(visit.period.start, '2026-11-20T08:00:00+01:00');
    assert.equal(visit.location[0].location.display, 'Ward 3 West, bed 2');
    const place = await facade.get(version, `/${visit.location[0].location.reference}`);
    assert.equal(place.body.name, 'Ward 3 West, bed 2');

    const [nuts] = await find(`AllergyIntolerance?patient=${ids.anna}`);
    const substance = stu3 ? nuts.code : nuts.substance;
    assert.deepEqual([substance.text, substance.coding[0].display], ['Peanuts', 'Peanuts']);
    if (stu3) assert.deepEqual([nuts.clinicalStatus, nuts.verificationStatus], ['active', 'confirmed']);
    else assert.equal(nuts.status, 'confirmed');
    assert.equal(stu3 ? nuts.assertedDate : nuts.recordedDate, '2026-10-01');
    assert.equal([nuts.note].flat()[0].text, 'told by the mother');
    const [reaction] = nuts.reaction;
    assert.equal(reaction.substance.text, 'Peanut');
    assert.deepEqual([reaction.manifestation[0].text, reaction.manifestation[0].coding.length], ['Hives', 1]);
    assert.match(nuts.text.div, /Peanuts/);

    const medication = stu3 ? 'MedicationRequest' : 'MedicationOrder';
    const [order] = await find(`${medication}?patient=${ids.anna}&_count=1`);
    assert.equal(order.medicationCodeableConcept.text, 'Aspirin 100 mg');
    assert.equal(order.medicationCodeableConcept.coding[0].display, 'Aspirin 100 mg');
    assert.equal(stu3 ? order.authoredOn : order.dateWritten, '2026-11-20T09:00:00+01:00');
    assert.equal(stu3 ? order.requester.agent.display : order.prescriber.display, 'Dr. Eva Nowak');
    assert.equal(order.dosageInstruction[0].text, '1 tablet daily');
    assert.match(order.text.div, /Aspirin/);

    const [coverage] = await find(`Coverage?patient=${ids.anna}`);
    if (stu3) {
      assert.deepEqual([coverage.grouping.groupDisplay, coverage.grouping.planDisplay], ['Staff', 'Gold']);
      assert.equal(coverage.subscriberId, 'S-1');
      assert.equal(coverage.period.start, '2026-01-01');
    } else {
      assert.equal(coverage.issuer.display, 'North Mutual');
      assert.equal(coverage.plan, 'Gold');
    }
  }
});

test('a search finds what the rendering shows, in the words of each version', async (t) => {
  const facade = await openFacade(t);
  const cases: ['R4' | 'STU3' | 'DSTU2', string, string][] = [
    ['DSTU2', 'MedicationOrder?status=stopped', ids.stopped],
    ['DSTU2', 'Observation?status=amended', ids.pulse],
    ['STU3', 'MedicationRequest?status=cancelled', ids.stopped],
    ['DSTU2', `MedicationOrder?datewritten=2026-11-20&patient=${ids.anna}`, ids.order],
    ['DSTU2', 'Condition?date-recorded=2026-11-20', ids.pain],
    ['STU3', 'Observation?category=http://hl7.org/fhir/observation-category|vital-signs&code=8867-4', ids.pulse],
    ['R4', 'Observation?code=http://loinc.org|85354-9', ids.pressure],
    ['R4', `Encounter?patient=Patient/${ids.anna}&status=in-progress`, ids.visit],
    ['R4', `Coverage?patient=${ids.anna}`, ids.coverage],
    ['R4', `Observation?subject=https://fhir.example.org/fhir/r4/Patient/${ids.anna}&code=2951-2`, ids.sodium],
    ['R4', 'Observation?date=ge2026-11-22&code:not=1', ids.sodium],
  ];
  for (const [version, query, id] of cases) {
    const found = matches(await facade.get(version, `/${query}`));
    assert.ok(
      found.some((one) => one.id === id),
      `${version} ${query}`,
    );
  }
});

const bert: JsonObject = { reference: `Patient/${ids.bert}` };
const idOf = (number: number): string => `0b7e7a52-0000-8000-8000-000000000b${number}`;
const system = (name: string, code: string): JsonObject => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${name}`, code }],
});

/** What the sample ward has not: values that the old versions say in other words, and what only a reference names. */
const rarer: readonly JsonObject[] = [
  {
    resourceType: 'Condition',
    id: idOf(10),
    clinicalStatus: system('condition-clinical', 'recurrence'),
    code: { text: 'Migraine' },
    subject: bert,
  },
  {
    resourceType: 'AllergyIntolerance',
    id: idOf(11),
    verificationStatus: system('allergyintolerance-verification', 'unconfirmed'),
    category: ['biologic'],
    code: { coding: [{ system: 'http://snomed.info/sct', code: '256349002' }] },
    patient: bert,
  },
  { resourceType: 'Medication', id: idOf(12), code: { text: 'Metformin 500 mg' } },
  {
    resourceType: 'MedicationRequest',
    id: idOf(13),
    status: 'active',
    intent: 'filler-order',
    medicationReference: { reference: `Medication/${idOf(12)}` },
    subject: bert,
  },
  {
    resourceType: 'Coverage',
    id: idOf(14),
    status: 'active',
    beneficiary: bert,
    relationship: system('subscriber-relationship', 'self'),
    subscriberId: 'S-2',
    payor: [{ reference: `Organization/${ids.insurer}` }],
    class: [{ type: system('coverage-class', 'group'), value: 'G2' }],
  },
  {
    resourceType: 'Observation',
    id: idOf(15),
    status: 'final',
    category: [system('observation-category', 'vital-signs')],
    code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
    subject: bert,
    effectivePeriod: { start: '2026-11-20T08:00:00Z', end: '2026-11-20T09:00:00Z' },
    valueQuantity: { value: 37.2 },
  },
  { resourceType: 'Encounter', id: idOf(16), status: 'triaged', class: { code: 'ACUTE' }, subject: bert },
];

test('what the old versions say in other words, and what only a reference names: shown and found', async (t) => {
  const facade = await openFacade(t);
  await writeResources(facade.store, north, rarer, facade.auth.clock.now());
  const old = 'http://hl7.org/fhir/';
  const cases: ['R4' | 'STU3' | 'DSTU2', string, string][] = [
    ['DSTU2', 'Condition?clinicalstatus=relapse', idOf(10)],
    ['STU3', 'Condition?clinical-status=recurrence', idOf(10)],
    ['DSTU2', 'AllergyIntolerance?substance=256349002', idOf(11)],
    ['DSTU2', 'AllergyIntolerance?substance=http://snomed.info/sct|256349002', idOf(11)],
    ['DSTU2', 'AllergyIntolerance?status=unconfirmed', idOf(11)],
    ['DSTU2', 'AllergyIntolerance?category=other', idOf(11)],
    ['STU3', 'AllergyIntolerance?category=biologic', idOf(11)],
    ['STU3', `MedicationRequest?intent=order&patient=${ids.bert}`, idOf(13)],
    ['R4', 'MedicationRequest?intent=filler-order', idOf(13)],
    ['DSTU2', `MedicationOrder?medication=${idOf(12)}`, idOf(13)],
    ['STU3', `MedicationRequest?medication=Medication/${idOf(12)}`, idOf(13)],
    ['DSTU2', `Coverage?patient=${ids.bert}`, idOf(14)],
    ['STU3', `Coverage?patient=Patient/${ids.bert}`, idOf(14)],
    ['DSTU2', `Observation?category=${old}observation-category|vital-signs&patient=${ids.bert}`, idOf(15)],
    ['DSTU2', 'Observation?date=2026-11-20', idOf(15)],
    ['DSTU2', 'Encounter?status=arrived', idOf(16)],
    ['STU3', `Encounter?patient=${ids.bert}&status=triaged`, idOf(16)],
  ];
  for (const [version, query, id] of cases) {
    const found = matches(await facade.get(version, `/${query}`));
    assert.deepEqual(
      found.map((one) => one.id),
      [id],
      `${version} ${query}`,
    );
  }
  const none: ['STU3' | 'DSTU2', string][] = [
    ['DSTU2', 'Condition?clinicalstatus=recurrence'],
    ['DSTU2', 'AllergyIntolerance?category=biologic'],
    ['STU3', 'MedicationRequest?intent=filler-order'],
    ['DSTU2', 'Encounter?status=triaged'],
    ['DSTU2', `Observation?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs`],
  ];
  for (const [version, query] of none) {
    assert.equal((await facade.get(version, `/${query}`)).body.total, 0, `${version} ${query}`);
  }
  for (const version of fhirVersions) {
    const old = version !== 'R4';
    const of = async (type: string) => matches(await facade.get(version, `/${type}?patient=${ids.bert}`))[0];
    const order = await of(version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest');
    assert.equal(order.medicationReference.display, 'Metformin 500 mg');
    const statement = await of('MedicationStatement');
    assert.equal(statement.medicationReference.display, 'Metformin 500 mg');
    const coverage = await of('Coverage');
    const payor = version === 'DSTU2' ? coverage.issuer : coverage.payor[0];
    assert.equal(payor.display, 'North Mutual');
    if (version === 'DSTU2') {
      assert.deepEqual(
        [coverage.subscriber.reference, coverage.subscriberId.value, coverage.group],
        [`Patient/${ids.bert}`, 'S-2', 'G2'],
      );
    }
    if (version === 'STU3') assert.deepEqual([coverage.subscriberId, coverage.grouping.group], ['S-2', 'G2']);
    const [temperature] = matches(
      await facade.get(version, `/Observation?patient=${ids.bert}&category=vital-signs&_sort=-date`),
    );
    assert.equal(temperature.effectivePeriod.start, '2026-11-20T08:00:00Z');
    assert.ok(temperature.code.coding[0].display, 'a code of LOINC that nobody named shows something');
    const migraine = await of('Condition');
    assert.equal(migraine.code.coding[0].display, 'Migraine');
    const status = { R4: undefined, STU3: 'recurrence', DSTU2: 'relapse' }[version];
    if (old) assert.equal(migraine.clinicalStatus, status);
  }
});

test('without _sort the newest come first by the date of their type, then by id', async (t) => {
  const facade = await openFacade(t);
  const dated = (id: number, date?: string): JsonObject => ({
    resourceType: 'Condition',
    id: idOf(id),
    code: { text: 'x' },
    subject: bert,
    ...(date === undefined ? {} : { recordedDate: date }),
  });
  const written = [dated(33, '2026-01-02'), dated(31, '2026-01-02'), dated(34, '2026-01-03'), dated(32, '2026-01-02')];
  await writeResources(facade.store, north, [...written, dated(30, '2025-06-01')], facade.auth.clock.now());
  for (const version of fhirVersions) {
    const found = matches(await facade.get(version, `/Condition?patient=${ids.bert}`));
    assert.deepEqual(
      found.map(({ id }) => id),
      [34, 31, 32, 33, 30].map(idOf),
    );
  }
});

test('read: every listed type by its name on the base', async (t) => {
  const facade: Facade = await openFacade(t);
  const paths = [
    `Patient/${ids.anna}`,
    `Observation/${ids.pulse}`,
    `Condition/${ids.pain}`,
    `Encounter/${ids.visit}`,
    `AllergyIntolerance/${ids.nuts}`,
    `Coverage/${ids.coverage}`,
    `Location/${ids.ward}`,
    `Practitioner/${ids.doctor}`,
    `Organization/${ids.insurer}`,
    `MedicationStatement/order-${ids.order}`,
  ];
  for (const version of fhirVersions) {
    const order = version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
    for (const path of [...paths, `${order}/${ids.order}`]) {
      const answer = await facade.get(version, `/${path}`);
      assert.equal(answer.status, 200, `${version} ${path}`);
      assert.equal(`${answer.body.resourceType}/${answer.body.id}`, path);
    }
  }
});

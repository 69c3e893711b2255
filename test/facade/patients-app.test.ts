/** The Patients app's requests and what must come back, line by line; on R4 the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { type Answer, type Facade, openFacade } from './open-facade.js';
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

/** The Patients app played whole: HL7 bytes on a socket, then what it shows, in both of its versions and the same in R4. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { acknowledged } from '../support/mllp-session.js';
import { north, runWardline, sample } from '../support/running-wardline.js';
import { PatientsApp } from './patients-app.js';

/** What the monitor's own codes mean in hospital north. */
const localCodes = {
  'LINDENHOF|HR': 'http://loinc.org|8867-4',
  'LINDENHOF|RR': 'http://loinc.org|9279-1',
  'LINDENHOF|SPO2': 'http://loinc.org|59408-5',
  'LINDENHOF|TEMP': 'http://loinc.org|8310-5',
};

const files = ['adt-a01', 'adt-a02', 'adt-a60', 'oru-r01-vitals', 'oru-r01-vitals-local-codes', 'rde-o11', 'adt-a04'];

test('from HL7 on a socket to the screens of the app', async (t) => {
  const wardline = await runWardline(t, { localCodes });
  for (const file of files) {
    const [[code] = []] = acknowledged(await wardline.north.send(sample(`${file}.hl7`)));
    assert.equal(code, 'CA', file);
  }
  await wardline.settled();
  const { applied, unsettled } = await wardline.counts();
  assert.deepEqual([applied, unsettled], [files.length, 0]);

  const { clientId, secret } = wardline.north;
  for (const version of fhirVersions) {
    await t.test(version, async (t2) => {
      const app = await PatientsApp.open(wardline.publicUrl, version, {
        client_id: clientId,
        client_secret: secret,
        scope: north,
      });
      const okafor = 'Okafor · Adaeze Ngozi · female · 1979-08-12 · 100234';
      const kim = 'Kim · Min-jun · male · 2002-05-19 · 100871';
      const { ids } = await app.patients('identifier=100234');
      const id = ids[0] ?? '';

      await t2.test('the search for a patient', async () => {
        const inside = version === 'R4' ? ':contains' : '';
        const forms: [form: string, lines: string[]][] = [
          [`id=${id}`, [okafor]],
          ['identifier=100234', [okafor]],
          ['Identifier=100234&BirthDate=1979-08-12', [okafor]],
          [`family${inside}=kafo`, [okafor]],
          ['family:contains=KAFOR&given=adaeze', [okafor]],
          [`family${inside}=lindt`, [okafor]],
          [`given${inside}=goz`, [okafor]],
          [`name${inside}=kaf`, [okafor]],
          ['family=kim&given=min&birthdate=2002-05-19&gender=male', [kim]],
          ['birthdate=2002-05-19', [kim]],
          ['birthdate=2002-05-18', []],
          ['identifier=10023', []],
          ['family=nobody', []],
        ];
        for (const [form, lines] of forms) {
          const found = await app.patients(`${form}&_count=10`);
          assert.deepEqual([found.lines, found.total], [lines, lines.length], form);
        }
        const cut = await app.patients('_count=1');
        assert.deepEqual([cut.lines.length, cut.total], [1, 2]);
      });

      await t2.test('the header of a patient', async () => {
        assert.equal(await app.header(id), 'official · Mrs. · Parkside Surgery · Dr. Martin Whitfield');
      });

      await t2.test('where the patient is', async () => {
        assert.equal(
          await app.lastLocation(id),
          'in-progress · Emergency · 2026-03-04T10:02:00+00:00 · CCU 04 1 · CCU 04 1',
        );
      });

      await t2.test('vital signs, those of local codes and the parts of a blood pressure among them', async () => {
        const lines = await app.vitalSigns(id);
        assert.deepEqual(
          lines.slice(0, 4).sort(),
          [
            '2026-03-04T19:55:00+00:00 · Heart rate (8867-4) 91 bpm',
            '2026-03-04T19:55:00+00:00 · O2 saturation (59408-5) 95 %',
            '2026-03-04T19:55:00+00:00 · Respiration (9279-1) 17 /min',
            '2026-03-04T19:55:00+00:00 · Température (8310-5) 37.9 °C',
          ].sort(),
        );
        assert.equal(
          lines[4],
          '2026-03-04T10:56:00+00:00 · Blood pressure panel with all children optional (85354-9) · Systolic blood pressure (8480-6) 142 mm[Hg] · Diastolic blood pressure (8462-4) 91 mm[Hg]',
        );
        assert.deepEqual(lines.slice(5).sort(), [
          '2026-03-04T10:55:00+00:00 · Body height (8302-2) 168 cm',
          '2026-03-04T10:55:00+00:00 · Body temperature (8310-5) 37.2 degrees Celsius',
          '2026-03-04T10:55:00+00:00 · Body weight (29463-7) 71.4 kg',
          '2026-03-04T10:55:00+00:00 · Heart rate (8867-4) 88 beats/min',
          '2026-03-04T10:55:00+00:00 · Oxygen saturation in Arterial blood by Pulse oximetry (59408-5) 96 %',
          '2026-03-04T10:55:00+00:00 · Respiratory rate (9279-1) 18 breaths/min',
        ]);
      });

      await t2.test('conditions', async () => {
        const since = version === 'DSTU2' ? '2026-03-04' : '2026-03-04T10:05:00+00:00';
        assert.deepEqual(await app.conditions(id), [
          `Chest pain, unspecified · ${since}`,
          'Essential (primary) hypertension · 2018-03-10',
        ]);
      });

      await t2.test('allergies', async () => {
        const confirmed = version === 'DSTU2' ? 'confirmed' : 'active confirmed';
        const unconfirmed = version === 'DSTU2' ? 'unconfirmed' : 'active unconfirmed';
        assert.deepEqual(
          (await app.allergies(id)).sort(),
          [
            `Penicillin G · ${unconfirmed} · 2009-11-20 · Hives · Swelling of lips`,
            `Peanut · ${unconfirmed} · Vomiting`,
            `Sulfamethoxazole · ${confirmed} · Rash · Told by the patient`,
          ].sort(),
        );
      });

      await t2.test('medication', async () => {
        assert.deepEqual(await app.medications(id), [
          'Acetaminophen 500 MG Oral Tablet · 2026-03-04T12:26:00+00:00 · Dr. Sinéad Halloran · One to two tablets every 6 hours as needed for pain',
          'Lisinopril 10 MG Oral Tablet · 2026-03-04T12:25:00+00:00 · Dr. Sinéad Halloran · Take one tablet in the morning',
        ]);
        assert.deepEqual((await app.statements(id)).sort(), [
          'Acetaminophen 500 MG Oral Tablet',
          'Lisinopril 10 MG Oral Tablet',
        ]);
      });

      await t2.test('insurance', async () => {
        const subscriber = version === 'DSTU2' ? '' : ' · M-558812-01';
        const group = version === 'DSTU2' ? 'G4711' : 'Harbour Workers Union';
        assert.deepEqual(await app.coverages(id), [
          `Mercia Mutual · Comfort Plus · ${group} · 2025-01-01 to 2026-12-31${subscriber}`,
        ]);
      });

      await t2.test('its screens in one batch, with and without a slash at the end', async () => {
        const order = version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
        const urls = [
          `Observation?patient=${id}&category=vital-signs&_sort:desc=date`,
          `Condition?patient=${id}`,
          `Encounter?patient=${id}&_sort:desc=date&_count=1`,
          `AllergyIntolerance?patient=${id}`,
          `${order}?patient=${id}&_count=50`,
          `MedicationStatement?patient=${id}`,
          `Coverage?patient=${id}`,
          'Patient/nobody',
        ];
        const batch = {
          resourceType: 'Bundle',
          type: 'batch',
          entry: urls.map((url) => ({ request: { method: 'GET', url } })),
        };
        for (const path of ['', '/']) {
          const { status, body } = await app.fhir.post(path, batch);
          assert.deepEqual([status, body.type], [200, 'batch-response']);
          // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
          const told = body.entry.map((one: any) => [one.response.status.slice(0, 3), one.resource?.total]);
          assert.deepEqual(told, [...[11, 2, 1, 3, 2, 2, 1].map((total) => ['200', total]), ['404', undefined]]);
          const wrong = version === 'DSTU2' ? body.entry[7].resource : body.entry[7].response.outcome;
          assert.equal(wrong.resourceType, 'OperationOutcome');
        }
      });
    });
  }
});

/** Sample files in the order of their events, and what the app then shows of the stay. */
const stay: readonly [file: string, shown: string][] = [
  ['adt-a01', 'in-progress · Emergency · 2026-03-04T10:02:00+00:00 · 3W 312 A · 3W 312 A'],
  ['adt-a02', 'in-progress · Emergency · 2026-03-04T10:02:00+00:00 · CCU 04 1 · CCU 04 1'],
  ['adt-a12', 'in-progress · Emergency · 2026-03-04T10:02:00+00:00 · 3W 312 A · 3W 312 A'],
  ['adt-a08', 'in-progress · Emergency · 2026-03-04T10:02:00+00:00 · CCU 04 1 · CCU 04 1'],
  ['adt-a03', 'finished · Emergency · 2026-03-04T10:02:00+00:00 · CCU 04 1 · CCU 04 1'],
  ['oru-r01-vitals', 'finished · Emergency · 2026-03-04T10:02:00+00:00 · CCU 04 1 · CCU 04 1'],
  ['adt-a13', 'in-progress · Emergency · 2026-03-04T10:02:00+00:00 · CCU 04 1 · CCU 04 1'],
];

test('a stay as the app follows it: transfers, what takes them back, a discharge, a late result, a merge', async (t) => {
  const wardline = await runWardline(t);
  const { clientId, secret } = wardline.north;
  const credentials = { client_id: clientId, client_secret: secret, scope: north };
  const apps = await Promise.all(fhirVersions.map((v) => PatientsApp.open(wardline.publicUrl, v, credentials)));
  const idOf = async (app: PatientsApp, mrn: string): Promise<string> =>
    (await app.patients(`identifier=${mrn}`)).ids[0] ?? '';
  const play = async (file: string): Promise<void> => {
    await wardline.north.send(sample(`${file}.hl7`));
    await wardline.settled();
  };
  for (const [file, shown] of stay) {
    await play(file);
    for (const app of apps) assert.equal(await app.lastLocation(await idOf(app, '100234')), shown, file);
  }
  await play('adt-a31');
  for (const app of apps) {
    assert.equal(
      await app.header(await idOf(app, '100234')),
      'official · Mrs. · Parkside Surgery · Dr. Tunde Oyelaran',
    );
  }

  // The patient was known under a second number, with a stay and an allergy of its own, until the two are merged.
  await wardline.north.send(
    [
      'MSH|^~\\&|NORTHHIS|NORTH|WARDLINE|NORTH|20260101080000+0000||ADT^A04^ADT_A01|M0001|P|2.5.1',
      'EVN|A04|20260101080000+0000',
      'PID|1||100999^^^NORTH^MR||Okafor^Ada||19790812|F',
      'PV1|1|O|OPD^2^^NORTH||||||||||||||||V70001^^^NORTH^VN|||||||||||||||||||||||||20260101080000+0000',
      'AL1|1|FA^Food allergy^HL70127|227493005^Cashew nut^SCT||Hives',
      '',
    ].join('\r'),
  );
  await wardline.settled();
  for (const app of apps) {
    assert.equal((await app.patients('family=okafor')).total, 2);
    assert.equal((await app.allergies(await idOf(app, '100234'))).length, 3);
  }
  await play('adt-a40');
  for (const app of apps) {
    const { total, ids } = await app.patients('family=okafor');
    const [id = ''] = ids;
    assert.equal(total, 1);
    assert.deepEqual((await app.patients('identifier=100999')).ids, ids);
    const allergies = await app.allergies(id);
    assert.ok(allergies.some((line) => line.startsWith('Cashew nut')));
    assert.equal(allergies.length, 4);
    assert.equal(await app.lastLocation(id), stay.at(-1)?.[1]);
  }
});

test('an order that was stopped shows in DSTU2 when it was to end', async (t) => {
  const wardline = await runWardline(t);
  await wardline.north.send(sample('rde-o11.hl7'));
  await wardline.north.send(
    [
      'MSH|^~\\&|NORTHRX|NORTH|WARDLINE|NORTH|20260310090000+0000||RDE^O11^RDE_O11|N0299|P|2.5.1',
      'PID|1||100234^^^NORTH^MR||Okafor^Adaeze||19790812|F',
      'ORC|DC|RX-7001^NORTHHIS|PH-7001^NORTHRX||||||20260310090000+0000',
      '',
    ].join('\r'),
  );
  await wardline.settled();
  const dstu2 = await wardline.north.fhir('DSTU2');
  const [patient] = await dstu2.find('Patient?identifier=100234');
  const orders = await dstu2.find(`MedicationOrder?patient=${patient?.id}&_count=50`);
  const shown = orders.map((order) => [order.status, order.dateEnded?.slice(0, 10)]).sort();
  assert.deepEqual(shown, [
    ['active', undefined],
    ['stopped', '2026-04-01'],
  ]);
});

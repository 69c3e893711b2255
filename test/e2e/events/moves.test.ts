/** A43, A44 and A45: what moves, and all that belongs to it, is the other patient's, whenever the messages come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pid, pv1, segment, ToldHospital, told } from '../../support/told-hospital.js';

const mrn = (id: string): string => `${id}^^^NORTH^MR`;
const result = (filler: string): string[] => [
  `OBR|1||${filler}|718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F`,
  'OBX|1|NM|718-7^Hemoglobin^LN||12|g/dL|||||F',
];
const order = ['ORC|NW|M1||||||20260501', 'RXE|1^BID^^20260501|1191^Aspirin^RXN|100||mg'];
const diagnosis = 'DG1|1||I10^Hypertension^I10||20260501|A';
const move = (visit: string, from: string, to: string): string[] => [
  pid(mrn(to)),
  segment('MRG', { 1: mrn(from), 5: visit }),
  pv1(visit),
];

/** Visit V1 with a result, an order and a diagnosis, and a visit V2, all of patient A. */
const record = [
  told('A01', 1, pid(mrn('A'), { 5: 'Adams^Ann' }), pv1('V1', { 3: 'W1^10^1^NORTH' }), diagnosis),
  told('R01', 2, pid(mrn('A')), pv1('V1'), ...result('F1')),
  told('O11', 3, pid(mrn('A')), pv1('V1'), ...order),
  told('A04', 4, pid(mrn('A')), pv1('V2', { 2: 'O' })),
  told('R01', 5, pid(mrn('A')), pv1('V2'), ...result('F2')),
  told('A28', 6, pid(mrn('B'), { 5: 'Baker^Bob' })),
];

/** What belongs to visits of a patient, by search, and whose it is shown to be. */
async function recordOf(hospital: ToldHospital, patient: string): Promise<Record<string, number>> {
  const id = hospital.id('Patient', 'NORTH', patient);
  const counts: Record<string, number> = {};
  for (const [type, versions] of [
    ['Encounter', undefined],
    ['Observation', undefined],
    ['DiagnosticReport', undefined],
    ['Condition', undefined],
    ['MedicationRequest', ['R4', 'STU3']],
    ['MedicationStatement', undefined],
  ] as const) {
    const ids = await hospital.found(`${type}?patient=${id}`, versions);
    assert.deepEqual(await hospital.found(`${type}?patient=Patient/${id}&_count=50&_sort=_id`, versions), ids);
    if (type !== 'MedicationStatement') {
      for (const one of ids) {
        const shown = await hospital.read(`${type}/${one}`);
        assert.equal((shown.subject ?? shown.patient).reference, `Patient/${id}`, `${type} of ${patient}`);
      }
    }
    counts[type] = ids.length;
  }
  return counts;
}

const none = {
  Encounter: 0,
  Observation: 0,
  DiagnosticReport: 0,
  Condition: 0,
  MedicationRequest: 0,
  MedicationStatement: 0,
};
const first = {
  Encounter: 1,
  Observation: 1,
  DiagnosticReport: 1,
  Condition: 1,
  MedicationRequest: 1,
  MedicationStatement: 1,
};
const second = { ...none, Encounter: 1, Observation: 1, DiagnosticReport: 1 };
const both = { ...first, Encounter: 2, Observation: 2, DiagnosticReport: 2 };

test('A45: a moved visit takes all that belongs to it to the other patient, in every order', async (t) => {
  const hospital = await ToldHospital.open(t);
  await hospital.inEveryOrder([...record, told('A45', 7, ...move('V1', 'A', 'B'))], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), second, name);
    assert.deepEqual(await recordOf(hospital, 'B'), first, name);
    const observation = await hospital.read(
      `Observation/${(await hospital.found(`Observation?encounter=${hospital.id('Encounter', '', 'V1')}`))[0]}`,
    );
    assert.equal(observation.subject.display, 'Bob Baker');
    const b = hospital.id('Patient', 'NORTH', 'B');
    const vitals = await hospital.found(`Observation?patient=${b}&code=718-7&_include=Observation:patient`);
    assert.equal(vitals.length, 1);
    assert.deepEqual(await hospital.found(`Observation?patient=${b}&code=999-9`), []);
  });
});

test('A45 after A45: the newest move counts, also back to where the visit was', async (t) => {
  const hospital = await ToldHospital.open(t);
  const there = told('A45', 7, ...move('V1', 'A', 'B'));
  await hospital.inEveryOrder([...record, there, told('A45', 8, ...move('V1', 'B', 'A'))], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), both, name);
    assert.deepEqual(await recordOf(hospital, 'B'), none, name);
  });
  await hospital.inEveryOrder([...record, there, told('A45', 9, ...move('V1', 'B', 'C'))], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), second, name);
    assert.deepEqual(await recordOf(hospital, 'B'), none, name);
    assert.deepEqual(await recordOf(hospital, 'C'), first, name);
  });
});

test('a moved visit stays moved when later messages name the former patient, and when patients are merged', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    ...record,
    told('A45', 7, ...move('V1', 'A', 'B')),
    told('R01', 8, pid(mrn('A')), pv1('V1'), ...result('F3')),
    told('A08', 9, pid(mrn('A')), pv1('V1')),
    told('A40', 10, pid(mrn('C')), segment('MRG', { 1: mrn('B') })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), second, name);
    assert.deepEqual(await recordOf(hospital, 'C'), { ...first, Observation: 2, DiagnosticReport: 2 }, name);
    const merged = hospital.id('Patient', 'NORTH', 'B');
    assert.equal((await hospital.found(`Observation?patient=${merged}`)).length, 2, name);
  });
});

test('a moved visit that is merged into another is found by both numbers, as the survivor’s patient’s', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    ...record,
    told('A45', 7, ...move('V1', 'A', 'B')),
    told('A42', 8, pid(mrn('B')), segment('MRG', { 1: mrn('B'), 5: 'V2' }), pv1('V1')),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), none, name);
    assert.deepEqual(await recordOf(hospital, 'B'), { ...both, Encounter: 1 }, name);
    for (const visit of ['V1', 'V2']) {
      const id = hospital.id('Encounter', '', visit);
      assert.equal((await hospital.found(`Observation?encounter=${id}`)).length, 2, `${name} ${visit}`);
    }
  });
});

test('A44: a moved account is the other patient’s', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A01', 1, pid(mrn('A'), { 18: 'ACC1' }), pv1('V1')),
    told('A28', 2, pid(mrn('B'))),
    told('A44', 3, pid(mrn('B'), { 18: 'ACC1' }), segment('MRG', { 1: mrn('A'), 3: 'ACC1' })),
    told('A08', 4, pid(mrn('A'), { 18: 'ACC1' }), pv1('V1')),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const account = hospital.id('Account', '', 'ACC1');
    const b = hospital.id('Patient', 'NORTH', 'B');
    assert.deepEqual((await hospital.read(`Account/${account}`)).subject.length, 1);
    assert.equal((await hospital.read(`Account/${account}`)).subject[0].reference, `Patient/${b}`, name);
    assert.deepEqual(await hospital.found(`Account?patient=${b}`), [account], name);
    assert.deepEqual(await hospital.found(`Account?patient=${hospital.id('Patient', 'NORTH', 'A')}`), [], name);
  });
});

test('A44: the visits of a moved account go with it, and all that belongs to them, in every order', async (t) => {
  const hospital = await ToldHospital.open(t);
  const of = (patient: string): string => pid(mrn(patient), { 18: 'ACC1' });
  const visits = [
    told('A01', 1, of('A'), pv1('V1', { 3: 'W1^10^1^NORTH' }), diagnosis),
    told('R01', 2, pid(mrn('A')), pv1('V1'), ...result('F1')),
    told('O11', 3, pid(mrn('A')), pv1('V1'), ...order),
    told('A04', 4, pid(mrn('A')), pv1('V2', { 2: 'O' })),
    told('R01', 5, pid(mrn('A')), pv1('V2'), ...result('F2')),
  ];
  const there = told('A44', 7, of('B'), segment('MRG', { 1: mrn('A'), 3: 'ACC1' }));
  await hospital.inEveryOrder([...visits, there], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), second, name);
    assert.deepEqual(await recordOf(hospital, 'B'), first, name);
  });
  const again = [...visits, there, told('A08', 8, of('A'), pv1('V1')), told('A08', 9, of('A'), pv1('V2'))];
  await hospital.inEveryOrder(again, async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), none, name);
    assert.deepEqual(await recordOf(hospital, 'B'), both, name);
  });
  const back = told('A44', 8, of('A'), segment('MRG', { 1: mrn('B'), 3: 'ACC1' }));
  await hospital.inEveryOrder([...visits, there, back], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), both, name);
    assert.deepEqual(await recordOf(hospital, 'B'), none, name);
  });
});

test('A44 and A45: of a visit’s own moves and those of its account the newest counts', async (t) => {
  const hospital = await ToldHospital.open(t);
  const of = (patient: string): string => pid(mrn(patient), { 18: 'ACC1' });
  const start = [
    told('A01', 1, of('A'), pv1('V1'), diagnosis),
    told('R01', 2, pid(mrn('A')), pv1('V1'), ...result('F1')),
    told('O11', 3, pid(mrn('A')), pv1('V1'), ...order),
  ];
  const account = (at: number): ReturnType<typeof told> =>
    told('A44', at, of('B'), segment('MRG', { 1: mrn('A'), 3: 'ACC1' }));
  await hospital.inEveryOrder([...start, account(4), told('A45', 5, ...move('V1', 'B', 'C'))], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'C'), first, name);
    assert.deepEqual(await recordOf(hospital, 'B'), none, name);
  });
  await hospital.inEveryOrder([...start, told('A45', 4, ...move('V1', 'A', 'C')), account(5)], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'B'), first, name);
    assert.deepEqual(await recordOf(hospital, 'C'), none, name);
  });
  // the visit is of another account by its last word
  const other = told('A08', 6, pid(mrn('A'), { 18: 'ACC2' }), pv1('V1'));
  await hospital.inEveryOrder([...start, account(4), other], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), first, name);
    assert.deepEqual(await recordOf(hospital, 'B'), none, name);
  });
  const merged = told('A35', 6, pid(mrn('A'), { 18: 'ACC2' }), segment('MRG', { 1: mrn('A'), 3: 'ACC1' }));
  const movedSurvivor = told('A44', 7, pid(mrn('B'), { 18: 'ACC2' }), segment('MRG', { 1: mrn('A'), 3: 'ACC2' }));
  await hospital.inEveryOrder([...start, merged, movedSurvivor], async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), none, name);
    assert.deepEqual(await recordOf(hospital, 'B'), first, name);
  });
});

test('what belongs to a moved visit and is sent again under its new patient is one thing, whenever it comes', async (t) => {
  const hospital = await ToldHospital.open(t);
  const unnumbered = [
    'OBR|1|||718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F',
    'OBX|1|NM|718-7^Hemoglobin^LN||12|g/dL|||||F',
  ];
  const numbered = `DG1|2||E11^Diabetes^I10||20260501|A${'|'.repeat(14)}D77`;
  const start = [
    told('A01', 1, pid(mrn('A')), pv1('V1'), diagnosis, numbered),
    told('R01', 2, pid(mrn('A')), pv1('V1'), ...unnumbered),
    told('A28', 3, pid(mrn('B'))),
  ];
  const there = told('A45', 5, ...move('V1', 'A', 'B'));
  const again = [
    told('A08', 6, pid(mrn('B')), pv1('V1'), diagnosis.replace('|A', '|W'), numbered),
    told('R01', 7, pid(mrn('B')), pv1('V1'), ...unnumbered),
  ];
  const counts = async (patient: string): Promise<number[]> => {
    const id = hospital.id('Patient', 'NORTH', patient);
    const found = ['Condition', 'Observation', 'DiagnosticReport'].map((type) =>
      hospital.found(`${type}?patient=${id}`),
    );
    return (await Promise.all(found)).map(({ length }) => length);
  };
  const expectAll = async (name: string, owner: string): Promise<void> => {
    for (const patient of ['A', 'B', 'C'])
      assert.deepEqual(await counts(patient), patient === owner ? [2, 1, 1] : [0, 0, 0], `${name}: ${patient}`);
  };
  await hospital.inEveryOrder([...start, there, ...again], (name) => expectAll(name, 'B'));
  const back = told('A45', 8, ...move('V1', 'B', 'A'));
  await hospital.inEveryOrder([...start, there, ...again, back], (name) => expectAll(name, 'A'));
  const merge = told('A40', 9, pid(mrn('C')), segment('MRG', { 1: mrn('B') }));
  const later = told('A08', 10, pid(mrn('C')), pv1('V1'), diagnosis, numbered);
  await hospital.inEveryOrder([...start, there, ...again, merge, later], async (name) => {
    assert.deepEqual(await counts('A'), [0, 0, 0], name);
    assert.deepEqual(await counts('C'), [2, 1, 1], name);
  });
});

test('A44 where accounts are visits: the visit goes with its account, and all that belongs to it', async (t) => {
  const hospital = await ToldHospital.open(t, { accountsAreVisits: true });
  const messages = [
    told('A01', 1, pid(mrn('A'), { 18: 'ACC1' }), pv1('')),
    told('R01', 2, pid(mrn('A'), { 18: 'ACC1' }), pv1(''), ...result('F1')),
    told('A44', 3, pid(mrn('B'), { 18: 'ACC1' }), segment('MRG', { 1: mrn('A'), 3: 'ACC1' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    assert.deepEqual(await recordOf(hospital, 'A'), none, name);
    assert.deepEqual(await recordOf(hospital, 'B'), second, name);
  });
});

test('A43: a patient’s number goes to another person, with all that was said under it', async (t) => {
  const hospital = await ToldHospital.open(t, { authorities: [{ id: 'REG', type: 'PI' }, { id: 'NORTH' }] });
  const registry = (id: string): string => `${id}^^^REG^PI`;
  const messages = [
    told('A01', 1, pid(`${registry('R1')}~${mrn('A')}`, { 5: 'Adams^Ann' }), pv1('V1')),
    told('A08', 2, pid(mrn('A')), pv1('V1'), diagnosis),
    told('A28', 3, pid(registry('R2'), { 5: 'Baker^Bob' })),
    told('A43', 4, pid(`${mrn('A')}~${registry('R2')}`), segment('MRG', { 1: `${mrn('A')}~${registry('R1')}` })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const [r1, r2, a] = [
      ['REG', 'R1'],
      ['REG', 'R2'],
      ['NORTH', 'A'],
    ].map((key) => hospital.id('Patient', ...key));
    const numbers = async (id: string | undefined): Promise<string[]> =>
      (await hospital.read(`Patient/${id}`)).identifier.map((one: { value: string }) => one.value).sort();
    assert.deepEqual(await numbers(r2), ['A', 'R2'], name);
    assert.deepEqual(await numbers(r1), ['R1'], name);
    assert.deepEqual(await hospital.found('Patient?identifier=A'), [r2], name);
    assert.equal((await hospital.read(`Patient/${a}`)).link[0].other.reference, `Patient/${r2}`, name);
    assert.equal((await hospital.found(`Condition?patient=${r2}`)).length, 1, name);
    assert.deepEqual(await hospital.found(`Condition?patient=${r1}`), [], name);
  });
});

test('a moved visit takes its specimens and documents along, in what is shown and in searches', async (t) => {
  const hospital = await ToldHospital.open(t);
  const picture = 'OBX|2|ED|PIC^Picture^L||^image^PNG^Base64^QUJD||||||F';
  const [obr = '', ...rest] = result('F1');
  const messages = [
    told('A01', 1, pid(mrn('A'), { 5: 'Adams^Ann' }), pv1('V1')),
    told('R01', 2, pid(mrn('A')), pv1('V1'), obr, ...rest, picture, 'SPM|1|S1||BLD'),
    told('R01', 3, pid(mrn('A')), pv1('V2'), ...result('F2'), 'SPM|1|S2||BLD'),
    told('T02', 4, pid(mrn('A')), pv1('V1'), 'TXA|1|DS|TX||20260501080000|||||||T1', picture),
    told('A28', 5, pid(mrn('B'), { 5: 'Baker^Bob' })),
    told('A45', 6, ...move('V1', 'A', 'B')),
  ];
  const [a, b] = ['A', 'B'].map((id) => hospital.id('Patient', 'NORTH', id));
  await hospital.inEveryOrder(messages, async (name) => {
    const [mine] = await hospital.found(`Specimen?identifier=S1`);
    const [other] = await hospital.found(`Specimen?identifier=S2`);
    assert.deepEqual(await hospital.found(`Specimen?subject=Patient/${b}`), [mine], name);
    assert.deepEqual(await hospital.found(`Specimen?patient=${b}`), [mine], name);
    assert.deepEqual(await hospital.found(`Specimen?patient=${a}`), [other], name);
    assert.equal((await hospital.read(`Specimen/${mine}`)).subject.reference, `Patient/${b}`, name);
    assert.equal((await hospital.read(`Specimen/${other}`)).subject.reference, `Patient/${a}`, name);
    const contents: string[] = [];
    for (const document of await hospital.found(`DocumentReference?patient=${b}`, ['R4', 'STU3'])) {
      for (const { attachment } of (await hospital.read(`DocumentReference/${document}`)).content)
        if (attachment.url !== undefined) contents.push(attachment.url.replace(/^.*\/(?=Binary\/)/, ''));
    }
    const report = await hospital.found(`DiagnosticReport?patient=${b}`);
    assert.equal(report.length, 1, name);
    const form = (await hospital.read(`DiagnosticReport/${report[0]}`)).presentedForm ?? [];
    contents.push(...form.flatMap(({ url }: { url?: string }) => url?.replace(/^.*\/(?=Binary\/)/, '') ?? []));
    assert.ok(contents.length > 0, name);
    for (const content of contents) {
      assert.equal((await hospital.read(content)).securityContext.reference, `Patient/${b}`, `${name} ${content}`);
    }
  });
});

test('what belongs to a visit without a number, or to a result without one, is one thing after a merge', async (t) => {
  const hospital = await ToldHospital.open(t);
  const visit = pv1('', { 44: '20260501080000' });
  const picture = 'OBX|2|ED|PIC^Picture^L||^image^PNG^Base64^QUJD||||||F';
  const unnumbered = [
    'OBR|1|||718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F',
    'OBX|1|NM|718-7^Hemoglobin^LN||12|g/dL|||||F',
    picture,
    'SPM|1|||BLD',
  ];
  const messages = [
    told('A01', 1, pid(mrn('A')), visit, diagnosis),
    told('R01', 2, pid(mrn('A')), visit, ...unnumbered),
    told('A40', 3, pid(mrn('B')), segment('MRG', { 1: mrn('A') })),
    told('A08', 4, pid(mrn('B')), visit, diagnosis),
    told('R01', 5, pid(mrn('B')), visit, ...unnumbered),
  ];
  const b = hospital.id('Patient', 'NORTH', 'B');
  await hospital.inEveryOrder(messages, async (name) => {
    for (const [query, count] of [
      [`Encounter?patient=${b}`, 1],
      [`Condition?patient=${b}`, 1],
      [`DiagnosticReport?patient=${b}`, 1],
      [`Specimen?patient=${b}`, 1],
      ['Binary?_count=10', 1],
    ] as const)
      assert.equal(
        (await hospital.found(query, query.startsWith('Binary') ? ['R4'] : undefined)).length,
        count,
        `${name}: ${query}`,
      );
    assert.equal((await hospital.found(`Observation?patient=${b}`)).length, 2, name);
    const documents = await hospital.found(`DocumentReference?patient=${b}`, ['R4', 'STU3']);
    assert.ok(documents.length <= 1, name);
  });
});

/** What trigger events say of who and what is one, from bytes to FHIR, in every order of processing (docs/events.md). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pid, pv1, segment, type Told, ToldHospital, told } from '../../support/told-hospital.js';

const mrn = (id: string): string => `${id}^^^NORTH^MR`;
const result = (filler: string): string[] => [
  `OBR|1||${filler}|718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F`,
  'OBX|1|NM|718-7^Hemoglobin^LN||12|g/dL|||||F',
];

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
type Shown = any;

const numbersOf = (shown: Shown): string[] =>
  shown.identifier.map((one: Shown) => `${one.value}${one.use === 'old' ? ' old' : ''}`);

/** Patient `lost` had a visit, a phone and an allergy before. */
const former = (lost: string): Told[] => [
  told('A01', 1, pid(mrn(lost), { 5: 'Adams^Ann', 13: '030111' }), pv1('V1'), 'AL1|1|DA|PEN^Penicillin'),
  told('R01', 2, pid(mrn(lost)), pv1('V1'), ...result('F1')),
];

for (const event of ['A18', 'A30', 'A34', 'A36', 'A39', 'A40']) {
  test(`${event}: a merged patient is found under the survivor, whose own elements show`, async (t) => {
    const hospital = await ToldHospital.open(t);
    const merge = told(event, 3, pid(mrn('B'), { 5: 'Baker^Ann' }), segment('MRG', { 1: mrn('A') }));
    await hospital.inEveryOrder([...former('A'), merge], async (name) => {
      const [a, b] = ['A', 'B'].map((id) => hospital.id('Patient', 'NORTH', id));
      const survivor = await hospital.read(`Patient/${b}`);
      assert.deepEqual(numbersOf(survivor), ['B', 'A old'], name);
      assert.equal(survivor.telecom, undefined);
      assert.equal((await hospital.read(`Patient/${a}`)).link[0].other.reference, `Patient/${b}`);
      assert.deepEqual(await hospital.found('Patient?identifier=A'), [b], `${name}: its number finds the survivor`);
      assert.deepEqual(await hospital.found(`Patient?_id=${a}`), [a], `${name}: and its id itself`);
      for (const query of ['family=Adams', 'phone=030111', 'active=false'])
        assert.deepEqual(await hospital.found(`Patient?${query}`), [], `${name}: ${query}`);
      for (const id of [a, b]) {
        assert.equal((await hospital.found(`Observation?patient=${id}`)).length, 1, name);
        assert.equal((await hospital.found(`Encounter?patient=${id}`)).length, 1, name);
      }
    });
  });
}

for (const [event, change] of [
  ['A47', [pid(mrn('B')), segment('MRG', { 1: mrn('A') })]],
  ['A46', [pid('', { 2: mrn('B') }), segment('MRG', { 1: mrn('A'), 4: mrn('A') })]],
] as const) {
  test(`${event}: a patient with a changed number keeps all that was said under the old one`, async (t) => {
    const hospital = await ToldHospital.open(t);
    await hospital.inEveryOrder([...former('A'), told(event, 3, ...change)], async (name) => {
      const b = hospital.id('Patient', 'NORTH', 'B');
      const shown = await hospital.read(`Patient/${b}`);
      assert.deepEqual([shown.telecom[0].value, shown.name[0].family], ['030111', 'Adams'], name);
      assert.deepEqual(numbersOf(shown), ['B', 'A old'], name);
      assert.equal((await hospital.found(`AllergyIntolerance?patient=${b}`)).length, 1, name);
      assert.equal((await hospital.found(`Observation?patient=${b}`)).length, 1, name);
    });
  });
}

test('A47 and back again: the newest change counts', async (t) => {
  const hospital = await ToldHospital.open(t);
  const there = told('A47', 3, pid(mrn('B')), segment('MRG', { 1: mrn('A') }));
  const back = told('A47', 4, pid(mrn('A')), segment('MRG', { 1: mrn('B') }));
  await hospital.inEveryOrder([...former('A'), there, back], async (name) => {
    const shown = await hospital.read(`Patient/${hospital.id('Patient', 'NORTH', 'A')}`);
    assert.deepEqual([numbersOf(shown), shown.telecom[0].value], [['A', 'B old'], '030111'], name);
  });
});

test('A48: a changed alternate number; the former one is old', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A28', 1, pid(mrn('A'), { 4: 'ALT1' })),
    told('A48', 2, pid(mrn('A'), { 4: 'ALT2' }), segment('MRG', { 1: mrn('A'), 2: 'ALT1' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const shown = await hospital.read(`Patient/${hospital.id('Patient', 'NORTH', 'A')}`);
    assert.deepEqual(numbersOf(shown), ['A', 'ALT2', 'ALT1 old'], name);
  });
});

test('A50: a visit with a changed number is one visit; A51: a changed alternate number', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A01', 1, pid(mrn('A')), pv1('V1', { 3: 'W1^10^1^NORTH', 50: 'X1' })),
    told('R01', 2, pid(mrn('A')), pv1('V1'), ...result('F1')),
    told('A50', 3, pid(mrn('A')), segment('MRG', { 1: mrn('A'), 5: 'V1' }), pv1('V9')),
    told('A51', 4, pid(mrn('A')), segment('MRG', { 1: mrn('A'), 6: 'X1' }), pv1('V9', { 50: 'X2' })),
    told('A02', 5, pid(mrn('A')), pv1('V9', { 3: 'W2^20^2^NORTH' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const a = hospital.id('Patient', 'NORTH', 'A');
    const visit = hospital.id('Encounter', '', 'V9');
    assert.deepEqual(await hospital.found(`Encounter?patient=${a}`), [visit], name);
    const shown = await hospital.read(`Encounter/${visit}`);
    assert.equal(shown.status, 'in-progress');
    assert.deepEqual(
      shown.location.map((one: Shown) => one.location.display),
      ['W2 20 2', 'W1 10 1'],
      name,
    );
    assert.deepEqual(numbersOf(shown), ['V9', 'X2', 'X1 old', 'V1 old'], name);
    for (const id of [visit, hospital.id('Encounter', '', 'V1')]) {
      assert.equal((await hospital.found(`Observation?encounter=${id}`)).length, 1, name);
    }
  });
});

test('A42: a merged visit is the survivor; what belonged to it is found by both', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A01', 1, pid(mrn('A')), pv1('V1')),
    told('R01', 2, pid(mrn('A')), pv1('V1'), ...result('F1')),
    told('A04', 3, pid(mrn('A')), pv1('V2', { 2: 'O' })),
    told('A42', 4, pid(mrn('A')), segment('MRG', { 1: mrn('A'), 5: 'V1' }), pv1('V2')),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const [v1, v2] = ['V1', 'V2'].map((visit) => hospital.id('Encounter', '', visit));
    assert.deepEqual(await hospital.found(`Encounter?patient=${hospital.id('Patient', 'NORTH', 'A')}`), [v2], name);
    for (const id of [v1, v2]) assert.equal((await hospital.found(`Observation?encounter=${id}`)).length, 1, name);
    const [observation] = await hospital.found(`Observation?encounter=${v1}`);
    assert.equal((await hospital.read(`Observation/${observation}`)).encounter.reference, `Encounter/${v2}`, name);
  });
});

for (const [event, numbers] of [
  ['A35', ['ACC2', 'ACC1 old']],
  ['A41', ['ACC2', 'ACC1 old']],
  ['A49', ['ACC2', 'ACC1 old']],
] as const) {
  test(`${event}: two account numbers are one account`, async (t) => {
    const hospital = await ToldHospital.open(t);
    const messages = [
      told('A01', 1, pid(mrn('A'), { 18: 'ACC1' }), pv1('V1')),
      told(event, 2, pid(mrn('A'), { 18: 'ACC2' }), segment('MRG', { 1: mrn('A'), 3: 'ACC1' })),
    ];
    await hospital.inEveryOrder(messages, async (name) => {
      const account = hospital.id('Account', '', 'ACC2');
      assert.deepEqual(
        await hospital.found(`Account?patient=${hospital.id('Patient', 'NORTH', 'A')}`),
        [account],
        name,
      );
      assert.deepEqual(numbersOf(await hospital.read(`Account/${account}`)), numbers, name);
      const visit = hospital.id('Encounter', '', 'V1');
      for (const number of ['ACC1', 'ACC2']) {
        const query = `Encounter?account=Account/${hospital.id('Account', '', number)}`;
        assert.deepEqual(await hospital.found(query, ['R4']), [visit], `${name}: the visit by ${number}`);
      }
    });
  });
}

test('A06 with a new visit number: the outpatient’s visit goes on', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A04', 1, pid(mrn('A')), pv1('V1', { 2: 'O', 3: 'OPD^^^NORTH' })),
    told('A06', 2, pid(mrn('A')), segment('MRG', { 1: mrn('A'), 5: 'V1' }), pv1('V2', { 3: 'W1^10^1^NORTH' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const visit = hospital.id('Encounter', '', 'V2');
    assert.deepEqual(await hospital.found(`Encounter?patient=${hospital.id('Patient', 'NORTH', 'A')}`), [visit], name);
    const shown = await hospital.read(`Encounter/${visit}`);
    assert.deepEqual([shown.class.code, shown.classHistory[0].class.code], ['IMP', 'AMB'], name);
    assert.equal(shown.location.length, 2, name);
  });
});

test('A24 links two numbers, A37 takes it back', async (t) => {
  const hospital = await ToldHospital.open(t);
  const link = told('A24', 3, pid(mrn('A')), pid(mrn('B')));
  const people = [told('A28', 1, pid(mrn('A'), { 8: 'F' })), told('A28', 2, pid(mrn('B'), { 13: '030222' }))];
  await hospital.inEveryOrder([...people, link], async (name) => {
    const [first] = ['A', 'B'].map((id) => hospital.id('Patient', 'NORTH', id)).sort();
    const shown = await hospital.read(`Patient/${first}`);
    assert.deepEqual([shown.gender, shown.telecom[0].value], ['female', '030222'], name);
  });
  const meanwhile = told('A31', 3.5, pid(mrn('B'), { 7: '19800101' }));
  const unlinked = [...people, link, meanwhile, told('A37', 4, pid(mrn('A')), pid(mrn('B')))];
  await hospital.inEveryOrder(unlinked, async (name) => {
    const [a, b] = await Promise.all(
      ['A', 'B'].map((id) => hospital.read(`Patient/${hospital.id('Patient', 'NORTH', id)}`)),
    );
    assert.deepEqual([a.gender, a.telecom, a.birthDate, a.link], ['female', undefined, undefined, undefined], name);
    assert.deepEqual(
      [b.gender, b.telecom[0].value, b.birthDate, b.link],
      [undefined, '030222', '1980-01-01', undefined],
      `${name}: what is said while they are linked stays with whom it was said of`,
    );
  });
});

test('the A37 of docs/events.md ends a link that one PID made, until a later message names both again', async (t) => {
  const lines = readFileSync('docs/events.md', 'utf8').split('\n');
  const unlink = told('A37', 4, ...lines.filter((line) => line.startsWith('PID|')));
  assert.equal(unlink.segments.length, 2);
  const hospital = await ToldHospital.open(t, { authorities: [{ id: 'NORTH' }, { id: 'REGION' }] });
  const region = 'R99^^^REGION^MR';
  const both = `${mrn('4711')}~${region}`;
  const messages = [
    told('A28', 1, pid(mrn('4711'), { 8: 'F' })),
    told('A28', 2, pid(region, { 13: '030222' })),
    told('A31', 3, pid(both)),
  ];
  const replaced = async (): Promise<number> => {
    const ids = [hospital.id('Patient', 'NORTH', '4711'), hospital.id('Patient', 'REGION', 'R99')];
    const shown: Shown[] = await Promise.all(ids.map((id) => hospital.read(`Patient/${id}`)));
    return shown.filter(({ link }) => link?.some(({ type }: Shown) => type === 'replaced-by')).length;
  };
  await hospital.inEveryOrder(messages, async (name) => assert.equal(await replaced(), 1, name));
  await hospital.inEveryOrder([...messages, unlink], async (name) => {
    assert.equal(await replaced(), 0, name);
    const b = await hospital.read(`Patient/${hospital.id('Patient', 'REGION', 'R99')}`);
    assert.deepEqual([b.gender, b.telecom[0].value], [undefined, '030222'], name);
  });
  const again = [...messages, unlink, told('A31', 5, pid(both))];
  await hospital.inEveryOrder(again, async (name) => assert.equal(await replaced(), 1, name));
});

test('A17: two patients swap their beds', async (t) => {
  const hospital = await ToldHospital.open(t);
  const [one, two] = ['W1^10^1^NORTH', 'W2^20^2^NORTH'];
  const messages = [
    told('A01', 1, pid(mrn('A')), pv1('V1', { 3: one })),
    told('A01', 2, pid(mrn('B')), pv1('V2', { 3: two })),
    told('A17', 3, pid(mrn('A')), pv1('V1', { 3: two }), pid(mrn('B')), pv1('V2', { 3: one })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    for (const [visit, places] of [
      ['V1', ['W2 20 2', 'W1 10 1']],
      ['V2', ['W1 10 1', 'W2 20 2']],
    ] as const) {
      const shown = await hospital.read(`Encounter/${hospital.id('Encounter', '', visit)}`);
      assert.deepEqual(
        shown.location.map((place: Shown) => place.location.display),
        places,
        name,
      );
    }
  });
});

test('A23 deletes a visit and A29 a person, and older messages bring neither back', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A01', 1, pid(mrn('A')), pv1('V1')),
    told('A08', 2, pid(mrn('A')), pv1('V1')),
    told('A23', 3, pid(mrn('A')), pv1('V1')),
    told('A28', 1, pid(mrn('B'))),
    told('A31', 2, pid(mrn('B'))),
    told('A29', 3, pid(mrn('B'))),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    for (const gone of [
      `Encounter/${hospital.id('Encounter', '', 'V1')}`,
      `Patient/${hospital.id('Patient', 'NORTH', 'B')}`,
    ]) {
      const { status } = await hospital.facade.get('R4', `/${gone}`);
      assert.ok(status === 410 || status === 404, `${name} ${gone} ${status}`);
    }
    assert.deepEqual(await hospital.found(`Encounter?patient=${hospital.id('Patient', 'NORTH', 'A')}`), [], name);
  });
});

test('a late A08 with the only phone number adds it and changes nothing newer', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A08', 1, pid(mrn('A'), { 5: 'Old^Ann', 13: '030111' })),
    told('A08', 2, pid(mrn('A'), { 5: 'New^Ann' })),
    told('A08', 3, pid(mrn('A'), { 11: '""' })),
    told('A08', 2.5, pid(mrn('A'), { 11: '1 Road^^Town' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const shown = await hospital.read(`Patient/${hospital.id('Patient', 'NORTH', 'A')}`);
    assert.deepEqual([shown.name[0].family, shown.telecom[0].value, shown.address], ['New', '030111', undefined], name);
  });
});

test('identifiers of one PID in any order are one patient', async (t) => {
  const hospital = await ToldHospital.open(t, { authorities: [{ id: 'NORTH' }, { id: 'REG', type: 'PI' }] });
  const registry = 'R1^^^REG^PI';
  const messages = [
    told('A28', 1, pid(`${mrn('A')}~${registry}`, { 8: 'F' })),
    told('A31', 2, pid(`${registry}~${mrn('A')}`, { 13: '030111' })),
    told('A31', 3, pid(registry, { 7: '19800101' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const shown = await hospital.read(`Patient/${hospital.id('Patient', 'NORTH', 'A')}`);
    assert.deepEqual([shown.gender, shown.telecom[0].value, shown.birthDate], ['female', '030111', '1980-01-01'], name);
    assert.deepEqual(numbersOf(shown).sort(), ['A', 'R1'], name);
  });
});

/** What later messages do to what is stored, from bytes to FHIR, in every order of processing (convergence.md, Stamps and Lists). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, pid, pv1, segment, ToldHospital, told } from '../../support/told-hospital.js';

const mrn = (id: string): string => `${id}^^^NORTH^MR`;
const result = [
  'OBR|1||F1|718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F',
  'OBX|1|NM|718-7^Hemoglobin^LN||12|g/dL|||||F',
];

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
type Shown = any;

const patient = (hospital: ToldHospital, id = 'A'): Promise<Shown> =>
  hospital.read(`Patient/${hospital.id('Patient', 'NORTH', id)}`);
const values = (list: Shown[] | undefined): string[] => (list ?? []).map(({ value }) => value).sort();

test('a result creates what it names and fills what nobody set, and overwrites nothing of an admission', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A01', 1, pid(mrn('A'), { 5: 'Right^Ann', 8: 'F', 11: '1 Road^^Town' }), pv1('V1')),
    told(
      'R01',
      2,
      pid(`${mrn('A')}~77^^^LAB^PI`, { 5: 'Stale^Ann', 7: '19800101', 8: 'M', 11: '9 Old^^Elsewhere', 13: '030999' }),
      pv1('V1'),
      ...result,
    ),
    told('R01', 3, pid(mrn('B'), { 5: 'Known^Bob' }), pv1('V2'), ...result.map((text) => text.replace('F1', 'F2'))),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const shown = await patient(hospital);
    assert.deepEqual([shown.gender, shown.birthDate], ['female', '1980-01-01'], name);
    assert.deepEqual(
      [shown.name.length, shown.name[0].family, shown.address.length, shown.address[0].city],
      [1, 'Right', 1, 'Town'],
      name,
    );
    assert.deepEqual(values(shown.telecom), ['030999'], `${name}: of what ADT never said a list is shown`);
    assert.deepEqual(values(shown.identifier), ['77', 'A'], `${name}: identifiers of all`);
    assert.equal((await patient(hospital, 'B')).name[0].family, 'Known', name);
    assert.equal((await hospital.found(`Encounter?patient=${hospital.id('Patient', 'NORTH', 'B')}`)).length, 1, name);
  });
});

test('a listener’s profile can change who leads', async (t) => {
  const messages = [
    told('A01', 1, pid(mrn('A'), { 8: 'F' }), pv1('V1')),
    told('R01', 2, pid(mrn('A'), { 8: 'M' }), pv1('V1'), ...result),
    told('A08', 3, pid(mrn('A'), { 8: 'F' }), pv1('V1')),
  ];
  for (const [authority, gender] of [
    [{}, 'female'],
    [{ ORU: 60 }, 'male'],
    [{ ADT: 10 }, 'male'],
    [{ ORU: 50 }, 'female'],
  ] as const) {
    const hospital = await ToldHospital.open(t, {}, { authority });
    await hospital.inEveryOrder(messages, async (name) =>
      assert.equal((await patient(hospital)).gender, gender, `${JSON.stringify(authority)} ${name}`),
    );
  }
});

test('a sent field that repeats replaces what it said before; PID-13 and PID-14 do not delete each other', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told(
      'A28',
      1,
      pid(`${mrn('A')}~9^^^SSA^SS`, {
        5: 'Doe^Ann~Roe^Ann^^^^^M',
        11: '1 Road^^Town~2 Street^^Town',
        13: '030111~030112',
        14: '040333',
      }),
    ),
    told('A31', 2, pid(mrn('A'), { 5: 'Doe^Ann', 11: '3 Lane^^Town', 13: '030222' })),
    told('A31', 3, pid(mrn('A'), { 14: '""' })),
    told('A31', 4, pid(mrn('A'), { 13: '030444' })),
    told('A31', 2.5, pid(mrn('A'), { 14: '040555' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const shown = await patient(hospital);
    assert.deepEqual(values(shown.identifier), ['A'], name);
    assert.deepEqual([shown.name.length, shown.address.length, shown.address[0].line], [1, 1, ['3 Lane']], name);
    assert.deepEqual(values(shown.telecom), ['030444'], name);
  });
  await hospital.inEveryOrder(messages.toSpliced(2, 1), async (name) =>
    assert.deepEqual(values((await patient(hospital)).telecom), ['030444', '040555'], name),
  );
});

test('an event time in 2062 freezes nothing: its arrival counts', async (t) => {
  const hospital = await ToldHospital.open(t);
  const future = (Date.UTC(2062, 0, 1) - Date.UTC(2026, 4, 1)) / 3_600_000;
  // archived on 3 May, a few milliseconds after each other
  const messages = [
    told('A08', 1, pid(mrn('A'), { 8: 'F', 13: '030111' })),
    told('A08', future, pid(mrn('A'), { 8: 'M', 13: '030222' })),
    told('A08', 48.1, pid(mrn('A'), { 8: 'O' })),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const shown = await patient(hospital);
    assert.deepEqual([shown.gender, values(shown.telecom)], ['other', ['030222']], name);
  });
});

test('a tenant with a list parks a message without a listed identifier; account and social security number join nobody', async (t) => {
  const hospital = await ToldHospital.open(t, { authorities: [{ id: 'NORTH' }] });
  const messages = [
    told('A28', 1, pid(`${mrn('A')}~9^^^SSA^SS`, { 18: 'ACC1', 19: '123456789' })),
    told('A28', 2, pid(`${mrn('B')}~9^^^SSA^SS`, { 18: 'ACC1', 19: '123456789' })),
    told('A28', 3, pid('9^^^SSA^SS', { 18: 'ACC1' })),
  ];
  await hospital.inEveryOrder(
    messages,
    async (name) => {
      assert.match(hospital.ended.get(2) ?? '', /^parked message-without-patient/, name);
      const people = ['A', 'B'].map((id) => hospital.id('Patient', 'NORTH', id)).sort();
      assert.deepEqual(await hospital.found('Patient?active:not=false'), people, name);
      for (const id of ['A', 'B']) assert.equal((await patient(hospital, id)).link, undefined, name);
    },
    [2],
  );
});

test('action codes are obeyed: what they delete is gone, whatever older messages say, until it is added again', async (t) => {
  const hospital = await ToldHospital.open(t);
  const a = hospital.id('Patient', 'NORTH', 'A');
  const iam = (code: string): string => `IAM|1|DA|PEN^Penicillin^L|||${code}|AL1^NORTH`;
  const diagnosis = (code: string): string => segment('DG1', { 1: '1', 3: 'I10^Hypertension^I10', 20: 'D1', 21: code });
  const insurance = (code: string): string =>
    segment('IN1', { 1: '1', 2: 'PLAN^Gold', 3: 'PAY1', 36: 'POL1', 55: code });
  const procedure = (code: string): string =>
    segment('PR1', { 1: '1', 3: '1^Cut^SCT', 5: '20260501', 19: 'PR1', 20: code });
  const visit = (code: string): string[] => [
    pid(mrn('A')),
    pv1('V1'),
    iam(code),
    diagnosis(code),
    procedure(code),
    insurance(code),
  ];
  const counts = async (): Promise<number[]> => {
    const types = ['AllergyIntolerance', 'Condition', 'Coverage', 'Procedure'];
    const found = types.map((type) => hospital.found(`${type}?patient=${a}`, ['R4', 'STU3']));
    return (await Promise.all(found)).map(({ length }) => length);
  };
  const said = [told('A01', 1, ...visit('A')), told('A08', 2, ...visit('A')), told('A08', 3, ...visit('D'))];
  await hospital.inEveryOrder(said, async (name) => {
    assert.deepEqual(await counts(), [0, 0, 0, 0], name);
    const { diagnosis: named } = await hospital.read(`Encounter/${hospital.id('Encounter', '', 'V1')}`);
    assert.equal(named, undefined, name);
  });
  await hospital.inEveryOrder([...said, told('A08', 4, ...visit('A'))], async (name) =>
    assert.deepEqual(await counts(), [1, 1, 1, 1], name),
  );
});

test('A60: allergies alone, added, updated and deleted by their numbers', async (t) => {
  const hospital = await ToldHospital.open(t);
  const iam = (number: string, code: string, reaction: string): string =>
    `IAM|1|DA|PEN^Penicillin^L||${reaction}|${code}|${number}^NORTH`;
  const said = [
    told('A60', 1, pid(mrn('A')), iam('AL1', 'A', 'Rash'), iam('AL2', 'A', 'Hives')),
    told('A60', 2, pid(mrn('A')), iam('AL1', 'U', 'Swelling')),
    told('A60', 3, pid(mrn('A')), iam('AL2', 'D', 'Hives')),
  ];
  await hospital.inEveryOrder(said, async (name) => {
    const [only, ...others] = await hospital.found(
      `AllergyIntolerance?patient=${hospital.id('Patient', 'NORTH', 'A')}`,
      ['R4', 'STU3'],
    );
    assert.equal(others.length, 0, name);
    const { reaction } = await hospital.read(`AllergyIntolerance/${only}`);
    assert.equal(reaction[0].manifestation[0].text ?? reaction[0].description, 'Swelling', name);
  });
});

test('in snapshot mode a list replaces the earlier one of its sender: AL1, DG1, IN1 and NK1', async (t) => {
  const segments = ['AL1', 'DG1', 'IN1', 'NK1'];
  const list = (...numbers: number[]): string[] => [
    ...numbers.map((n) => `AL1|${n}|DA|A${n}^Allergy ${n}^L`),
    ...numbers.map((n) => segment('DG1', { 1: `${n}`, 3: `D${n}^Diagnosis ${n}^L` })),
    ...numbers.map((n) => segment('IN1', { 1: `${n}`, 2: `P${n}^Plan ${n}`, 3: `I${n}` })),
    ...numbers.map((n) => `NK1|${n}|Kin${n}^Al|SPO`),
  ];
  // diagnoses and insurances stand in another order than ADT_A01 has them in
  const order = (all: string[]): string[] =>
    ['NK1', 'AL1', 'DG1', 'IN1'].flatMap((name) => all.filter((text) => text.startsWith(name)));
  const messages = [
    told('A08', 1, pid(mrn('A')), ...order(list(1, 2))),
    told('A08', 2, pid(mrn('A')), ...order(list(2, 3))),
    told('A08', 3, pid(mrn('A'))),
  ];
  for (const [snapshot, expected] of [
    [segments, 2],
    [[], 3],
  ] as const) {
    const hospital = await ToldHospital.open(t, {}, { snapshot });
    const a = hospital.id('Patient', 'NORTH', 'A');
    await hospital.inEveryOrder(messages, async (name) => {
      for (const type of ['AllergyIntolerance', 'Condition', 'Coverage', 'RelatedPerson']) {
        const found = await hospital.found(`${type}?patient=${a}`, ['R4', 'STU3']);
        assert.equal(found.length, expected, `${name}: ${type}, snapshot of ${snapshot.length}`);
      }
    });
  }
});

test('a message with both numbers of an order makes one order of what each of them named', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('R01', 1, pid(mrn('A')), 'ORC|RE||F1', ...result),
    told('R01', 2, pid(mrn('A')), 'ORC|SC|P1', ...result.map((text) => text.replace('OBR|1||F1', 'OBR|1|P1|'))),
    told('R01', 3, pid(mrn('A')), 'ORC|RE|P1|F1', ...result.map((text) => text.replace('OBR|1||F1', 'OBR|1|P1|F1'))),
  ];
  const a = hospital.id('Patient', 'NORTH', 'A');
  const orders = async (): Promise<string[]> => hospital.found(`ServiceRequest?patient=${a}`, ['R4']);
  await hospital.inEveryOrder(messages.slice(0, 2), async (name) => assert.equal((await orders()).length, 2, name));
  await hospital.inEveryOrder(messages, async (name) => assert.equal((await orders()).length, 1, name));
});

test('each resource says which message its newest shown word is from, in the versions that have a place for it', async (t) => {
  const hospital = await ToldHospital.open(t);
  const messages = [
    told('A01', 1, pid(mrn('A'), { 5: 'Doe^Ann' }), pv1('V1', { 3: 'W1^10^1^NORTH' })),
    told('A02', 2, pid(mrn('A'), { 5: 'Doe^Ann^B' }), pv1('V1', { 3: 'W2^20^2^NORTH', 44: hours(1) })),
    told('R01', 3, pid(mrn('A'), { 5: 'Stale^Ann' }), pv1('V1', { 3: 'W1^10^1^NORTH' }), ...result),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const [observation] = await hospital.found(`Observation?patient=${hospital.id('Patient', 'NORTH', 'A')}`);
    for (const [resource, number] of [
      [`Patient/${hospital.id('Patient', 'NORTH', 'A')}`, 2],
      [`Encounter/${hospital.id('Encounter', '', 'V1')}`, 2],
      [`Observation/${observation}`, 3],
    ] as const) {
      const { body } = await hospital.facade.get('R4', `/${resource}`);
      assert.equal(body.meta.source, `urn:wardline:message:1-${number}`, `${name}: ${resource}`);
      for (const version of ['STU3', 'DSTU2'] as const) {
        const old = await hospital.facade.get(version, `/${resource}`);
        assert.equal(old.body.meta.source, undefined, `${name}: ${resource} in ${version}`);
      }
    }
  });
});

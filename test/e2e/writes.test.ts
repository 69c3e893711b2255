/** What messages cost the store: rows written for each, counted and printed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pid, pv1, segment, type Told, ToldHospital, told } from '../support/told-hospital.js';

const mrn = (id: string): string => `${id}^^^NORTH^MR`;
const name = (family: string): Record<number, string> => ({ 5: `${family}^Ann`, 7: '19800101', 8: 'F' });
const result = (number: number): string[] => [
  `OBR|1||F${number}|718-7^Hemoglobin^LN|||20260501080000|||||||||||||||||||F`,
  `OBX|1|NM|718-7^Hemoglobin^LN||${number}|g/dL|||||F`,
];

type Rows = ReturnType<ToldHospital['facade']['store']['counters']>;

/** Rows written for the last of the messages. */
async function costOfLast(hospital: ToldHospital, messages: readonly Told[]): Promise<Rows> {
  const last = messages.at(-1) ?? assert.fail();
  for (const one of messages.slice(0, -1)) await hospital.process(messages, [one]);
  const before = hospital.facade.store.counters();
  await hospital.process(messages, [last]);
  assert.equal(hospital.ended.get(messages.indexOf(last)), 'applied');
  const after = hospital.facade.store.counters();
  return Object.fromEntries(
    Object.entries(after).map(([kind, rows]) => [kind, rows - before[kind as keyof Rows]]),
  ) as unknown as Rows;
}

const admitted = [
  told(
    'A01',
    1,
    pid(mrn('A'), name('Doe')),
    pv1('V1', { 3: 'W1^10^1^NORTH', 7: '77^House^Gregory' }),
    'AL1|1|DA|PEN^Penicillin',
  ),
  told('R01', 2, pid(mrn('A'), name('Doe')), pv1('V1'), ...result(1)),
];

test('an A08 that changes patient and visit is at most five writes and a share of one', async (t) => {
  const hospital = await ToldHospital.open(t);
  const update = told('A08', 3, pid(mrn('A'), name('Roe')), pv1('V1', { 3: 'W1^10^1^NORTH', 7: '88^Wilson^James' }));
  const rows = await costOfLast(hospital, [...admitted, update]);
  t.diagnostic(`A08 that changes patient and visit: ${JSON.stringify(rows)}`);
  // a new doctor is a resource of its own
  assert.deepEqual([rows.documents, rows.versions], [3, 3]);
  const known = await ToldHospital.open(t);
  const same = told(
    'A08',
    3,
    pid(mrn('A'), name('Roe')),
    pv1('V1', { 2: 'E', 3: 'W1^10^1^NORTH', 7: '77^House^Gregory' }),
  );
  const few = await costOfLast(known, [...admitted, same]);
  t.diagnostic(`the same with a doctor who is known: ${JSON.stringify(few)}`);
  assert.equal(few.documents, 2);
  assert.ok(few.documents + few.versions + few.touches <= 5, JSON.stringify(few));
  assert.equal(few.commits, 1);
});

test('a message that says nothing new writes no document and no version, and finds stay as they are', async (t) => {
  const hospital = await ToldHospital.open(t);
  const [admission] = admitted;
  assert.ok(admission);
  const rows = await costOfLast(hospital, [
    ...admitted,
    { ...admission, event: 'A08', at: 3 },
    { ...admission, event: 'A08', at: 4 },
  ]);
  t.diagnostic(`A08 that repeats: ${JSON.stringify(rows)}`);
  assert.deepEqual([rows.documents, rows.versions, rows.indexRows], [0, 0, 0]);
  const again = await costOfLast(await ToldHospital.open(t), [admission, admission]);
  assert.deepEqual(
    again,
    { commits: 0, documents: 0, versions: 0, indexRows: 0, touches: 0 },
    'the same message twice',
  );
});

test('a merge costs a few writes however long the record is, and so does what takes it back', async (t) => {
  const costs = async (results: number): Promise<[merge: Rows, unlink: Rows]> => {
    const record = [
      ...admitted,
      ...Array.from({ length: results }, (_, at) =>
        told('R01', 3 + at / 100, pid(mrn('A'), name('Doe')), pv1('V1'), ...result(10 + at)),
      ),
      told('A28', 10, pid(mrn('B'), name('Poe'))),
    ];
    const merge = told('A40', 20, pid(mrn('B')), segment('MRG', { 1: mrn('A') }));
    const apart = told('A37', 21, pid(mrn('B')), pid(mrn('A')));
    return [
      await costOfLast(await ToldHospital.open(t), [...record, merge]),
      await costOfLast(await ToldHospital.open(t), [...record, merge, apart]),
    ];
  };
  const short = await costs(2);
  const long = await costs(60);
  t.diagnostic(`A40: ${JSON.stringify(long[0])}; A37: ${JSON.stringify(long[1])}`);
  assert.deepEqual(long, short);
  for (const { documents } of long) assert.ok(documents <= 6, `${documents} documents`);
});

/**
 * Replays of random histories of two hospitals after a rule was changed: what is rebuilt ends as a fresh rebuild of the
 * archive does, with all facts and stamps (convergence.md, Replay).
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import type { ReplayWish } from '../../src/engine/replay.js';
import type { ReplayParts } from '../../src/engine/replay-parts.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import { openScratch } from '../../src/store/embedded/scratch.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoReplayBoard } from '../../src/store/mongodb/replay-board.js';
import type { ToldMessage } from '../../src/store/replay-board-port.js';
import { hospitalHistory } from '../support/hospital-history.js';
import { mongoFor } from '../support/mongodb-server.js';
import { Random } from '../support/random.js';
import { archived, hospitals, mappingFiles, type Row } from '../support/rehearsal.js';
import { ReplayingHospital } from '../support/replaying-hospital.js';
import { temporaryFolder } from '../support/temporary-folder.js';

type Store = ReplayParts['resources'];
type Files = Readonly<Record<string, string>>;

/** The shipped files with one text exchanged for another. */
function changed(name: string, from: string, to: string, files: Files = mappingFiles): Files {
  const text = files[name] ?? '';
  assert.ok(text.includes(from), `${name} has ${from}`);
  return { ...files, [name]: text.replace(from, to) };
}

const gender = '  - { id: PID-8, from: PID-8, to: gender, table: HL70001.administrative-gender }\n';
const withoutGender = changed('mappings/segments/pid.patient.yaml', gender, '');
/** No gender, no second telephone, allergies without their reaction's severity: rules that only add or take away. */
const otherRules = changed(
  'mappings/segments/al1.allergyintolerance.yaml',
  'id: AL1-3',
  'id: AL1-3x',
  changed('mappings/segments/pid.patient.yaml', 'from: PID-14\n', 'from: PID-13\n', withoutGender),
);
/** Who is who goes by other identifiers, visits by their admission: other ids nearly everywhere. */
const otherKeys = changed(
  'mappings/identity.yaml',
  '    - { id: visit-number, parts: [{ identifier: PV1-19, authority: visit }] }\n',
  '',
  changed('mappings/identity.yaml', 'prefer: [MR, PI, PT]', 'prefer: [PI, MR, PT]', otherRules),
);
const withoutResults: Files = Object.fromEntries(
  Object.entries(mappingFiles).filter(([name]) => name !== 'mappings/messages/oru-r01.yaml'),
);

interface Case {
  readonly archive: ArchivePort;
  readonly rows: readonly Row[];
  readonly house: ReplayingHospital;
}

/** A history applied in order under one mapping, which is then changed to another. `store` left out: one that waits for the disk. */
async function applied(
  t: TestContext,
  seed: number,
  before: Files,
  after: Files,
  length = 25,
  store?: Store,
): Promise<Case> {
  const random = new Random(seed);
  const messages = (['NORTH', 'SOUTH'] as const).flatMap((facility) =>
    hospitalHistory(random, facility, length).map((message) => ({
      ...message,
      facility,
      arrival: message.time + (random.chance(0.3) ? random.below(480) * 60_000 : random.below(60_000)),
    })),
  );
  const { archive, rows } = await archived(
    t,
    messages.sort((a, b) => a.arrival - b.arrival),
  );
  const house = new ReplayingHospital(t, archive, before, 1, store);
  for (const tenant of Object.values(hospitals)) {
    const own = rows.filter((row) => row.tenant === tenant).map(({ sequence }) => sequence);
    while (own.length > 0) await house.work({ tenant, sequences: own.splice(0, 4) });
  }
  house.remap(after, 2);
  return { archive, rows, house };
}

/** The same archive under one mapping into an empty store; what it settles is forgotten. */
async function fresh(t: TestContext, { archive, rows }: Case, files: Files): Promise<ReplayingHospital> {
  const unsettling: ArchivePort = Object.assign(Object.create(archive) as ArchivePort, { settle: async () => {} });
  const house = new ReplayingHospital(t, unsettling, files, 2, unsynced(t));
  for (const { tenant, sequence } of rows) await house.work({ tenant, sequences: [sequence] });
  return house;
}

/** A store that never waits for the disk. */
function unsynced(t: TestContext): Store {
  const stores = new Map<string, Store>(
    Object.values(hospitals).map((tenant) => {
      const scratch = openScratch(join(temporaryFolder(t), 'fresh'));
      t.after(() => scratch.close());
      return [tenant, scratch.documents];
    }),
  );
  const of = (tenant: string): Store => {
    const store = stores.get(tenant);
    assert.ok(store);
    return store;
  };
  return {
    unsearched: true,
    read: (tenant, ...rest) => of(tenant).read(tenant, ...rest),
    readByKeyRest: (tenant, ...rest) => of(tenant).readByKeyRest(tenant, ...rest),
    readByPatient: (tenant, ...rest) => of(tenant).readByPatient(tenant, ...rest),
    readAll: (tenant, ...rest) => of(tenant).readAll(tenant, ...rest),
    write: (tenant, ...rest) => of(tenant).write(tenant, ...rest),
    touch: (tenant, ...rest) => of(tenant).touch(tenant, ...rest),
  };
}

const shared = /^(Location|Practitioner|Organization)\//;

function withoutShared(picture: Record<string, JsonObject>): Record<string, JsonObject> {
  return Object.fromEntries(Object.entries(picture).filter(([name]) => !shared.test(name)));
}

function assertSame(actual: Record<string, JsonObject>, expected: Record<string, JsonObject>, what: string): void {
  for (const name of Object.keys(expected)) assert.deepEqual(actual[name], expected[name], `${what}: ${name}`);
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), what);
}

async function assertAsFresh(t: TestContext, one: Case, files: Files, what: string): Promise<void> {
  const expected = await fresh(t, one, files);
  for (const facility of ['NORTH', 'SOUTH'] as const) {
    const tenant = hospitals[facility];
    assertSame(await one.house.picture(tenant), await expected.picture(tenant), `${what}, ${facility}`);
  }
}

test('a replay of one message rebuilds all that it touches as if it were applied for the first time', {
  timeout: 120_000,
}, async (t) => {
  // in a short history patients are not all linked yet, so that a class is a part of the tenant
  const cases: readonly (readonly [Files, Files, number])[] = [
    [mappingFiles, otherRules, 25],
    [otherRules, mappingFiles, 25],
    ...[1, 2, 3, 4].map(() => [mappingFiles, otherRules, 7] as const),
  ];
  let parts = 0;
  let seen = 0;
  for (const [seed, [before, after, length]] of cases.entries()) {
    const one = await applied(t, 11 + seed, before, after, length, unsynced(t));
    const expected = await fresh(t, one, after);
    for (const facility of ['NORTH', 'SOUTH'] as const) {
      const tenant = hospitals[facility];
      const row = one.rows.find((each) => each.tenant === tenant);
      assert.ok(row);
      const old = await one.house.picture(tenant);
      const { tally, differences } = await one.house.replay({ kind: 'messages', messages: [row.sequence] });
      assert.equal(tally.classes, 1);
      seen += differences.length;
      if (tally.messages < length) parts += 1;
      const now = withoutShared(await one.house.picture(tenant));
      const wanted = withoutShared(await expected.picture(tenant));
      const made = (await one.archive.get(row.sequence))?.outcome?.made ?? [];
      for (const { type, id } of made) {
        const name = `${type}/${id}`;
        if (!shared.test(name)) assert.deepEqual(now[name], wanted[name], `seed ${seed}: ${name} of the message`);
      }
      let rebuilt = 0;
      for (const name of new Set([...Object.keys(now), ...Object.keys(wanted)])) {
        // a class that it does not touch stays as it was
        if (JSON.stringify(now[name]) === JSON.stringify(old[name])) continue;
        rebuilt += 1;
        assert.deepEqual(now[name], wanted[name], `seed ${seed}: ${name} of ${facility}`);
      }
      assert.ok(rebuilt > 0, `seed ${seed}: documents of ${facility} were rebuilt`);
      const again = await one.house.replay({ kind: 'messages', messages: [row.sequence] });
      assert.deepEqual(again.differences, [], 'again it finds nothing to do');
      assert.equal(again.tally.restamped, 0);
    }
  }
  assert.ok(seen > 0, 'a difference is seen');
  assert.ok(parts > 2, 'classes are parts of their tenants');
});

test('a replay of the whole tenant is a fresh rebuild, shared resources and other keys included', {
  timeout: 120_000,
}, async (t) => {
  for (const [seed, [before, after]] of [
    [mappingFiles, otherKeys],
    [otherKeys, mappingFiles],
    [withoutResults, mappingFiles],
    [mappingFiles, withoutResults],
  ].entries() as IterableIterator<[number, [Files, Files]]>) {
    const one = await applied(t, 21 + seed, before, after, 25, unsynced(t));
    for (const tenant of Object.values(hospitals)) await one.house.replay({ kind: 'tenant', tenant });
    await assertAsFresh(t, one, after, `seed ${seed}`);
  }
});

test('what rests on pruned messages is kept, and what the archive still says is applied onto it', {
  timeout: 120_000,
}, async (t) => {
  const one = await applied(t, 31, mappingFiles, withoutGender, 30);
  const tenant = hospitals.NORTH;
  const old = await one.house.picture(tenant);
  const own = one.rows.filter((row) => row.tenant === tenant);
  const until = own[12]?.sequence.arrival ?? 0;
  assert.ok((await one.archive.prune(tenant, until)) > 5);
  const left = one.rows.filter(({ sequence }) => sequence.arrival >= until);
  const { tally } = await one.house.replay({ kind: 'tenant', tenant });
  assert.ok(tally.kept > 3, `${tally.kept} documents were kept`);
  const now = await one.house.picture(tenant);
  const expected = await (await fresh(t, { ...one, rows: left }, withoutGender)).picture(tenant);
  const gone = new Set(
    own.filter((row) => !left.includes(row)).map(({ sequence }) => `${sequence.run},${sequence.number}`),
  );
  const places = (registers: unknown): string[] =>
    (registers as string[]).map((text) => /,(\d+,\d+),\d+$/.exec(text)?.[1] ?? '');
  let kept = 0;
  for (const [name, picture] of Object.entries(old)) {
    if (shared.test(name)) continue;
    if (!places(picture['registers']).some((place) => gone.has(place))) {
      // a document that a kept one names is kept with it, and what is shown follows those beside it
      if (now[name] !== undefined && namesOf(now[name]) === 0)
        assert.deepEqual(now[name]['registers'], expected[name]?.['registers'], name);
      continue;
    }
    kept += 1;
    const names = (of: JsonObject | undefined) =>
      ((of?.['registers'] ?? []) as string[]).map((text) => text.split(' = ')[0]);
    const there = new Set(names(now[name]));
    for (const register of [...names(picture), ...names(expected[name])])
      assert.ok(there.has(register), `${name}: ${register}`);
  }
  assert.ok(kept > 3);
  assert.deepEqual(
    (await one.house.replay({ kind: 'tenant', tenant })).differences,
    [],
    'again it finds nothing to do',
  );
});

/** Registers that name other documents. */
function namesOf(picture: JsonObject): number {
  return (picture['registers'] as string[]).filter((text) => /^~(link|merged|absorbed)/.test(text)).length;
}

test('messages that other processes apply during a rebuild are rebuilt with it', { timeout: 120_000 }, async (t) => {
  for (const whole of [true, false]) {
    const one = await applied(t, 41, mappingFiles, otherRules, 25, unsynced(t));
    const tenant = hospitals.NORTH;
    const late = await lateMessages(one, tenant, 6);
    const all = late.length;
    const resources: Store = Object.assign(Object.create(one.house.resources) as Store, {
      write: async (...args: Parameters<Store['write']>) => {
        const next = late.shift();
        if (next !== undefined) await one.house.workAnyhow({ tenant, sequences: [next.sequence] });
        return one.house.resources.write(...args);
      },
    });
    const row = one.rows.find((each) => each.tenant === tenant);
    assert.ok(row);
    await one.house.replay(whole ? { kind: 'tenant', tenant } : { kind: 'messages', messages: [row.sequence] }, {
      resources,
    });
    assert.ok(late.length < all - 1, 'messages came in during the rebuild, and again when it was taken up again');
    for (const { sequence } of late) await one.house.work({ tenant, sequences: [sequence] });
    await assertRebuilt(t, one, tenant, otherRules, whole);
  }
});

test('what another process applies without a trace in what is compared is rebuilt as well', {
  timeout: 600_000,
}, async (t) => {
  const mongo = await mongoFor(t);
  if (mongo === undefined) return;
  const client = connectMongo(mongo.url);
  const db = client.db(`test-${crypto.randomUUID()}`);
  const board = await openMongoReplayBoard(db);
  const tenant = hospitals.NORTH;
  const update = (hour: number, fields: string) => ({
    text: `MSH|^~\\&|ADT|NORTH|W|L|202603020${hour}||ADT^A08|${hour}|P|2.5\rEVN|A08|202603020${hour}\rPID|1||1^^^NORTH^MR||A^B|||${fields}\r`,
    ...{ time: Date.UTC(2026, 2, 2, hour), event: 'A08', facility: 'NORTH' as const, arrival: Date.UTC(2026, 2, 3) },
  });
  // by the rules of before the newer message says the gender, by those of after only the older one does
  const otherField = changed(
    'mappings/segments/pid.patient.yaml',
    gender,
    gender.replace('from: PID-8', 'from: PID-37'),
  );
  const { archive, rows } = await archived(t, [update(9, 'F'), update(8, `F${'|'.repeat(29)}M`)]);
  const house = new ReplayingHospital(t, archive, mappingFiles, 1, unsynced(t));
  const late = rows.map(({ sequence }) => sequence);
  await house.work({ tenant, sequences: late.splice(0, 1) });
  house.remap(otherField, 2);
  const id = 'replay';
  const progress = { job: { id }, differences: new Uint8Array(0) };
  assert.equal(await board.begin({ id, run: 1, tenant, generation: 1 }, progress), undefined);
  const resources: Store = Object.assign(Object.create(house.resources) as Store, {
    write: async (...args: Parameters<Store['write']>) => {
      // between the reading of a page and its writing, for which another process waits for nobody
      const sequences = late.splice(0);
      if (sequences.length > 0) await house.workBeside({ tenant, sequences }, board);
      return house.resources.write(...args);
    },
  });
  const heard: ToldMessage[] = [];
  const others = async (): Promise<readonly ToldMessage[]> => {
    const told = await board.told(id, 1);
    heard.push(...told);
    return told;
  };
  await house.replay({ kind: 'tenant', tenant }, { resources, others });
  await board.end(id, progress);
  assert.equal(late.length, 0, 'it came in while the difference was written');
  const [patient] = Object.entries(await house.picture(tenant)).filter(([name]) => name.startsWith('Patient/'));
  assert.ok(patient !== undefined);
  assert.equal((patient[1]['shows'] as JsonObject)['gender'], 'male');
  assert.equal(heard.length, 1, 'the other process told what it applied');
  await db.dropDatabase();
  await client.close();
});

/** A rebuild while another process applies a message by the rules of before; `partly`: all it makes but the Patient is written when the rebuild begins. */
async function rebuildBesideOldRules(t: TestContext, partly: boolean): Promise<void> {
  const tenant = hospitals.NORTH;
  const update = (hour: number) => ({
    text: `MSH|^~\\&|ADT|NORTH|W|L|202603020${hour}||ADT^A08|${hour}|P|2.5\rEVN|A08|202603020${hour}\rPID|1||1^^^NORTH^MR||A${hour}^B|||F\rAL1|1|DA|PEN^Penicillin ${hour}\r`,
    ...{ time: Date.UTC(2026, 2, 2, hour), event: 'A08', facility: 'NORTH' as const, arrival: Date.UTC(2026, 2, 3) },
  });
  const { archive, rows } = await archived(t, [update(8), update(9)]);
  const [first, late] = rows.map(({ sequence }) => sequence);
  assert.ok(first !== undefined && late !== undefined);
  const store = unsynced(t);
  const house = new ReplayingHospital(t, archive, mappingFiles, 1, store);
  await house.work({ tenant, sequences: [first] });
  let go = (): void => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  let arrived = (): void => {};
  const writing = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let begun = false;
  const slow = new ReplayingHospital(t, archive, mappingFiles, 1, {
    ...store,
    async write(of, writes) {
      if (partly && !begun) {
        begun = true;
        const others = writes.filter(({ document }) => document.type !== 'Patient');
        assert.ok(others.length > 0 && others.length < writes.length);
        assert.ok((await store.write(of, others)).every(Boolean));
        // somebody else was there first, so that it is read and written again
        return writes.map(({ document }) => document.type !== 'Patient');
      }
      arrived();
      await gate;
      return store.write(of, writes);
    },
  });
  const slowly = slow.workAnyhow({ tenant, sequences: [late] });
  await writing;
  house.remap(withoutGender, 2);
  let looks = 0;
  await house.replay(
    { kind: 'tenant', tenant },
    {
      others: async () => {
        // a rebuild that does not wait has ended by then
        if (++looks === 20) go();
        return [];
      },
    },
  );
  go();
  await slowly;
  // it has seen that a replay began, and does it again by the rules of now
  await house.work({ tenant, sequences: [late] });
  const { created, changed: other, removed, restamped } = (await house.replay({ kind: 'tenant', tenant })).tally;
  assert.deepEqual({ created, other, removed, restamped }, { created: 0, other: 0, removed: 0, restamped: 0 });
}

test('what another process had begun to apply by the rules of before, when a rebuild began, is rebuilt as well', {
  timeout: 120_000,
}, async (t) => {
  await rebuildBesideOldRules(t, false);
});

test('so it is when a document leads to its message before that is settled', { timeout: 120_000 }, async (t) => {
  await rebuildBesideOldRules(t, true);
});

test('live batches go on during a rebuild, and their messages are in it', { timeout: 120_000 }, async (t) => {
  for (const whole of [true, false]) {
    const one = await applied(t, 51, otherRules, mappingFiles, 25, unsynced(t));
    const tenant = hospitals.SOUTH;
    const late = await lateMessages(one, tenant, 8);
    const live: Promise<void>[] = [];
    const resources: Store = Object.assign(Object.create(one.house.resources) as Store, {
      read: (...args: Parameters<Store['read']>) => {
        const next = late.shift();
        if (next !== undefined) live.push(one.house.work({ tenant, sequences: [next.sequence] }));
        return one.house.resources.read(...args);
      },
    });
    const row = one.rows.find((each) => each.tenant === tenant);
    assert.ok(row);
    await one.house.replay(whole ? { kind: 'tenant', tenant } : { kind: 'messages', messages: [row.sequence] }, {
      resources,
    });
    assert.ok(live.length > 0);
    await Promise.all(live);
    for (const { sequence } of late) await one.house.work({ tenant, sequences: [sequence] });
    await assertRebuilt(t, one, tenant, mappingFiles, whole);
  }
});

test('a replay that is killed half-way ends right when it is run again, by then with yet other rules', {
  timeout: 120_000,
}, async (t) => {
  for (const seed of [61, 62]) {
    const one = await applied(t, seed, mappingFiles, otherKeys);
    const tenant = hospitals.NORTH;
    let left = seed === 61 ? 1 : 0;
    const resources: Store = Object.assign(Object.create(one.house.resources) as Store, {
      write: async (...args: Parameters<Store['write']>) => {
        const [of, writes] = args;
        // of its last commit only the first half is there
        if (left-- > 0) return one.house.resources.write(...args);
        await one.house.resources.write(of, writes.slice(0, Math.ceil(writes.length / 2)));
        throw new Error('killed');
      },
    });
    for (const row of one.rows.filter((each) => each.tenant === tenant).slice(0, 1)) {
      const wish: ReplayWish = { kind: 'messages', messages: [row.sequence] };
      await assert.rejects(one.house.replay(wish, { resources }), /killed/);
    }
    one.house.remap(otherRules, 2);
    await one.house.replay({ kind: 'tenant', tenant });
    await assertRebuilt(t, one, tenant, otherRules, true);
  }
});

test('messages without a map are replayed when there is one, by their state or with their patient', {
  timeout: 120_000,
}, async (t) => {
  const one = await applied(t, 71, withoutResults, mappingFiles, 40, unsynced(t));
  const unmapped = await one.archive.counts();
  assert.ok(unmapped.unmapped > 1);
  const { tally } = await one.house.replay({ kind: 'filter', filter: { states: ['unmapped'] } });
  assert.ok(tally.messages >= unmapped.unmapped);
  assert.equal((await one.archive.counts()).unmapped, 0);
  const expected = await fresh(t, one, mappingFiles);
  for (const tenant of Object.values(hospitals)) {
    assertSame(unversioned(await one.house.picture(tenant)), unversioned(await expected.picture(tenant)), 'unmapped');
  }
  const other = await applied(t, 72, withoutResults, mappingFiles, 40, unsynced(t));
  const messages = await other.archive.list({ tenant: hospitals.NORTH, states: ['unmapped'], limit: 100 });
  const key = messages[0]?.outcome?.keys[0] ?? '';
  assert.ok(key.startsWith('Patient/'), 'a message without a map is found by its patient');
  const before = (await other.archive.counts()).unmapped;
  await other.house.replay({ kind: 'filter', filter: { tenant: hospitals.NORTH, key, states: ['applied'] } });
  assert.ok((await other.archive.counts()).unmapped < before, 'it is rebuilt with its patient');
});

test('a dry replay shows the difference and writes nothing; the real one makes just that', {
  timeout: 120_000,
}, async (t) => {
  const one = await applied(t, 81, mappingFiles, withoutGender);
  const tenant = hospitals.NORTH;
  const row = one.rows.find((each) => each.tenant === tenant);
  assert.ok(row);
  const wish: ReplayWish = { kind: 'messages', messages: [row.sequence] };
  const old = await one.house.picture(tenant);
  const dry = await one.house.replay(wish, { dry: true });
  assert.deepEqual(await one.house.picture(tenant), old);
  const paths = new Set(dry.differences.flatMap(({ elements }) => elements.map(({ path }) => path)));
  assert.deepEqual([...paths], ['gender']);
  const real = await one.house.replay(wish);
  assert.deepEqual(real.differences, dry.differences);
  assert.deepEqual(real.tally, dry.tally);
  assert.equal(real.tally.rekeyed, 0);
  one.house.remap(otherKeys, 3);
  const filter = { tenant: hospitals.SOUTH, states: ['applied'] as const };
  const rekeyed = await one.house.replay({ kind: 'filter', filter }, { dry: true });
  assert.ok(rekeyed.tally.rekeyed > 0, 'other keys are told of');
  const settled = await one.archive.get(row.sequence);
  assert.equal(settled?.outcome?.mappingVersion, 2);
});

/** Further messages of a hospital, archived but not applied. */
async function lateMessages({ archive, rows }: Case, tenant: string, count: number): Promise<Row[]> {
  const facility = tenant === hospitals.NORTH ? 'NORTH' : 'SOUTH';
  const arrival = Math.max(...rows.map(({ sequence }) => sequence.arrival)) + 1000;
  const history = hospitalHistory(new Random(7), facility, 25 + count).slice(25);
  const appended = await archive.append(
    history.map(({ text }, index) => ({
      tenant,
      kind: 'message',
      arrival: arrival + index,
      listener: facility,
      peer: '127.0.0.1',
      sender: facility,
      type: '',
      sentAt: '',
      controlId: `late${index}`,
      partition: 0,
      flags: [],
      payload: Buffer.from(text),
    })),
  );
  const late = appended.map(({ sequence }) => ({ tenant, sequence }));
  (rows as Row[]).push(...late);
  return late;
}

/** What was rebuilt is as in a fresh rebuild; of a whole tenant, everything. */
async function assertRebuilt(t: TestContext, one: Case, tenant: string, files: Files, whole: boolean): Promise<void> {
  const now = await one.house.picture(tenant);
  const wanted = await (await fresh(t, one, files)).picture(tenant);
  if (whole) return assertSame(now, wanted, 'the whole tenant');
  let rebuilt = 0;
  for (const [name, picture] of Object.entries(now)) {
    if (shared.test(name) || !(picture['registers'] as string[]).every((text) => text.endsWith(',2'))) continue;
    rebuilt += 1;
    assert.deepEqual(picture, wanted[name], name);
  }
  assert.ok(rebuilt > 5, `${rebuilt} documents were rebuilt`);
}

/** Stamps without the version of the mapping. */
function unversioned(picture: Record<string, JsonObject>): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(picture).map(([name, one]) => {
      const registers = (one['registers'] as string[]).map((text) => text.replace(/,\d+$/, ''));
      return [name, { ...one, registers }];
    }),
  );
}

/** `wardline migrate`: everything arrives, whatever happens on the way, and what is not as it was is told. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Binary, type MongoClient } from 'mongodb';
import type { MoveReport } from '../../src/app/migrate.js';
import { openDataFolder } from '../../src/store/embedded/data-folder.js';
import { openDatabase } from '../../src/store/embedded/open-database.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../../src/store/mongodb/registry.js';
import { assertAlike } from '../support/alike-installations.js';
import { type MongoOfFile, mongoOf } from '../support/mongodb-server.js';
import { copied, type OldInstallation, oldInstallation } from '../support/old-installation.js';
import { Random } from '../support/random.js';
import { north, south } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Outcome, runProgram, startProgram } from './run-program.js';

const ends: (() => unknown)[] = [];
const scope = { after: (end: () => unknown) => ends.unshift(end) };
let mongo: MongoOfFile | undefined;
let old: OldInstallation | undefined;

before(async () => {
  mongo = await mongoOf('wardline migrate');
  if (mongo !== undefined) old = await oldInstallation(scope);
});
after(async () => {
  for (const end of ends) await end();
  await mongo?.end();
});

interface Move {
  readonly folder: string;
  readonly url: string;
  readonly prefix: string;
  readonly client: MongoClient;
  /** Runs the command on the folder. */
  run(...more: readonly string[]): Promise<Outcome>;
  report(...more: readonly string[]): Promise<MoveReport>;
}

let prefixes = 0;

/** A folder of its own and a database of its own; undefined where there is no server. */
function openMove(t: TestContext): Move | undefined {
  if (mongo === undefined || old === undefined) return undefined;
  const { url } = mongo;
  const folder = copied(old, t);
  const prefix = `m${process.pid}_${++prefixes}`;
  const client = connectMongo(url);
  ends.unshift(async () => {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) {
      if (name === prefix || name.startsWith(`${prefix}-`)) await client.db(name).dropDatabase();
    }
    await client.close();
  });
  const run: Move['run'] = (...more) =>
    runProgram(['migrate', '--data', folder, '--prefix', prefix, ...more], { env: { MONGODB_URL: url } });
  return {
    ...{ folder, url, prefix, client, run },
    async report(...more) {
      const { stdout, stderr } = await run('--json', ...more);
      assert.ok(stdout.startsWith('{'), stderr);
      return JSON.parse(stdout) as MoveReport;
    },
  };
}

describe('wardline migrate', { timeout: 1_800_000 }, () => {
  it('says what there is and what would be done, and changes nothing', async (t) => {
    const move = openMove(t);
    if (move === undefined) return;
    const { code, stdout } = await move.run('--check');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^from .*data \(\d.* MiB\)\nto .*: nothing is there yet/);
    assert.match(stdout, /\n {38}messages +1\d\d\d\n/);
    assert.match(stdout, new RegExp(`\n${north}  resources +\\d+\n`));
    assert.match(stdout, /\n1 message unsettled, .*\nnothing stands in the way\n$/);
    assert.ok(!existsSync(join(move.folder, 'moved.json')));
    assert.deepEqual(await move.client.db(move.prefix).listCollections().toArray(), []);
  });

  it('brings everything, and both stores answer alike', async (t) => {
    const move = openMove(t);
    if (move === undefined) return;
    const { code, stdout, stderr } = await move.run();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /\ncopying \d+ rows\n.*comparing \d+ rows\n/s);
    assert.match(stdout, /every chain of the audit holds\nevery row in .* is as it was\n/);
    assert.match(stdout, new RegExp(`\n  mongodb: .* prefix: ${move.prefix} }\n`));
    assert.match(stdout, /\n {2}masterKey: { file: ".*master.key" }\n/);
    assert.ok(!(stdout + stderr).includes(move.url), 'the connection string is secret');
    const again = await move.report('--verify-only');
    assert.ok(again.equal);
    for (const part of again.parts) {
      assert.equal(part.hashes.after, part.hashes.before, part.part);
      assert.ok(part.counts.length > 0, part.part);
    }
    assert.equal((await move.run()).code, 0, 'once more, it finds nothing to do');
    await assertAlike(t, move);
  });

  it('is broken off anywhere by kill -9, and ends the same', async (t) => {
    const move = openMove(t);
    if (move === undefined) return;
    const random = new Random(20261123);
    const proxy = await countingProxy(t, hostOf(move.url));
    const env = { MONGODB_URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` };
    const head = move.client.db(move.prefix).collection('head');
    const kills = 6;
    let onTheWay = 0;
    // without a match it ends with the program, which may reach its end before a late kill
    for (let kill = 0; kill < kills; kill++) {
      const program = startProgram(t, ['migrate', '--data', move.folder, '--prefix', move.prefix], env);
      // each time a little further, so that every part of the way has its kill
      const killed = proxy.after(12 + 8 * kill + random.below(8), () => program.kill());
      await Promise.race([killed, program.printed(/(?!)/).catch(() => undefined)]);
      if ((await head.countDocuments({ moving: { $exists: true } })) > 0) onTheWay++;
    }
    assert.ok(onTheWay >= kills / 2, `${onTheWay} of ${kills} kills on the way`);
    const refused = await runProgram(['start', '--data', move.folder, '--no-demo'], { env: { MONGODB_URL: '' } });
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /is being moved to .* since .*: end that with wardline migrate; .*moved\.json/);
    const ended = await move.run();
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /\nevery row in .* is as it was\n/);
  });

  it('tells every row that is not as it was', async (t) => {
    const move = openMove(t);
    if (move === undefined) return;
    assert.equal((await move.run()).code, 0);
    const db = move.client.db(move.prefix);
    const of = move.client.db(`${move.prefix}-${north}`);
    const named = <T extends string | number>(_id: T): object => ({ _id });
    await db
      .collection('messages')
      .updateOne({ aside: 'truncated' }, { $set: { payload: new Binary(new Uint8Array(9)) } });
    await db.collection('messageOutcomes').deleteOne({ state: 'filtered' });
    await db.collection('messageRuns').updateOne({}, { $set: { open: [[7, 9]] } });
    await db.collection('auditRecords').updateOne({ number: 2 }, { $set: { patients: ['somebody'] } });
    await db.collection('auditHeads').deleteMany({});
    await db.collection('clients').deleteOne(named('north-app'));
    await of.collection('resources').updateOne({ type: 'Patient', shown: 1 }, { $set: { 'resource.gender': 'other' } });
    await of.collection('resources').insertOne({ ...named('Patient/zzz'), type: 'Patient', state: '{}', revision: 1 });
    await of.collection('history').deleteOne({ type: 'Encounter' });
    await of.collection('history').updateOne({ type: 'Patient' }, { $set: { lastUpdated: 1 } });

    const report = await move.report('--verify-only');
    assert.ok(!report.equal);
    const found = report.parts.flatMap(({ part, missing, extra, different }) =>
      missing + extra + different === 0 ? [] : [`${part}: ${missing} missing, ${extra} extra, ${different} different`],
    );
    assert.deepEqual(found, [
      'registry: 1 missing, 0 extra, 0 different',
      'messages: 0 missing, 0 extra, 1 different',
      'outcomes: 1 missing, 0 extra, 0 different',
      'open messages: 0 missing, 0 extra, 1 different',
      'audit: 0 missing, 0 extra, 1 different',
      'ends of the audit: 1 missing, 0 extra, 0 different',
      'resources: 0 missing, 1 extra, 1 different',
      'versions: 1 missing, 0 extra, 1 different',
    ]);
    const { code, stdout } = await move.run('--verify-only');
    assert.equal(code, 1);
    assert.match(stdout, /\nresources of tenant .*: extra Patient\/zzz\n/);
    assert.match(stdout, /\nversions of tenant .*: missing Encounter\/.*\/\d{9}\n/);
    assert.match(stdout, /\nwhat is in .*, differs\n$/);
  });

  it('refuses what would mix two installations, or lose what came in since', async (t) => {
    const move = openMove(t);
    if (move === undefined || old === undefined) return;
    const refused = async (code: number, says: RegExp, ...more: readonly string[]): Promise<void> => {
      const outcome = await move.run(...more);
      assert.match(outcome.stderr, says);
      assert.equal(outcome.code, code, outcome.stderr);
    };
    const db = move.client.db(move.prefix);
    await db.collection('things').insertOne({});
    await refused(1, /holds the collection things that was not moved there: name another one with --prefix/);
    await db.dropDatabase();
    await move.client.db(`${move.prefix}-${south}`).collection('resources').insertOne({});
    await refused(1, /but tenant 8d1e.* has a database already/);
    await move.client.db(`${move.prefix}-${south}`).dropDatabase();
    const registry = await openMongoRegistry(db);
    await refused(1, /holds an installation of Wardline that was not moved there/);
    await db.dropDatabase();

    const holder = openDataFolder(move.folder);
    await refused(4, /is in use by process \d+: stop the system there, and begin again/);
    holder.release();
    await refused(4, /is not the one that this installation was made with/, '--master-key', otherKey(t));
    await refused(4, /there is no embedded installation in/, '--data', temporaryFolder(t));
    await refused(2, /--prefix must be/, '--prefix', 'No');
    await refused(2, /--to must begin with mongodb/, '--to', 'http://here');

    const record = openDatabase(join(move.folder, 'audit.db'), { kind: 'audit', format: 1, schema: '' });
    const before = String(record.get('SELECT body FROM record WHERE number = 2')?.body);
    record.run('UPDATE record SET body = ? WHERE number = 2', before.replace('"granted"', '"denied"'));
    await refused(1, /a chain of the audit does not hold \(that of run 1 from record 2 on\)/);
    const asItIs = await move.run('--broken-audit');
    assert.equal(asItIs.code, 0, asItIs.stdout + asItIs.stderr);
    assert.match(asItIs.stdout, /\nchains of the audit that do not hold: 1; before the move: 1\n/);
    record.run('UPDATE record SET body = ? WHERE number = 2', before);
    record.close();

    const started = await runProgram(['start', '--data', move.folder, '--no-demo'], { env: { MONGODB_URL: '' } });
    assert.equal(started.code, 4);
    assert.match(started.stderr, /was moved to .* on .*: state mongodb, redis and masterKey .*moved\.json/);

    const oldRegistry = openEmbeddedRegistry(join(move.folder, 'registry.db'));
    await oldRegistry.openRun(0);
    await oldRegistry.close();
    await refused(1, /was ended before, and the old installation has run since/);
    assert.deepEqual((await move.report('--verify-only')).notes, ['the old installation has run since']);
    await db.collection('head').updateOne({}, { $rename: { moved: 'moving' } });
    await assert.rejects(openMongoRegistry(db), { code: 'installation-moved' });
    await refused(1, /the old installation has run since: drop what was copied with --begin-anew/);
    const anew = await move.run('--begin-anew');
    assert.equal(anew.code, 0, anew.stdout + anew.stderr);
    await (await openMongoRegistry(db)).openRun(0);
    await refused(1, /the new installation in .* has run: nobody drops it from here/, '--begin-anew');
    await registry.close();
  });
});

function otherKey(t: TestContext): string {
  const file = join(temporaryFolder(t), 'other.key');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return file;
}

interface CountingProxy {
  readonly port: number;
  /** Calls `act` before so many more pieces of what is asked go through, and resolves when that has. */
  after(pieces: number, act: () => Promise<void>): Promise<void>;
}

/** A way to the server that counts what is asked on it. */
async function countingProxy(
  t: TestContext,
  to: { readonly host: string; readonly port: number },
): Promise<CountingProxy> {
  let left = Number.POSITIVE_INFINITY;
  let reached: () => void = () => undefined;
  const server: Server = createServer((incoming) => {
    const outgoing = connect(to.port, to.host);
    incoming.on('data', (piece) => {
      if (--left === 0) reached();
      outgoing.write(piece);
    });
    outgoing.pipe(incoming);
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return {
    port: (server.address() as AddressInfo).port,
    after: (pieces, act) =>
      new Promise((resolve, reject) => {
        left = pieces;
        reached = () => void act().then(resolve, reject);
      }),
  };
}

/** The first node of a connection string. */
function hostOf(url: string): { readonly host: string; readonly port: number } {
  const [, host = '127.0.0.1', port = '27017'] = /^mongodb:\/\/(?:[^@/]*@)?([^:/,]+)(?::(\d+))?/.exec(url) ?? [];
  return { host, port: Number(port) };
}

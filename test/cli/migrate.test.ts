/** `wardline migrate`: everything arrives, whatever happens on the way, and what is not as it was is told. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { MongoClient } from 'mongodb';
import type { MoveReport } from '../../src/app/migrate.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { assertAlike } from '../support/alike-installations.js';
import { type MongoOfFile, mongoOf } from '../support/mongodb-server.js';
import { copied, type OldInstallation, oldInstallation } from '../support/old-installation.js';
import { Random } from '../support/random.js';
import { north } from '../support/running-wardline.js';
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

describe('wardline migrate', { timeout: 600_000 }, () => {
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
});

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

/** Threads of the running system that end by themselves: the rest goes on, and what they did is done again. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { adminClient } from '../../src/cli/admin-client.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { startProgram } from '../cli/run-program.js';
import { acknowledged, framed } from '../support/mllp-session.js';
import { mongoFor } from '../support/mongodb-server.js';
import { pause } from '../support/pause.js';
import { RawClient } from '../support/raw-client.js';
import { redisFor } from '../support/redis-server.js';
import { runWardline, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { deadlyByException, deadlyByMemory } from './deadly-messages.js';

interface Status {
  readonly ready: boolean;
  readonly threads: readonly { readonly name: string; readonly running: boolean; readonly ended: number }[];
  readonly messages: Readonly<Record<string, number>> | null;
}

/** Hears of the threads that this process starts, in the order in which the system starts them. */
class Threads {
  readonly #byName = new Map<string, Worker>();
  readonly #expected = ['audit', 'transform', 'archive', 'facade reads'];

  constructor() {
    process.on('worker', (worker) => {
      const name = this.#expected.shift();
      if (name !== undefined) this.#byName.set(name, worker);
    });
  }

  /** Ends one; the next that is started is held to be its successor. */
  async kill(name: string): Promise<void> {
    this.#expected.push(name);
    await this.#byName.get(name)?.terminate();
  }
}

/** One patient each. `given` is a given name, which may be deadly. */
function admission(number: number, given: string): string {
  const time = `202603010${Math.floor(number / 60) % 10}${String(number % 60).padStart(2, '0')}00`;
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|${time}||ADT^A01|C${number}|P|2.5.1`,
    `PID|1||P${number}^^^NORTH^MR||Family^${given}||19800101|F`,
    `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number}^^^NORTH^VN`,
    '',
  ].join('\r');
}

test('each thread ends under the running system and is started anew', { timeout: 120_000 }, async (t) => {
  const threads = new Threads();
  const system = await runWardline(t);
  const fhir = await system.north.fhir('R4');
  const status = () => system.admin.call<Status>('GET', '/status');
  const back = async (name: string): Promise<Status> => {
    for (;;) {
      const now = await status();
      const thread = now.threads.find((one) => one.name === name);
      if (thread?.running === true && thread.ended === 1) return now;
      await pause();
    }
  };
  assert.match(await system.north.send(admission(0, 'Ada')), /MSA.AA/);
  await system.settled();

  await threads.kill('facade reads');
  assert.equal((await fhir.get('/Patient')).status, 503);
  await back('facade reads');
  assert.equal((await fhir.get('/Patient')).body.total, 1);

  await threads.kill('audit');
  assert.equal((await fhir.get('/Patient')).status, 503);
  await back('audit');
  assert.equal((await fhir.get('/Patient')).body.total, 1);

  await threads.kill('archive');
  assert.match(await system.north.send(admission(1, 'Ada')), /MSA.AR/);
  await back('archive');
  assert.match(await system.north.send(admission(1, 'Ada')), /MSA.AA/);
  await system.settled();

  await threads.kill('transform');
  const meanwhile = await status();
  assert.equal(meanwhile.ready, false);
  assert.equal(meanwhile.messages, null);
  for (let number = 2; number < 40; number++) {
    assert.match(await system.north.send(admission(number, 'Ada')), /MSA.AA/, 'archiving goes on');
  }
  assert.equal((await back('transform')).ready, true);
  await system.settled();
  assert.equal((await fhir.get('/Patient?_count=0')).body.total, 40);
  assert.deepEqual(
    (await status()).threads.map(({ ended }) => ended),
    [1, 1, 1, 1],
  );
});

test('a message that kills the transform thread again and again is parked, and all others are applied', {
  timeout: 240_000,
}, async (t) => {
  const { file } = writeConfiguration(temporaryFolder(t));
  const preload = new URL('./deadly-messages.js', import.meta.url).href;
  const program = startProgram(t, ['start', '--config', file], {
    NODE_OPTIONS: `--import=${preload} --max-old-space-size=128`,
  });
  const text = await program.printed(/\n$/);
  const client = await RawClient.connect(Number(/^MLLP 127\.0\.0\.1:(\d+)/.exec(text)?.[1]));
  const names = Array.from({ length: 120 }, () => 'Ada');
  names[17] = deadlyByException;
  names[60] = deadlyByMemory;
  client.write(Buffer.concat(names.map((given, number) => framed(admission(number, given)))));
  await client.replies(names.length);
  const codes = client.frames.flatMap(acknowledged).map(([code]) => code);
  assert.deepEqual(new Set(codes), new Set(['AA']));
  client.close();

  const admin = adminClient(join(file, '../data'));
  for (;;) {
    const { messages } = await admin.call<Status>('GET', '/status');
    if (messages?.['unsettled'] === 0) {
      assert.deepEqual([messages['applied'], messages['parked']], [118, 2]);
      break;
    }
    await pause();
  }
  const { messages } = await admin.call<{ messages: { controlId: string; reason: string }[] }>(
    'GET',
    '/messages?state=parked',
  );
  assert.deepEqual(messages.map(({ controlId }) => controlId).sort(), ['C17', 'C60']);
  for (const { reason } of messages) assert.match(reason, /^message-failed: /);
  const { threads } = await admin.call<Status>('GET', '/status');
  const ended = threads.find(({ name }) => name === 'transform')?.ended ?? 0;
  assert.ok(ended >= 4 && ended <= 10, `${ended} threads ended`);
  assert.equal(await program.stop(), 0);
  assert.doesNotMatch(program.stderr(), /Family|DEADLY|Ada/);
  assert.match(program.stderr(), /ERR_WORKER_OUT_OF_MEMORY/);
});

test('over MongoDB such a message is found among all batches that are under way', { timeout: 300_000 }, async (t) => {
  // the servers end after the program
  const ends: (() => unknown)[] = [];
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [mongodb, redis] = [await mongoFor(scope), await redisFor(scope)];
  try {
    if (mongodb === undefined || redis === undefined) return;
    const folder = temporaryFolder(t);
    const prefix = `t${randomBytes(6).toString('hex')}`;
    const masterKey = join(folder, 'master.key');
    writeFileSync(masterKey, randomBytes(32).toString('base64'), { mode: 0o600 });
    const { file } = writeConfiguration(
      folder,
      {},
      {
        masterKey: { file: masterKey },
        mongodb: { url: mongodb.url, prefix },
        redis: { url: redis.url, prefix },
      },
    );
    const preload = new URL('./deadly-messages.js', import.meta.url).href;
    const program = startProgram(t, ['start', '--config', file], { NODE_OPTIONS: `--import=${preload}` });
    const text = await program.printed(/\n$/);
    const client = await RawClient.connect(Number(/^MLLP 127\.0\.0\.1:(\d+)/.exec(text)?.[1]));
    const names = Array.from({ length: 60 }, (_, number) => (number === 17 ? deadlyByException : 'Ada'));
    client.write(Buffer.concat(names.map((given, number) => framed(admission(number, given)))));
    await client.replies(names.length);
    client.close();
    const admin = adminClient(join(file, '../data'));
    for (;;) {
      const { messages } = await admin.call<Status>('GET', '/status');
      if (messages?.['unsettled'] === 0) break;
      await pause();
    }
    // counts by state may miss what a thread settled in the moment in which it died
    type Listed = { messages: { controlId: string }[] };
    const applied = await admin.call<Listed>('GET', '/messages?state=applied&limit=100');
    assert.equal(applied.messages.length, 59);
    const { messages } = await admin.call<Listed>('GET', '/messages?state=parked');
    assert.deepEqual(
      messages.map(({ controlId }) => controlId),
      ['C17'],
    );
    assert.equal(await program.stop(), 0);
    const database = connectMongo(mongodb.url);
    const { databases } = await database.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await database.db(name).dropDatabase();
    await database.close();
  } finally {
    for (const end of ends) await end();
  }
});

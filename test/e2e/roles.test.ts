/** An installation of many processes: each does its part, all know what one is told, and one that dies is done without. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import type { ProcessStatus } from '../../src/cli/process-lines.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { type Program, runProgram, startWorker } from '../cli/run-program.js';
import { FhirClient } from '../support/fhir-client.js';
import { acknowledged, framed } from '../support/mllp-session.js';
import { mongoFor } from '../support/mongodb-server.js';
import { pause } from '../support/pause.js';
import { RawClient } from '../support/raw-client.js';
import { ownRedis } from '../support/redis-server.js';
import { north, sample, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { freePort } from '../support/server-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Status {
  readonly processes: readonly ProcessStatus[];
  readonly listeners: readonly { readonly name: string; readonly port: number }[];
  readonly mappingVersion: number;
}

const west = '5b8e6b70-94a3-4d0e-b0c8-5a7712c9fe33';

/** Milliseconds within which what one process is told has reached the others: far more than the second that it takes. */
const known = 60_000;

test('a part alone needs stores that processes share', async (t) => {
  const { file } = writeConfiguration(temporaryFolder(t));
  const { code, stderr } = await runProgram(['start', '--role', 'intake', '--config', file]);
  assert.equal(code, 4, stderr);
  assert.match(stderr, /the role intake needs mongodb and redis/);
});

test('intake, two of transform, and facade are one installation', { timeout: 300_000 }, async (t) => {
  const [mongodb, redis] = [await mongoFor(t), await ownRedis(t)];
  if (mongodb === undefined || redis === undefined) return;
  const folder = temporaryFolder(t);
  const prefix = `t${randomBytes(6).toString('hex')}`;
  writeFileSync(join(folder, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
  const layers = join(folder, 'north');
  mkdirSync(layers);
  const port = await freePort();
  const { file, secrets } = writeConfiguration(
    folder,
    { mappings: layers },
    {
      masterKey: { file: 'master.key' },
      mongodb: { url: mongodb.url, prefix },
      redis: { url: redis.url, prefix },
      http: { port },
      health: { port: 0 },
    },
  );
  const publicUrl = `http://127.0.0.1:${port}`;
  const data = (name: string): string => join(folder, `data-${name}`);
  const start = (name: string, role = name): Program => startWorker(t, role, ['--config', file, '--data', data(name)]);
  const programs = {
    first: start('first', 'transform'),
    second: start('second', 'transform'),
    intake: start('intake'),
    facade: start('facade'),
  };
  const lines = Object.fromEntries(
    await Promise.all(
      Object.entries(programs).map(async ([name, program]) => [name, await program.printed(/health .*\n/)] as const),
    ),
  );
  const portOf = (name: string, door: string): number =>
    Number(new RegExp(`${door} 127\\.0\\.0\\.1:(\\d+)`).exec(lines[name] ?? '')?.[1]);

  await t.test('each serves its part, and says of itself whether it is ready and what it counts', async () => {
    const served = Object.entries(lines).map(([name, line]) => [name, line.replaceAll(/[^A-Za-z ]/g, '').trim()]);
    assert.match(lines['intake'] ?? '', /^MLLP \S+ {2}MLLP \S+ {2}health \S+$/m, JSON.stringify(served));
    assert.match(lines['first'] ?? '', /^admin \S+ {2}health \S+$/m);
    assert.match(lines['facade'] ?? '', /^FHIR \S+ {2}health \S+$/m);
    for (const name of Object.keys(programs)) {
      const get = (path: string) => fetch(`http://127.0.0.1:${portOf(name, 'health')}${path}`);
      assert.equal((await get('/live')).status, 200);
      while ((await get('/ready')).status !== 200) await pause();
      assert.deepEqual(await (await get('/ready')).json(), { status: 'ready' });
      assert.match(await (await get('/metrics')).text(), /^wardline_messages_received_total|^# TYPE wardline_/m);
      assert.equal((await get('/admin/v1/status')).status, 404);
    }
  });

  const sender = await RawClient.connect(portOf('intake', 'MLLP'));
  t.after(() => sender.close());
  const say = async (message: string, answers: readonly string[]): Promise<void> => {
    const before = sender.frames.length;
    sender.write(framed(message));
    const frames = await sender.replies(before + answers.length);
    assert.deepEqual(
      frames.slice(before).flatMap((frame) => acknowledged(frame).map(([code]) => code)),
      answers,
    );
  };
  const admission = sample('adt-a01.hl7').toString();
  const another = (controlId: string, name: string): string =>
    admission.replace('|N0001|', `|${controlId}|`).replace('Okafor^Adaeze^', `${name}^Adaeze^`);
  const token = await tokenFor(publicUrl, {
    client_id: 'north-app',
    client_secret: secrets.north,
    scope: north,
  });
  const fhir = new FhirClient(publicUrl, 'R4', token);
  const visible = async (family: string): Promise<void> => {
    while ((await fhir.get(`/Patient?family=${family}`)).body.total === 0) await pause();
  };

  await t.test('what one takes another applies and a third serves; the later answer comes back', async () => {
    await say(admission.replace('|AL|NE|', '|AL|AL|'), ['CA', 'AA']);
    await visible('Okafor');
  });

  await t.test('any of them knows all', async () => {
    const { processes, listeners } = await adminClient(data('second')).call<Status>('GET', '/status');
    assert.deepEqual(processes.map(({ role }) => role).sort(), ['facade', 'intake', 'transform', 'transform']);
    assert.deepEqual(listeners.map(({ name }) => name).sort(), ['north', 'south']);
    const { stdout } = await runProgram(['status', '--data', data('first')]);
    assert.match(stdout, /^intake .* ready$/m);
  });

  await t.test('a mapping that one publishes is that of the other', async () => {
    const rule = '{ override: "PID[Patient]/PID-8", value: other }';
    writeFileSync(join(layers, 'site.yaml'), `layer: site\nrules:\n  - ${rule}\n`);
    const first = adminClient(data('first'));
    const second = adminClient(data('second'));
    while ((await first.call<Status>('GET', '/status')).mappingVersion === 1) await pause();
    const published = performance.now();
    const { messages } = await second.call<{ messages: { sequence: string }[] }>('GET', '/messages?limit=1');
    for (;;) {
      const asked = performance.now();
      const why = `/messages/${messages[0]?.sequence}/why?mapping=live`;
      const { trace } = await second.call<{ trace: { mapping_version: number } }>('GET', why);
      if (trace.mapping_version === 2) break;
      assert.ok(asked - published < known, JSON.stringify(trace).slice(0, 300));
    }
  });

  await t.test('a secret that one revokes is refused by another', async () => {
    const made = await adminClient(data('first')).call<Record<'client_id' | 'client_secret' | 'secret_id', string>>(
      'POST',
      '/clients',
      { client_name: 'App', tenants: [north] },
    );
    const fields = { client_id: made.client_id, client_secret: made.client_secret, scope: north };
    const revocable = await tokenFor(publicUrl, fields);
    const read = async (): Promise<number> =>
      (await fetch(`${publicUrl}/fhir/r4/Patient`, { headers: { authorization: `Bearer ${revocable}` } })).status;
    assert.equal(await read(), 200);
    await adminClient(data('second')).call('DELETE', `/clients/${made.client_id}/secrets/${made.secret_id}`);
    const revoked = performance.now();
    for (;;) {
      const asked = performance.now();
      if ((await read()) === 401) break;
      assert.ok(asked - revoked < 1000, 'what is asked a second later is still served');
    }
  });

  await t.test('one that is killed is done without, and its work goes on', async () => {
    await programs.first.kill();
    for (const [at, family] of ['Abara', 'Bello', 'Chukwu'].entries()) {
      await say(another(`K${at}`, family), ['CA']);
      await visible(family);
    }
    const status = await adminClient(data('second')).call<Status>('GET', '/status');
    assert.equal(status.processes.length, 4, 'the one that was killed is missed');
  });

  await t.test('a changed configuration file is taken up by all that are left', async () => {
    const stated = JSON.parse(readFileSync(file, 'utf8')) as { tenants: { name: string }[] };
    stated.tenants.push({ ...stated.tenants[1], ...{ id: west, name: 'West' } });
    writeFileSync(`${file}.new`, JSON.stringify(stated));
    renameSync(`${file}.new`, file);
    for (const name of ['second', 'intake', 'facade'] as const) {
      while (!/the configuration is read again and in use/.test(programs[name].stderr())) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const { tenants } = await adminClient(data('second')).call<{ tenants: { id: string }[] }>('GET', '/tenants');
    assert.ok(tenants.some(({ id }) => id === west));
  });

  await t.test(
    'without Redis messages are taken and apps served, only transform is not ready; then it goes on',
    async () => {
      const ready = async (name: string): Promise<number> =>
        (await fetch(`http://127.0.0.1:${portOf(name, 'health')}/ready`)).status;
      await redis.process?.end('SIGKILL');
      while ((await ready('second')) !== 503) await pause();
      await say(another('R1', 'Danjuma'), ['CA']);
      assert.deepEqual([await ready('intake'), await ready('facade')], [200, 200]);
      const metrics = await (await fetch(`http://127.0.0.1:${portOf('second', 'health')}/metrics`)).text();
      assert.match(metrics, /^wardline_queue_answers 0$/m);
      redis.process?.start();
      await visible('Danjuma');
      while ((await ready('second')) !== 200) await pause();
    },
  );

  await t.test('each ends gracefully, and is then no longer missed', async () => {
    assert.equal(await programs.facade.stop(), 0, programs.facade.stderr());
    assert.equal(await programs.intake.stop(), 0, programs.intake.stderr());
    const { processes } = await adminClient(data('second')).call<Status>('GET', '/status');
    assert.deepEqual(
      processes.map(({ role }) => role),
      ['transform', 'transform'],
    );
    assert.equal(await programs.second.stop(), 0, programs.second.stderr());
  });

  const client = connectMongo(mongodb.url);
  const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
  for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
  await client.close();
});

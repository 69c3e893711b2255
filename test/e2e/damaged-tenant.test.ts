/** One tenant's file is damaged, or gone: its messages wait until it is back, and the other tenants go on. */
import assert from 'node:assert/strict';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import { runProgram, startProgram } from '../cli/run-program.js';
import { FhirClient } from '../support/fhir-client.js';
import { MllpSession } from '../support/mllp-session.js';
import { pause } from '../support/pause.js';
import { north, south, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Status {
  readonly messages: Readonly<Record<string, number>>;
  readonly waiting: readonly { readonly tenant: string; readonly code: string; readonly reason: string }[];
}

function admission(number: number, hospital: string): string {
  return [
    `MSH|^~\\&|HIS|${hospital}|WARD|LINE|20260301080000||ADT^A01|${hospital}${number}|P|2.5.1`,
    `PID|1||P${number}^^^${hospital}^MR||Family^Given||19800101|F`,
    `PV1|1|I|W1^10^1||||||||||||||||V${number}^^^${hospital}^VN`,
    '',
  ].join('\r');
}

test('a damaged file of a tenant is waited for', { timeout: 180_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const { file, secrets } = writeConfiguration(folder);
  const dataFolder = join(folder, 'data');
  const stored = join(dataFolder, 'tenants', `${north}.db`);
  const aside = join(folder, 'aside.db');

  const start = async () => {
    const program = startProgram(t, ['start', '--config', file]);
    const { url = '' } = /FHIR (?<url>\S+)\/fhir/.exec(await program.printed(/\n$/))?.groups ?? {};
    const admin = adminClient(dataFolder);
    const status = () => admin.call<Status>('GET', '/status');
    const { listeners } = await admin.call<{ listeners: { port: number }[] }>('GET', '/status');
    const sessions = await Promise.all(listeners.map(({ port }) => MllpSession.open(port)));
    const send = async (number: number): Promise<void> => {
      for (const [index, hospital] of ['NORTH', 'SOUTH'].entries()) {
        assert.match((await sessions[index]?.send(admission(number, hospital))) ?? '', /MSA.AA/);
      }
    };
    const until = async (holds: (now: Status) => boolean): Promise<Status> => {
      for (;;) {
        const now = await status();
        if (holds(now)) return now;
        await pause();
      }
    };
    const patients = async (tenant: string): Promise<[status: number, total: number]> => {
      const [client_id, client_secret] = tenant === north ? ['north-app', secrets.north] : ['south-app', secrets.south];
      const token = await tokenFor(url, { client_id, client_secret, scope: tenant });
      const { status: code, body } = await new FhirClient(url, 'R4', token).get('/Patient?_count=0');
      return [code, body.total];
    };
    const close = () => {
      for (const session of sessions) session.close();
    };
    return { program, send, until, patients, close };
  };

  const first = await start();
  await first.send(1);
  await first.until(({ messages }) => messages['applied'] === 2);
  first.close();
  assert.equal(await first.program.stop(), 0);

  copyFileSync(stored, aside);
  writeFileSync(stored, 'no database, and long enough to be looked at '.repeat(1000));
  const second = await start();
  for (let number = 2; number < 30; number++) await second.send(number);
  const waits = await second.until(({ messages }) => messages['applied'] === 30);
  assert.deepEqual([waits.messages['parked'], waits.messages['unsettled']], [0, 28]);
  const [trouble] = (await second.until(({ waiting }) => waiting.length > 0)).waiting;
  assert.deepEqual([trouble?.tenant, trouble?.code], [north, 'store-corrupt']);
  assert.match(
    (await runProgram(['status', '--data', dataFolder])).stdout,
    new RegExp(`tenant ${north}: messages wait since \\S+: ${north}\\.db is damaged`),
  );
  assert.equal((await second.patients(north))[0], 503);
  assert.deepEqual(await second.patients(south), [200, 29]);

  const messages = (...args: string[]) => runProgram(['messages', ...args, '--data', dataFolder]);
  const listed = await messages('list', '--tenant', north, '--state', 'unsettled', '--limit', '1', '--json');
  const sequence: string = JSON.parse(listed.stdout).messages[0].sequence;
  const parked = await messages('park', sequence);
  assert.deepEqual([parked.code, parked.stdout], [0, `${sequence}  parked\n`]);
  const twice = await messages('park', sequence);
  assert.deepEqual([twice.code, twice.stderr], [1, `wardline: message ${sequence} is settled already\n`]);

  rmSync(`${stored}-wal`, { force: true });
  rmSync(`${stored}-shm`, { force: true });
  renameSync(aside, stored);
  const whole = await second.until(({ messages, waiting }) => messages['unsettled'] === 0 && waiting.length === 0);
  assert.deepEqual([whole.messages['applied'], whole.messages['parked']], [57, 1], 'what is parked by hand stays so');
  assert.deepEqual(await second.patients(north), [200, 28]);
  const released = await messages('release', sequence);
  assert.equal(released.code, 0);
  // the message may be applied before the command asks what became of it
  assert.match(released.stdout, new RegExp(`^${sequence} {2}(unsettled|applied)\n$`));
  await second.until(({ messages: now }) => now['applied'] === 58 && now['parked'] === 0);
  assert.deepEqual(await second.patients(north), [200, 29]);

  renameSync(stored, aside);
  await second.send(30);
  const gone = await second.until(({ waiting }) => waiting.length > 0);
  assert.deepEqual([gone.waiting[0]?.code, gone.messages['parked']], ['store-unavailable', 0]);
  renameSync(aside, stored);
  await second.until(({ messages, waiting }) => messages['unsettled'] === 0 && waiting.length === 0);
  assert.deepEqual(await second.patients(north), [200, 30]);
  second.close();
  assert.equal(await second.program.stop(), 0);
  const told = second.program.stderr().match(/messages of a tenant (wait|are applied)/g);
  assert.deepEqual(told?.length, 4, 'each beginning and end is told once');
});

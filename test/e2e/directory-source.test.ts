/** A watched folder in a running system: killed in the middle of a file, and changed while it runs. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import { type Program, runProgram, startProgram } from '../cli/run-program.js';
import { FhirClient } from '../support/fhir-client.js';
import { pause } from '../support/pause.js';
import { north, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const count = 1500;

interface Status {
  readonly listeners: readonly { readonly name: string; readonly port: number }[];
  readonly directories: readonly { readonly name: string; readonly waiting: number }[];
  readonly messages: Readonly<Record<string, number>>;
}

function admission(number: number): string {
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080000||ADT^A01|F${number}|P|2.5.1`,
    `PID|1||P${number % 200}^^^NORTH^MR||Family^Given||19800101|F`,
    'PV1|1|I|W1^10^1',
    '',
  ].join('\n');
}

test('a kill in the middle of a file loses nothing and doubles nothing; SIGHUP changes folders', {
  timeout: 240_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const inbox = join(folder, 'inbox');
  mkdirSync(inbox);
  const directory = { name: 'files', path: 'inbox', tenant: north, poll: '20ms', settle: '0s' };
  const { file, secrets } = writeConfiguration(folder, {}, { directories: [directory] });

  const status = async () => adminClient(join(folder, 'data')).call<Status>('GET', '/status');
  const until = async (holds: (now: Status) => boolean): Promise<Status> => {
    for (;;) {
      const now = await status().catch(() => undefined);
      if (now !== undefined && holds(now)) return now;
      await pause();
    }
  };
  const total = ({ messages }: Status) => Object.values(messages).reduce((sum, each) => sum + each, 0);
  const start = async (): Promise<{ readonly program: Program; readonly url: string }> => {
    const program = startProgram(t, ['start', '--config', file]);
    const { url = '' } = /FHIR (?<url>\S+)\/fhir/.exec(await program.printed(/\n$/))?.groups ?? {};
    return { program, url };
  };
  const put = (name: string, content: string): void => {
    writeFileSync(join(inbox, `${name}.tmp`), content);
    renameSync(join(inbox, `${name}.tmp`), join(inbox, name));
  };
  const done = (name: string): boolean => existsSync(join(inbox, 'done', name));

  const first = await start();
  put('a.hl7', Array.from({ length: count }, (_, n) => admission(n)).join(''));
  await until((now) => total(now) > 0);
  await first.program.kill();
  const [owner = ''] = readdirSync(join(inbox, 'work'));
  const cut = readdirSync(join(inbox, 'work', owner));
  assert.deepEqual([...cut, ...(done('a.hl7') ? ['a.hl7'] : [])], ['a.hl7'], 'in one place, whenever the kill came');

  const second = await start();
  await until((now) => done('a.hl7') && now.messages['unsettled'] === 0);
  const after = await status();
  assert.deepEqual([total(after), after.messages['applied']], [count, count]);
  const token = await tokenFor(second.url, { client_id: 'north-app', client_secret: secrets.north, scope: north });
  assert.equal((await new FhirClient(second.url, 'R4', token).get('/Patient?_count=0')).body.total, 200);
  const shown = await runProgram(['status', '--data', join(folder, 'data')]);
  assert.match(shown.stdout, /DIRECTORY +PATH +FILES WAITING +STATE\n *files +\S+inbox +0 +works/);

  const before = JSON.parse(readFileSync(file, 'utf8'));
  const other = { ...directory, name: 'others', path: 'others' };
  mkdirSync(join(folder, 'others'));
  const web = { name: 'web', kind: 'http', port: 0, tenant: north };
  writeFileSync(file, JSON.stringify({ ...before, listeners: [...before.listeners, web], directories: [other] }));
  second.program.signal('SIGHUP');
  const changed = await until(({ directories }) => directories.some(({ name }) => name === 'others'));
  assert.deepEqual(
    changed.directories.map(({ name }) => name),
    ['others'],
  );
  put('left.hl7', admission(5000));
  writeFileSync(join(folder, 'others', 'b.hl7'), admission(6000));
  await until(() => existsSync(join(folder, 'others', 'done', 'b.hl7')));
  assert.ok(existsSync(join(inbox, 'left.hl7')), 'nobody looks here any more');
  const { listeners } = await until((now) => now.listeners.some(({ name }) => name === 'web'));
  const port = listeners.find(({ name }) => name === 'web')?.port;
  assert.equal((await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: admission(1) })).status, 401);
  await until(({ messages }) => messages['unsettled'] === 0);
  assert.equal(await second.program.stop(), 0);
  assert.doesNotMatch(second.program.stderr(), /\.hl7/);
});

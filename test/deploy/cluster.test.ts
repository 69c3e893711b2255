/** `npm run cluster`, really: started, fed, one of its processes killed, and ended without a process left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';
import { FhirClient } from '../support/fhir-client.js';
import { MllpSession } from '../support/mllp-session.js';
import { hasServer } from '../support/needs.js';
import { sample, tokenFor } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const patience = 120_000;

it('starts the topology, takes a message to FHIR, starts anew what dies, and ends all of it', {
  timeout: 600_000,
}, async (t) => {
  if (!hasServer(t, 'mongod') || !hasServer(t, 'redis-server')) return;
  const data = join(temporaryFolder(t), 'cluster');
  const flags = ['--data', data, '--free-ports', '--mongod', '1'];
  const { MONGODB_URL: _mongo, REDIS_URL: _redis, ...env } = process.env;
  const cluster = spawn(process.execPath, [join(programFolder, 'dist/scripts/cluster.js'), ...flags], { env });
  let printed = '';
  let ended = false;
  const exit = new Promise<number | null>((resolve) =>
    cluster.once('exit', (code) => {
      ended = true;
      resolve(code);
    }),
  );
  for (const stream of [cluster.stdout, cluster.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  const pids = (): number[] => [...printed.matchAll(/^process \S+ (\d+)$/gm)].map(([, pid]) => Number(pid));
  t.after(async () => {
    if (!ended) cluster.kill('SIGINT');
    await exit;
  });
  const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
    const end = performance.now() + 2 * patience;
    while (!(await isSo())) {
      assert.ok(performance.now() < end && !ended, `${what}; it printed: ${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await until('ready', () => printed.includes('ready; Ctrl-C'));
  const of = (pattern: RegExp): string => pattern.exec(printed)?.[1] ?? assert.fail(`${pattern} in ${printed}`);
  assert.equal(pids().length, 6, printed);
  assert.ok(pids().every(isAlive));

  const session = await MllpSession.open(Number(of(/^intake-1 .*MLLP 127\.0\.0\.1:(\d+)/m)));
  assert.match(await session.send(sample('adt-a01.hl7')), /MSA.[AC]A/);
  const publicUrl = of(/^facade-1 .*FHIR (http:\S+)\/fhir\//m);
  const scope = of(/^tenant (\S+)/m);
  const token = await tokenFor(publicUrl, { client_id: 'cluster-app', client_secret: of(/secret (\S+)$/m), scope });
  const fhir = new FhirClient(publicUrl, 'R4', token);
  const patients = async (): Promise<number> => (await fhir.find('Patient?_count=10')).length;
  await until('the patient in FHIR', async () => (await patients()) === 1);

  const killed = Number(of(/^process transform-1 (\d+)$/m));
  const health = of(/^transform-1 .*(http:\S+)\/ready/m);
  process.kill(killed, 'SIGKILL');
  await until('told of the end', () => printed.includes(`transform-1 (process ${killed}) has ended: SIGKILL`));
  await until('ready again', async () => (await fetch(`${health}/ready`).catch(() => undefined))?.ok === true);
  assert.match(await session.send(sample('adt-a28-line-feeds.hl7')), /MSA.[AC]A/);
  await until('the second patient in FHIR', async () => (await patients()) === 2);
  session.close();

  // it is told once a second
  const metrics = async (): Promise<string> => (await fetch(`${health}/metrics`)).text();
  await until('ready in the metrics, too', async () => /^wardline_ready 1$/m.test(await metrics()));
  cluster.kill('SIGINT');
  assert.equal(await exit, 0, printed);
  assert.equal(printed.match(/has ended/g)?.length, 1, printed);
  const left = pids().filter((pid) => pid !== killed && isAlive(pid));
  assert.deepEqual(left, []);
  // the one that took the place of the killed one, too
  assert.equal(await fetch(`${health}/ready`).catch(() => undefined), undefined);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

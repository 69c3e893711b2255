/**
 * A whole installation with many tenants: seconds from the start of its process to ready, when it is new and when every tenant
 * holds data, and its resident memory after each tenant has taken a message, and was asked for a token and searched.
 * `node dist/bench/tenants.js [--tenants N] [--quick] [--json FILE]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openBench } from './support/figures.js';

const bench = openBench(1, ['tenants']);
const count = bench.number('tenants', 1000, 100);
const secret = 'a-secret-of-this-measurement-and-of-nothing-else';
const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
const file = join(folder, 'wardline.yaml');
const program = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const numbers = Array.from({ length: count }, (_, number) => number);

function tenantId(number: number): string {
  return `3f0c1f5a-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

writeFileSync(join(folder, 'secret'), secret);
writeFileSync(
  file,
  JSON.stringify({
    dataFolder: join(folder, 'data'),
    logLevel: 'error',
    http: { port: 0 },
    admin: { port: 0 },
    listeners: [
      {
        name: 'all',
        port: 0,
        senders: numbers.map((number) => ({ tenant: tenantId(number), msh4: `H${number}` })),
      },
    ],
    tenants: numbers.map((number) => ({ id: tenantId(number), name: `Hospital ${number}` })),
    clients: [{ id: 'app', tenants: numbers.map(tenantId), secretFile: join(folder, 'secret') }],
  }),
);

/** An installation that is ready, and how long that took. */
interface Running {
  readonly process: ChildProcess;
  readonly seconds: number;
  readonly mllp: number;
  readonly fhir: string;
  readonly admin: string;
}

async function start(): Promise<Running> {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, 'start', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, mllp, fhir = '', admin = ''] = /MLLP \S+:(\d+) {2}FHIR (http:[^{]+).* admin (\S+)$/.exec(line) ?? [];
    if (mllp === undefined) continue;
    return { process: child, seconds: (performance.now() - begin) / 1000, mllp: Number(mllp), fhir, admin };
  }
  throw new Error('the installation did not start');
}

function stop({ process: child }: Running): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** MiB. */
function memoryOf({ process: child }: Running): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

function message(number: number): string {
  return [
    `\x0bMSH|^~\\&|ADT|H${number}|WL|WL|20260301101500+0000||ADT^A04^ADT_A01|T${number}|P|2.5.1`,
    `PID|1||P${number}^^^H${number}^MR||Berg^Anna||19700101|F`,
    `PV1|1|O|||||||||||||||||V${number}^^^H${number}^VN`,
    '\x1c\r',
  ].join('\r');
}

/** One message for each tenant; resolves when all are acknowledged. */
function feed(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let acknowledged = 0;
    socket.on('error', reject);
    socket.on('connect', () => socket.write(numbers.map(message).join('')));
    socket.on('data', (chunk) => {
      acknowledged += chunk.toString('latin1').split('MSA|AA|').length - 1;
      if (acknowledged === count) socket.end(resolve);
    });
  });
}

async function settled({ admin }: Running): Promise<void> {
  for (;;) {
    const text = await (await fetch(`http://${admin}/metrics`)).text();
    if (Number(/^wardline_messages_settled_total\{state="applied"\} (\d+)$/m.exec(text)?.[1]) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function searchEach({ fhir }: Running): Promise<void> {
  const base = new URL(fhir).origin;
  for (const number of numbers) {
    const form = { grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: tenantId(number) };
    const answer = await fetch(`${base}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const found = await fetch(`${base}/fhir/r4/Patient?family=berg`, { headers: { authorization: `Bearer ${token}` } });
    const { total } = (await found.json()) as { total?: number };
    if (total !== 1) throw new Error(`tenant ${number} shows ${total} patients`);
  }
}

const tenSeconds = { goal: { of: 'value', atMost: 10 } } as const;
const oneGiB = { goal: { of: 'value', atMost: 1024 } } as const;
let running: Running | undefined;
try {
  running = await start();
  bench.add({ name: `${count} new tenants: first start`, value: running.seconds, unit: 's' });
  await feed(running.mllp);
  await settled(running);
  await stop(running);
  running = await start();
  bench.add({ name: `${count} tenants with data: start`, value: running.seconds, unit: 's', ...tenSeconds });
  bench.add({ name: 'resident memory after the start', value: memoryOf(running), unit: 'MiB', ...oneGiB });
  await feed(running.mllp);
  await searchEach(running);
  bench.add({ name: 'resident memory after a search of each', value: memoryOf(running), unit: 'MiB', ...oneGiB });
  bench.finish();
} finally {
  if (running !== undefined) await stop(running);
  rmSync(folder, { recursive: true, force: true });
}

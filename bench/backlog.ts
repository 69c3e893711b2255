/**
 * A start over a backlog of unsettled messages, on files and on MongoDB with Redis: seconds from the start of the process to ready, its resident memory then
 * and while it works, and messages settled per second, each beside the same with 10,000 waiting.
 * `node dist/bench/backlog.js [--messages N] [--seconds N] [--quick] [--json FILE]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { archiveKeys } from '../src/app/archive-keys.js';
import { newKey } from '../src/core/seal.js';
import type { ArchivePort } from '../src/store/archive-port.js';
import { openEmbeddedArchive } from '../src/store/embedded/archive.js';
import { openEmbeddedRegistry } from '../src/store/embedded/registry.js';
import { openMongoArchive } from '../src/store/mongodb/archive.js';
import { connectMongo } from '../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../src/store/mongodb/registry.js';
import type { RegistryPort } from '../src/store/registry-port.js';
import { openBench } from './support/figures.js';
import { type RealServers, realServers } from './support/real-servers.js';

const bench = openBench(30, ['messages']);
const many = bench.number('messages', 1_000_000, 100_000);
const few = Math.min(10_000, many);
const perAppend = 2000;
const tenant = '3f0c1f5a-0000-4000-8000-000000000001';
const program = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

interface Measured {
  readonly ready: number;
  readonly atStart: number;
  readonly atWork: number;
  readonly settled: number;
}

function admission(number: number): string {
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080000||ADT^A01|C${number}|P|2.5.1`,
    `PID|1||P${number % 1000}^^^NORTH^MR||Family^Given||19800101|F`,
    `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number % 1000}^^^NORTH^VN`,
    '',
  ].join('\r');
}

/** Archives messages as a run would that ended before it could apply any. */
async function leave(archive: ArchivePort, size: number): Promise<void> {
  for (let done = 0; done < size; done += perAppend) {
    const numbers = Array.from({ length: Math.min(perAppend, size - done) }, (_, at) => done + at);
    await archive.append(
      numbers.map((number) => ({
        ...{ tenant, kind: 'message', arrival: Date.now(), listener: 'main', peer: '127.0.0.1', sender: 'HIS|NORTH' },
        ...{ type: 'ADT^A01', sentAt: '20260301080000', controlId: `C${number}`, partition: number % 32, flags: [] },
        payload: Buffer.from(admission(number)),
      })),
    );
  }
}

/** Runs the program until `work` is done with the address of its admin API. */
async function during<T>(file: string, work: (admin: string, child: ChildProcess, seconds: number) => Promise<T>) {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, 'start', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const admin = / admin (\S+)$/.exec(line)?.[1];
      if (admin !== undefined) return await work(`http://${admin}`, child, (performance.now() - begin) / 1000);
    }
    throw new Error('the installation did not start');
  } finally {
    child.kill('SIGTERM');
    await gone;
  }
}

/** MiB. */
function memoryOf({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function settledOf(admin: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const counts = [...text.matchAll(/^wardline_messages_settled_total\{[^}]*\} (\d+)/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function watch(admin: string, child: ChildProcess, ready: number): Promise<Measured> {
  const atStart = memoryOf(child);
  let atWork = atStart;
  const [before, begun] = [await settledOf(admin), performance.now()];
  while (performance.now() - begun < bench.seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    atWork = Math.max(atWork, memoryOf(child));
  }
  const settled = ((await settledOf(admin)) - before) / ((performance.now() - begun) / 1000);
  return { ready, atStart, atWork, settled };
}

async function measure(size: number, servers: RealServers | undefined): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
  const dataFolder = join(folder, 'data');
  const prefix = `b${randomBytes(6).toString('hex')}`;
  const master = newKey();
  const file = join(folder, 'wardline.yaml');
  writeFileSync(join(folder, 'key'), Buffer.from(master).toString('base64'), { mode: 0o600 });
  const shared =
    servers === undefined ? {} : { mongodb: { url: servers.mongodb, prefix }, redis: { url: servers.redis, prefix } };
  const configuration = {
    ...{
      dataFolder,
      logLevel: 'error',
      http: { port: 0 },
      admin: { port: 0 },
      masterKey: { file: join(folder, 'key') },
    },
    ...{ listeners: [{ name: 'main', port: 0, tenant }], tenants: [{ id: tenant, name: 'North' }], ...shared },
  };
  writeFileSync(file, JSON.stringify(configuration));
  const client = servers === undefined ? undefined : connectMongo(servers.mongodb);
  try {
    // makes the tenant
    await during(file, async () => undefined);
    const registry: RegistryPort =
      client === undefined
        ? openEmbeddedRegistry(join(dataFolder, 'registry.db'))
        : await openMongoRegistry(client.db(prefix));
    const keys = archiveKeys(master);
    keys.update(await registry.snapshot());
    const options = { run: await registry.openRun(Date.now()), keyOf: keys.keyOf };
    const archive =
      client === undefined
        ? openEmbeddedArchive(join(dataFolder, 'archive'), { ...options, durability: 'none' })
        : await openMongoArchive(client.db(prefix), options);
    await leave(archive, size);
    await archive.close();
    await registry.close();
    return await during(file, watch);
  } finally {
    const names = (await client?.db().admin().listDatabases({ nameOnly: true }))?.databases ?? [];
    for (const { name } of names) if (name.startsWith(prefix)) await client?.db(name).dropDatabase();
    await client?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(where: string, servers: RealServers | undefined): Promise<void> {
  const [less, more] = [await measure(few, servers), await measure(many, servers)];
  const add = (name: string, of: keyof Measured, unit: string): void => {
    const reference = { name: `${few} waiting`, value: less[of] };
    bench.add({ name: `${where}, ${many} waiting: ${name}`, value: more[of], unit, reference });
  };
  add('start to ready', 'ready', 's');
  add('memory at the start', 'atStart', 'MiB');
  add('memory at work', 'atWork', 'MiB');
  add('settled', 'settled', '/s');
}

await compare('files', undefined);
const servers = await realServers();
if (servers !== undefined) {
  try {
    await compare('MongoDB', servers);
  } finally {
    await servers.end();
  }
}
bench.finish();

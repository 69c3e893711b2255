/**
 * Sends messages over MLLP and prints how many a second are acknowledged: by intake over the embedded archive in its thread, with
 * fsync and without, by a listener of ours that acknowledges without storing, and by @medplum/hl7 doing the same: the
 * references of the ratios.
 * `node dist/bench/intake.js [seconds per case] [file for the figures]`. Senders wait for each acknowledgement, or keep 50 under way.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hl7Server } from '@medplum/hl7';
import { systemClock } from '../src/core/clock.js';
import { silentLog } from '../src/core/log.js';
import { createMetrics } from '../src/core/metrics.js';
import { plainTenantSettings } from '../src/core/tenant-settings.js';
import { buildAcknowledgement } from '../src/hl7/acknowledgement.js';
import { encodeFrame, FrameDecoder } from '../src/hl7/frame-decoder.js';
import { readRawHeader } from '../src/hl7/raw-header.js';
import { startIntake } from '../src/intake/intake.js';
import { composeArchive } from '../src/store/embedded/archive.js';
import { startArchiveThread } from '../src/store/embedded/archive-client.js';
import { openArchiveLedger } from '../src/store/embedded/archive-ledger.js';

const seconds = Number(process.argv[2] ?? 2);
const cases = [
  { connections: 1, underWay: 1 },
  { connections: 20, underWay: 1 },
  { connections: 1, underWay: 50 },
  { connections: 20, underWay: 50 },
];

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

const body = [
  'EVN|A08|20260301101500|||USER^Name^Of',
  'PID|1||A100^^^NORTH&1.2.3&ISO^MR~B200^^^SSA^SS||Berg^Anna^Maria^^Dr.||19700102|F|||Weg 1^^Bonn^^53111^DE||+49 228 1^PRN^PH',
  'NK1|1|Berg^Otto|SPO|Weg 1^^Bonn^^53111^DE|+49 228 2',
  'PV1|1|I|W1^101^A^NORTH||||D1^House^Greg^^^^MD|||MED||||1|||D1^House^Greg|IN|V1^^^NORTH',
  '',
].join('\r');
let sent = 0;

/** A different message each time. */
function nextMessage(): Buffer {
  const header = `MSH|^~\\&|HIS|NORTH|WARDLINE|X|20260301101500||ADT^A08^ADT_A01|B${++sent}|P|2.5.1`;
  return encodeFrame(Buffer.from(`${header}\r${body}`));
}

async function intake(durability: 'fsync' | 'none'): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
  const options = { run: 1, keyOf: () => Buffer.alloc(32, 1), durability };
  const writer = await startArchiveThread(folder, options);
  const archive = composeArchive(folder, writer, openArchiveLedger(folder, options));
  const listener = {
    ...{ name: 'bench', host: '127.0.0.1', port: 0, allow: [], maxConnections: 100, maxFrameBytes: 1 << 24 },
    ...{ frameTimeout: 30_000, tenant: 'bench', ack: 'original' as const, unavailable: 'AR' as const },
    ...{ checkProcessingIds: [], checkVersions: [], authority: {}, snapshot: [] },
  };
  const running = await startIntake([listener], {
    archive,
    queue: { enqueue: async () => undefined },
    clock: systemClock,
    metrics: createMetrics(),
    log: silentLog,
    partitions: 32,
    tenantSettings: () => plainTenantSettings,
    minFreeDisk: 0,
  });
  return {
    port: running.listening()[0]?.address.port ?? 0,
    async stop() {
      await running.stop();
      await archive.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Acknowledges every frame at once and keeps nothing. */
async function forgetful(): Promise<Running> {
  const server = createServer((socket) => {
    const decoder = new FrameDecoder({ limit: 1 << 24 });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      for (const event of decoder.push(chunk)) {
        if (event.kind !== 'message') continue;
        const header = readRawHeader(event.bytes);
        const time = '20260301101500+0000';
        socket.write(encodeFrame(buildAcknowledgement({ header, code: 'AA', controlId: '1', time })));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** @medplum/hl7's server, which parses each message; it acknowledges and keeps nothing. */
async function medplum(): Promise<Running> {
  const server = new Hl7Server((connection) => {
    connection.socket.setNoDelay(true);
    connection.addEventListener('message', ({ message }) => connection.send(message.buildAck()));
  });
  await server.start(0);
  return {
    port: (server.server?.address() as AddressInfo | undefined)?.port ?? 0,
    stop: () => server.stop({ forceDrainTimeoutMs: 100 }),
  };
}

/** Keeps `underWay` messages unacknowledged until the time is up; resolves the milliseconds that each acknowledgement took. */
function send(port: number, underWay: number, until: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const decoder = new FrameDecoder({ limit: 1 << 24 });
    const starts: number[] = [];
    const took: number[] = [];
    const next = () => {
      starts.push(performance.now());
      socket.write(nextMessage());
    };
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('connect', () => {
      for (let n = 0; n < underWay; n++) next();
    });
    socket.on('data', (chunk) => {
      for (const event of decoder.push(chunk)) {
        if (event.kind !== 'message') continue;
        if (!event.bytes.includes('MSA|AA|')) return reject(new Error('not acknowledged'));
        took.push(performance.now() - (starts.shift() ?? 0));
        if (performance.now() < until) next();
        else if (starts.length === 0) socket.end(() => resolve(took));
      }
    });
  });
}

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function measure(running: Running, connections: number, underWay: number): Promise<Figures> {
  const begin = performance.now();
  const each = Array.from({ length: connections }, () => send(running.port, underWay, begin + seconds * 1000));
  const took = (await Promise.all(each)).flat().sort((a, b) => a - b);
  const at = (share: number) => took[Math.floor(took.length * share)] ?? 0;
  return { perSecond: took.length / ((performance.now() - begin) / 1000), p50: at(0.5), p99: at(0.99) };
}

const kinds = {
  'no storing': forgetful,
  medplum,
  'no fsync': () => intake('none'),
  fsync: () => intake('fsync'),
};
interface Case extends Figures {
  readonly kind: string;
  readonly connections: number;
  readonly underWay: number;
  /** Our rate divided by that of our own listener without storing, and of @medplum/hl7's. */
  readonly toForgetful: number;
  readonly toMedplum: number;
}

const figures: Case[] = [];
for (const { connections, underWay } of cases) {
  const rates: Record<string, number> = {};
  for (const [kind, start] of Object.entries(kinds)) {
    const running = await start();
    const measured = await measure(running, connections, underWay);
    await running.stop();
    const { perSecond, p50, p99 } = measured;
    rates[kind] = perSecond;
    const toForgetful = perSecond / (rates['no storing'] ?? perSecond);
    const toMedplum = perSecond / (rates['medplum'] ?? perSecond);
    figures.push({ kind, connections, underWay, toForgetful, toMedplum, ...measured });
    const ratios = `${toForgetful.toFixed(2)} of no storing, ${toMedplum.toFixed(2)} of @medplum/hl7`;
    const rate = `${perSecond.toFixed(0).padStart(6)}/s (${ratios})`;
    const where = `${String(connections).padStart(2)} × ${String(underWay).padEnd(2)}`;
    console.log(`${where} ${kind.padEnd(10)} ${rate}  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`);
  }
}
const file = process.argv[3];
if (file !== undefined) writeFileSync(file, JSON.stringify(figures, null, 2));

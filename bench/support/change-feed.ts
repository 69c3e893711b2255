/** A feed of ADT^A08 and a whole installation that takes it: what the benchmarks from socket to FHIR share. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { RunningSystem } from '../../src/app/running-system.js';
import { startWardline } from '../../src/app.js';
import { loadConfig } from '../../src/core/config.js';
import { silentLog } from '../../src/core/log.js';

export const tenant = '3f0c1f5a-0000-4000-8000-000000000001';

/** Patients of the feed: message after message of one, then of the next. */
export const patients = 300;

const connections = 20;

export interface FeedFigures {
  readonly messages: number;
  /** From the first byte to the last settled message. */
  readonly perSecond: number;
  /** Microseconds of processor time for each message, of all threads and the sender; not of servers beside the process. */
  readonly processor: number;
  /** Rows by kind, for each message. */
  readonly writesPerMessage: Readonly<Record<string, number>>;
  /** The share of messages, from 0 to 1, that were recognised as saying what one before them said, and not mapped. */
  readonly repeated: number;
}

let controlIds = 0;

/** An A08 as a frame; another `change` changes Patient and Encounter. */
export function update(patient: number, change: number): string {
  const id = ++controlIds;
  const time = new Date(Date.now()).toISOString().replaceAll(/[-:T]|\..*/g, '');
  return [
    `\x0bMSH|^~\\&|ADT|NORTH|WL|WL|${time}+0000||ADT^A08^ADT_A01|B${id}|P|2.5.1`,
    `EVN|A08|${time}+0000`,
    `PID|1||P${patient}^^^NORTH^MR||Berg${patient}^Anna^Maria||19700101|F|||Weg ${change}^^Bonn^^53111^DE||+49 228 ${patient}`,
    `PV1|1|I|W1^R1^B${change % 97}^NORTH||||D1^House^Greg^^^^^^NORTH|||MED|||||||||V${patient}^^^NORTH^VN${'|'.repeat(25)}20260101080000+0000`,
    '\x1c\r',
  ].join('\r');
}

/** So many A08s, patient after patient; each with another change, or all with the same. */
export function updates(count: number, change: (at: number) => number): string[] {
  return Array.from({ length: count }, (_, at) => update(at % patients, change(at)));
}

/** Starts a whole installation with one tenant and one listener; `stores` names MongoDB and Redis, if any. */
export function startFed(folder: string, stores: object = {}): Promise<RunningSystem> {
  const file = join(folder, 'wardline.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      dataFolder: join(folder, 'data'),
      http: { port: 0 },
      admin: { port: 0 },
      listeners: [{ name: 'adt', port: 0, tenant }],
      tenants: [{ id: tenant, name: 'North' }],
      ...stores,
    }),
  );
  return startWardline(loadConfig({ file, env: {} }), { log: silentLog, version: 'bench' });
}

/** Sends the messages over 20 connections and waits until all are settled. */
export async function measureFeed(system: RunningSystem, messages: readonly string[]): Promise<FeedFigures> {
  const before = await counters(system);
  const start = performance.now();
  const spent = process.cpuUsage();
  const port = system.listeners[0]?.port ?? 0;
  await feed(port, messages);
  let after = await counters(system);
  const settled = (): number => (after.get('applied') ?? 0) - (before.get('applied') ?? 0);
  while (settled() < messages.length) {
    // asking costs what is measured: seldom enough to be a small share, often enough for seconds
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = await counters(system);
  }
  const perSecond = (messages.length * 1000) / (performance.now() - start);
  const processor = microseconds(spent) / messages.length;
  const writes: Record<string, number> = {};
  for (const kind of ['documents', 'versions', 'indexRows', 'touches', 'commits']) {
    writes[kind] = ((after.get(kind) ?? 0) - (before.get(kind) ?? 0)) / messages.length;
  }
  const repeated = ((after.get(repeats) ?? 0) - (before.get(repeats) ?? 0)) / messages.length;
  return { messages: messages.length, perSecond, processor, writesPerMessage: writes, repeated };
}

/** Processor time of this process since then, in microseconds. */
export function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

/** Sends the messages, each connection one after the other; resolves when all are acknowledged with AA. */
async function feed(port: number, messages: readonly string[]): Promise<void> {
  const one = (first: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let at = first;
      const next = (): void => {
        const message = messages[at];
        at += connections;
        if (message === undefined) socket.end(resolve);
        else socket.write(message);
      };
      let heard = '';
      socket.setNoDelay(true);
      socket.on('error', reject);
      socket.on('connect', next);
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        if (!heard.endsWith('\x1c\r')) return;
        if (!heard.includes('MSA|AA|')) reject(new Error('not acknowledged'));
        heard = '';
        next();
      });
    });
  await Promise.all(Array.from({ length: connections }, (_, first) => one(first)));
}

/** Beside the names of end states and kinds of rows. */
const repeats = 'messages repeated';

async function counters(system: RunningSystem): Promise<Map<string, number>> {
  const { host, port } = system.admin ?? { host: '', port: 0 };
  const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const rows = text.matchAll(/^wardline_(?:messages_settled|store_writes)_total\{\w+="(\w+)"\} (\d+)$/gm);
  const [, repeated = 0] = /^wardline_messages_repeated_total (\d+)$/m.exec(text) ?? [];
  return new Map([
    ...[...rows].map(([, name = '', value]) => [name, Number(value)] as const),
    [repeats, Number(repeated)],
  ]);
}

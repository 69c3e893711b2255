import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/core/clock.js';
import { createLog, type Log } from '../../src/core/log.js';
import { createMetrics, type Metrics } from '../../src/core/metrics.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import type { IntakeEvent, ReceivedOutcome } from '../../src/intake/counts.js';
import { type Intake, type IntakeParts, startIntake } from '../../src/intake/intake.js';
import type { ListenerSettings } from '../../src/intake/listener-settings.js';
import type { WorkItem } from '../../src/queue/queue-port.js';
import type { ArchivePort, ArchiveRow } from '../../src/store/archive-port.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { pause } from '../support/pause.js';
import { RawClient } from '../support/raw-client.js';

export const tenant = '11111111-2222-4333-8444-555555555555';

export const plainListener: ListenerSettings = {
  name: 'adt',
  host: '127.0.0.1',
  port: 0,
  allow: [],
  maxConnections: 50,
  maxFrameBytes: 1024 * 1024,
  frameTimeout: 20_000,
  tenant,
  ack: 'original',
  unavailable: 'AR',
  checkProcessingIds: [],
  checkVersions: [],
  authority: {},
  snapshot: [],
};

/** A running intake over the embedded archive in a folder of its own, all of it gone with the test. */
export interface Installation {
  readonly intake: Intake;
  readonly archive: ArchivePort;
  /** What the intake was started with. */
  readonly parts: IntakeParts;
  readonly port: number;
  /** What reached the queue. */
  readonly enqueued: readonly WorkItem[];
  /** Everything that was logged, as JSON lines. */
  readonly logged: () => string;
  client(): Promise<RawClient>;
  /** All archive rows, oldest first, with their bytes as Latin-1 text. */
  rows(): Promise<readonly (ArchiveRow & { readonly text: string })[]>;
  events(event: IntakeEvent): Promise<number>;
  received(outcome: ReceivedOutcome): Promise<number>;
  /** Resolves when the figure is reached. */
  reach(figure: () => Promise<number>, value: number): Promise<void>;
}

export interface InstallationOptions {
  readonly listener?: Partial<ListenerSettings>;
  readonly parts?: (parts: IntakeParts) => Partial<IntakeParts>;
}

/** Every tenant has a key of its own here. */
export function keyOf(name: string | null): Uint8Array {
  return Buffer.alloc(32, name ?? 'none');
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function install(t: TestContext, options: InstallationOptions = {}): Promise<Installation> {
  const archive = openEmbeddedArchive(join(temporaryFolder(t), 'archive'), { run: 1, keyOf });
  const metrics: Metrics = createMetrics();
  const enqueued: WorkItem[] = [];
  const lines: string[] = [];
  const log: Log = createLog({ level: 'debug', plain: false, to: { write: (line) => lines.push(line) } });
  const plain: IntakeParts = {
    archive,
    queue: { enqueue: async (items) => void enqueued.push(...items) },
    clock: systemClock,
    metrics,
    log,
    partitions: 32,
    tenantSettings: () => plainTenantSettings,
    minFreeDisk: 0,
  };
  const settings: ListenerSettings = { ...plainListener, ...options.listener };
  const parts: IntakeParts = { ...plain, ...options.parts?.(plain) };
  const intake = await startIntake([settings], parts);
  const port = intake.listening()[0]?.address.port ?? 0;
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await intake.stop();
    await archive.close();
  });
  const figure = async (line: string): Promise<number> => {
    const { text } = await metrics.scrape();
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
    return Number(found?.split(' ').at(-1) ?? 0);
  };
  return {
    intake,
    archive,
    parts,
    port,
    enqueued,
    logged: () => lines.join(''),
    async client() {
      const client = await RawClient.connect(port);
      clients.push(client);
      return client;
    },
    async rows() {
      const found: (ArchiveRow & { text: string })[] = [];
      for (const { row } of await archive.list({ limit: 10_000 })) {
        const whole = await archive.get(row.sequence);
        if (whole !== undefined) found.push({ ...row, text: Buffer.from(whole.payload).toString('latin1') });
      }
      return found.reverse();
    },
    events: (event) => figure(`wardline_frame_events_total{listener="${settings.name}",event="${event}"}`),
    received: (outcome) => figure(`wardline_messages_received_total{listener="${settings.name}",outcome="${outcome}"}`),
    async reach(read, value) {
      while ((await read()) !== value) await pause(1);
    },
  };
}

/** A frame around a message's text, Latin-1. */
export function frame(message: string): Buffer {
  return Buffer.from(`\x0b${message}\x1c\r`, 'latin1');
}

/** A small ADT message; `header` replaces fields of MSH by number. */
export function adt(controlId: string, header: Readonly<Record<number, string>> = {}): string {
  const fields = [
    'MSH',
    '^~\\&',
    'ADT1',
    'NORTH',
    'WARD',
    'LINE',
    '20260301101500',
    '',
    'ADT^A01',
    controlId,
    'P',
    '2.5',
  ];
  for (const [field, value] of Object.entries(header)) fields[Number(field) - 1] = value;
  const msh = Array.from(fields, (field) => field ?? '').join('|');
  return `${msh}\rEVN|A01|20260301101500\rPID|1||4711^^^NORTH^MR||Muster^Anna\r`;
}

/** MSA-1 and MSA-2 of each acknowledgement in a frame: `AA M1`. */
export function acknowledged(reply: string): string[] {
  return reply
    .split('\r')
    .filter((line) => line.startsWith('MSA'))
    .map((line) => line.split('|').slice(1, 3).join(' '));
}

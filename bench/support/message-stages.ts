/** Where the processor time of a message goes between the archive and its settling: one batch after another, in this thread. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mappingOf } from '../../src/cli/mapping-folders.js';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { mapperOver } from '../../src/engine/mapping-mapper.js';
import { type EngineParts, processBatch } from '../../src/engine/process-batch.js';
import { RepeatedMessages } from '../../src/engine/repeated-messages.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { parseMessage } from '../../src/hl7/message.js';
import type { ArchiveEntry } from '../../src/store/archive-port.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { shippedMappings } from '../../src/store/mapping-files.js';

const tenant = '3f0c1f5a-0000-4000-8000-000000000002';

export interface MessageStages {
  /** Archives the messages, applies them in batches and gives the stages' times, in microseconds for each message. */
  time(messages: readonly Uint8Array[], batch: number): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** Opens an archive and a store of its own in the folder. */
export function openMessageStages(folder: string): MessageStages {
  const key = randomBytes(32);
  const archive = openEmbeddedArchive(join(folder, 'stages'), { run: 1, keyOf: () => key });
  const resources = openEmbeddedResources(join(folder, 'stages', 'tenants'));
  const settings = { ...plainTenantSettings, zone: 'UTC' };
  const mapper = mapperOver(mappingOf([shippedMappings]), 1);
  const spent = new Map<string, number>();
  const spend = (stage: string, since: number): void => {
    spent.set(stage, (spent.get(stage) ?? 0) + spentNow() - since);
  };
  const during = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const since = spentNow();
    const result = await work();
    spend(stage, since);
    return result;
  };
  const context = {
    settings,
    names: tenantNames(key, settings),
    memory: new RepeatedMessages().memory(),
    mapper: {
      ...mapper,
      map: (...of: Parameters<typeof mapper.map>) => {
        const since = spentNow();
        const mapped = mapper.map(...of);
        spend('map', since);
        return mapped;
      },
    },
  };
  const parts: EngineParts = {
    archive: {
      read: (sequences) => during('read the archive', () => archive.read(sequences)),
      settle: (outcomes) => during('settle', () => archive.settle(outcomes)),
    },
    resources: {
      ...resources,
      read: (...of) => during('read the store', () => resources.read(...of)),
      write: (...of) => during('write the store', () => resources.write(...of)),
      touch: (...of) => during('write the store', () => resources.touch(...of)),
    },
    tenant: () => context,
    profile: () => ({ authority: {}, snapshot: [] }),
    clock: systemClock,
    log: silentLog,
  };
  let sent = 0;
  return {
    async time(messages, batch) {
      const appended = await archive.append(messages.map((payload) => entryOf(payload, ++sent)));
      spent.clear();
      const started = spentNow();
      for (let at = 0; at < appended.length; at += batch) {
        const sequences = appended.slice(at, at + batch).map(({ sequence }) => sequence);
        const settled = await processBatch(parts, { tenant, partition: 0, sequences });
        const parked = settled.find(({ state }) => state !== 'applied');
        if (parked !== undefined) throw new Error(`a message was not applied: ${parked.reason}`);
      }
      const total = spentNow() - started;
      const parsing = spentNow();
      for (const payload of messages) {
        const decoded = decodeMessage(Buffer.from(payload));
        if (!isCharsetFault(decoded)) parseMessage(decoded.text, decoded.decodeBytes);
      }
      spend('parse', parsing);
      const known = [...spent.values()].reduce((sum, each) => sum + each, 0);
      spent.set('apply: join, compose, find search values', total - known);
      return new Map([...spent].map(([stage, ms]) => [stage, (ms * 1000) / messages.length]));
    },
    async close() {
      await archive.close();
      await resources.close();
    },
  };
}

/** Milliseconds of processor time that this process has taken: others at work on the machine do not count. */
function spentNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function entryOf(payload: Uint8Array, number: number): ArchiveEntry {
  return {
    tenant,
    kind: 'message',
    arrival: Date.now(),
    listener: 'adt',
    peer: 'bench',
    sender: 'ADT|NORTH',
    type: 'ADT^A08^ADT_A01',
    sentAt: '',
    controlId: `S${number}`,
    partition: 0,
    flags: [],
    payload,
  };
}

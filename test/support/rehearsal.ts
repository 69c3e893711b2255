/** Processing one archive again and again: other orders, batches, partitions and workers, each time into an empty store. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';
import { systemClock } from '../../src/core/clock.js';
import { fault, isTransient } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { silentLog } from '../../src/core/log.js';
import type { Sequence } from '../../src/core/stamp.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import type { Mapper } from '../../src/engine/mapper.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import { prepareBatch, type SourceProfile, type TenantContext } from '../../src/engine/prepare-batch.js';
import { type EngineParts, processBatch } from '../../src/engine/process-batch.js';
import { RepeatedMessages } from '../../src/engine/repeated-messages.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';
import type { ResourcePort } from '../../src/store/resource-port.js';
import type { HistoryMessage } from './hospital-history.js';
import type { Random } from './random.js';
import { temporaryFolder } from './temporary-folder.js';
import { tenantPicture } from './tenant-picture.js';

/** `north` ranks its own numbers before the registry's; `south` ranks none, and its lists replace those sent before. */
export const hospitals = {
  NORTH: '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11',
  SOUTH: '8d1e6b70-94a3-4d0e-b0c8-5a7712c9fe22',
} as const;
export type Facility = keyof typeof hospitals;

/** The mapping files that come with Wardline. */
export const mappingFiles = readMappingFiles(join(programFolder, 'mappings'), 'mappings/');

/** What the engine knows of both hospitals under one mapping; it recognises what messages repeat where something is to keep it. */
export function hospitalContexts(mapper: Mapper, repeated?: RepeatedMessages): ReadonlyMap<string, TenantContext> {
  return new Map(
    Object.entries(hospitals).map(([facility, tenant], index) => {
      const authorities = facility === 'NORTH' ? [{ id: 'NORTH' }, { id: 'REG', type: 'PI' }] : [];
      const settings = { ...plainTenantSettings, zone: 'UTC', authorities };
      const names = tenantNames(new Uint8Array(32).fill(index + 1), settings);
      return [tenant, { settings, mapper, names, ...(repeated && { memory: repeated.memory() }) }];
    }),
  );
}

/** The settings of a hospital's listener. */
export function hospitalProfile(listener: string): SourceProfile {
  return { authority: {}, snapshot: listener === 'SOUTH' ? ['AL1', 'DG1', 'NK1'] : [] };
}

const shipped = mapperOver(compileFiles(mappingFiles), 1);

/**
 * Both hospitals where each of the messages was seen twice before, sent at other times and under other numbers, so that what it
 * said is kept; and how many were mapped since.
 */
export async function experiencedContexts(
  archive: Pick<ArchivePort, 'read'>,
  rows: readonly Row[],
): Promise<{ contexts: ReadonlyMap<string, TenantContext>; mapped(): number }> {
  let mapped = 0;
  const counting: Mapper = {
    ...shipped,
    map(...of) {
      mapped++;
      return shipped.map(...of);
    },
  };
  const contexts = hospitalContexts(counting, new RepeatedMessages());
  const read: ArchivePort['read'] = async (places) =>
    (await archive.read(places)).map((row) => ({ ...row, payload: atAnotherTime(row.payload) }));
  const parts = {
    ...{ archive: { read }, profile: hospitalProfile, log: silentLog },
    tenant: (id: string) => contexts.get(id),
  };
  for (const { tenant, sequence } of [...rows, ...rows]) {
    await prepareBatch(parts, { tenant, partition: 0, sequences: [sequence] });
  }
  mapped = 0;
  return { contexts, mapped: () => mapped };
}

/** The message a year before, under another control id. */
function atAnotherTime(payload: Uint8Array): Buffer {
  const [header = '', ...others] = Buffer.from(payload).toString('utf8').split('\r');
  const fields = header.split('|');
  fields[6] = (fields[6] ?? '').replace(/^2026/, '2025');
  fields[9] = `${fields[9]}-before`;
  const events = others.map((line) => line.replace(/^(?<head>EVN\|\w+\|)2026/, '$<head>2025'));
  return Buffer.from([fields.join('|'), ...events].join('\r'));
}

export type Row = { readonly tenant: string; readonly sequence: Sequence };
export type Batch = { readonly tenant: string; readonly sequences: readonly Sequence[] };
export type Pictures = Readonly<Record<Facility, Record<string, JsonObject>>>;

/** Archives messages in this order. `arrival` is epoch ms; equal control ids would be repeats, so each has its own. */
export async function archived(
  t: TestContext,
  messages: readonly (HistoryMessage & { readonly facility: Facility; readonly arrival: number })[],
): Promise<{ archive: ArchivePort; rows: Row[] }> {
  const archive = openEmbeddedArchive(temporaryFolder(t), {
    run: 1,
    keyOf: () => new Uint8Array(32).fill(9),
    durability: 'none',
  });
  t.after(() => archive.close());
  const results = await archive.append(
    messages.map(({ text, facility, arrival }, index) => ({
      tenant: hospitals[facility],
      kind: 'message',
      arrival,
      listener: facility,
      peer: '127.0.0.1',
      sender: facility,
      type: '',
      sentAt: '',
      controlId: String(index),
      partition: 0,
      flags: [],
      payload: Buffer.from(text),
    })),
  );
  return {
    archive,
    rows: results.map(({ sequence }, index) => ({ tenant: hospitals[messages[index]?.facility ?? 'NORTH'], sequence })),
  };
}

/** An empty store, and workers over it. */
export class Rehearsal {
  readonly #archive: ArchivePort;
  readonly #contexts: ReadonlyMap<string, TenantContext>;
  readonly #resources: ResourcePort;
  /** What the messages came to, by tenant: `Type/id`. */
  readonly #made = new Map<string, Set<string>>();
  /** How each message ended, the last word on it. */
  readonly states = new Map<number, string>();

  constructor(t: TestContext, archive: ArchivePort, contexts = hospitalContexts(shipped)) {
    this.#archive = archive;
    this.#contexts = contexts;
    this.#resources = openEmbeddedResources(join(temporaryFolder(t), 'tenants'));
    t.after(() => this.#resources.close());
  }

  /** A worker takes the batch as far as it goes; as the queue does, it is handed out again while others are in its way. */
  async work(batch: Batch): Promise<void> {
    await this.#run(batch, this.#resources);
  }

  /**
   * A worker that falls asleep before a write of its (the first is 0), past its claim: resolves when it sleeps (or had not so
   * much to write), with what wakes it.
   */
  async workAndSleep(batch: Batch, before = 0): Promise<() => Promise<void>> {
    let wake = (): void => {};
    const awake = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let asleep = (): void => {};
    const sleeping = new Promise<void>((resolve) => {
      asleep = resolve;
    });
    const slow = this.#beforeWrites(async (count) => {
      if (count !== before) return;
      asleep();
      await awake;
    });
    const done = this.#run(batch, slow);
    await Promise.race([sleeping, done]);
    return async () => {
      wake();
      await done;
    };
  }

  /** A worker that dies before a write of its (the first is 0); what it wrote before stays. It takes the batch no further. */
  async workAndDie(batch: Batch, before: number): Promise<void> {
    const dying = this.#beforeWrites(async (count) => {
      if (count >= before) throw fault('store-unavailable', 'the worker is dead');
    });
    await processBatch(this.#parts(dying), { ...batch, partition: 0 }).catch((error: unknown) => {
      if (!isTransient(error)) throw error;
    });
  }

  /** The store, told of each write and touch of one worker before it is made. */
  #beforeWrites(then: (count: number) => Promise<void>): ResourcePort {
    let count = 0;
    return Object.assign(Object.create(this.#resources) as ResourcePort, {
      write: async (...args: Parameters<ResourcePort['write']>) => {
        await then(count++);
        return this.#resources.write(...args);
      },
      touch: async (...args: Parameters<ResourcePort['touch']>) => {
        await then(count++);
        return this.#resources.touch(...args);
      },
    });
  }

  async pictures(known: ReadonlyMap<string, ReadonlySet<string>> = this.#made): Promise<Pictures> {
    const of = (facility: Facility) =>
      tenantPicture(this.#resources, hospitals[facility], known.get(hospitals[facility]) ?? []);
    return { NORTH: await of('NORTH'), SOUTH: await of('SOUTH') };
  }

  async #run(batch: Batch, resources: ResourcePort): Promise<void> {
    for (;;) {
      try {
        await processBatch(this.#parts(resources), { ...batch, partition: 0 });
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    }
  }

  #parts(resources: ResourcePort): EngineParts {
    return {
      archive: {
        read: (sequences) => this.#archive.read(sequences),
        settle: async (outcomes) => {
          for (const { tenant, sequence, state, reason, made } of outcomes) {
            this.states.set(sequence.number, `${state} ${reason}`.trim());
            const owner = tenant ?? '';
            const names = this.#made.get(owner) ?? new Set();
            this.#made.set(owner, names);
            for (const { type, id } of made) names.add(`${type}/${id}`);
          }
        },
      },
      resources,
      tenant: (id) => this.#contexts.get(id),
      profile: hospitalProfile,
      clock: systemClock,
      log: silentLog,
    };
  }
}

/** Rows cut into batches of one tenant each, as chance has it, in the order given. */
export function cut(random: Random, rows: readonly Row[]): Batch[] {
  const batches: Batch[] = [];
  for (const tenant of Object.values(hospitals)) {
    const own = rows.filter((row) => row.tenant === tenant).map(({ sequence }) => sequence);
    while (own.length > 0) batches.push({ tenant, sequences: own.splice(0, 1 + random.below(8)) });
  }
  return random.shuffle(batches);
}

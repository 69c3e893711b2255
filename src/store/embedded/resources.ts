/** The resource port over one SQLite file per tenant. What is asked to be written in the same turn is one commit. */
import type { Fault } from '../../core/errors.js';
import type { ReindexPort } from '../reindex-port.js';
import type { DocumentWrite, ResourcePort, ResourceReader, Touch } from '../resource-port.js';
import { diskFault } from './disk-errors.js';
import {
  readAll,
  readByKeyRest,
  readByPatient,
  readDocuments,
  readHistory,
  readShown,
  readVersion,
} from './document-reader.js';
import { type WriteCounters, writeDocument, writeTouch } from './document-writer.js';
import { readEditions, readOtherEditions, reindexDocument } from './reindex.js';
import { prepareSearch, searchDocuments } from './search-run.js';
import type { Widths } from './search-way.js';
import { type TenantFile, TenantFiles } from './tenant-files.js';

export interface EmbeddedResources extends ResourcePort, ReindexPort {
  /** Rows written since the store was opened. */
  counters(): Readonly<WriteCounters>;
}

interface WaitingWrite {
  /** Gives how to resolve the call when all is committed. */
  readonly run: (file: TenantFile) => () => void;
  readonly reject: (error: Fault) => void;
}

/** Opens the tenants' files under `folder` for reading only. A tenant without a file has nothing. */
export function openEmbeddedReader(folder: string): ResourceReader {
  return readerOver(new TenantFiles(folder, true, prepareSearch));
}

/** Opens the tenants' files under `folder`, for the one thread that writes them. `widths`: see TenantFile; for tests. */
export function openEmbeddedResources(folder: string, widths?: Widths): EmbeddedResources {
  const files = new TenantFiles(folder, false, prepareSearch, widths);
  const counters: WriteCounters = { commits: 0, documents: 0, versions: 0, indexRows: 0, touches: 0 };
  const writer = new GroupedWriter(files, counters);
  return {
    ...readerOver(files),
    read: async (tenant, type, ids) => files.use(tenant, (file) => readDocuments(file, type, ids)) ?? [],
    readByKeyRest: async (tenant, type, patients, rests) =>
      files.use(tenant, (file) => readByKeyRest(file, type, patients, rests)) ?? [],
    readByPatient: async (tenant, type, patient) =>
      files.use(tenant, (file) => readByPatient(file, type, patient)) ?? [],
    readAll: async (tenant, after, limit) => files.use(tenant, (file) => readAll(file, after, limit)) ?? [],
    write: (tenant, writes: readonly DocumentWrite[]) =>
      writer.add(tenant, (file) => writes.map((write) => writeDocument(file, write, counters))),
    touch: (tenant, touches: readonly Touch[]) =>
      writer.add(tenant, (file) => touches.map((touch) => writeTouch(file, touch, counters))),
    editions: async (tenant) => (files.holds(tenant) ? files.use(tenant, ({ db }) => readEditions(db)) : undefined),
    // they are looked for in the order of their making, which needs nothing
    prepareEdition: async () => undefined,
    otherEditions: async (tenant, edition, after, limit) =>
      (files.holds(tenant)
        ? files.use(tenant, ({ db }) => readOtherEditions(db, edition, after, limit))
        : undefined) ?? {
        documents: [],
        next: undefined,
      },
    reindex: (tenant, documents) =>
      writer.add(tenant, (file) => documents.map((one) => reindexDocument(file, one, counters))),
    async dropTenant(tenant) {
      writer.flush();
      files.drop(tenant);
    },
    counters: () => ({ ...counters }),
    async close() {
      writer.flush();
      files.close();
    },
  };
}

function readerOver(files: TenantFiles): ResourceReader {
  return {
    read: async (tenant, type, ids) => files.use(tenant, ({ db }) => readShown(db, type, ids)) ?? [],
    search: async (tenant, query, limits) =>
      files.use(tenant, (file) => searchDocuments(file, query, limits)) ?? {
        documents: [],
        total: limits.total ? 0 : undefined,
        next: undefined,
      },
    version: async (tenant, type, id, version) => files.use(tenant, ({ db }) => readVersion(db, type, id, version)),
    history: async (tenant, of, page) =>
      files.use(tenant, ({ db }) => readHistory(db, of, page)) ?? { versions: [], total: 0, next: undefined },
    async close() {
      files.close();
    },
  };
}

/** Gathers what is asked for in one turn of the event loop, and commits it once per tenant. */
class GroupedWriter {
  readonly #files: TenantFiles;
  readonly #counters: WriteCounters;
  readonly #waiting = new Map<string, WaitingWrite[]>();
  #scheduled = false;

  constructor(files: TenantFiles, counters: WriteCounters) {
    this.#files = files;
    this.#counters = counters;
  }

  /** `run` writes within a transaction, and what it gives is the answer. */
  add<T>(tenant: string, run: (file: TenantFile) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const calls = this.#waiting.get(tenant) ?? [];
      calls.push({
        run(file) {
          const result = run(file);
          return () => resolve(result);
        },
        reject,
      });
      this.#waiting.set(tenant, calls);
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.flush());
    });
  }

  flush(): void {
    this.#scheduled = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [tenant, calls] of waiting) this.#commit(tenant, calls);
  }

  #commit(tenant: string, calls: readonly WaitingWrite[]): void {
    try {
      const file = this.#files.get(tenant);
      if (file === undefined) return;
      const results = file.db.transaction(() => calls.map((call) => call.run(file)));
      this.#counters.commits++;
      for (const resolve of results) resolve();
    } catch (error) {
      for (const call of calls) call.reject(diskFault(error, 'a tenant’s file'));
      // numbers of parameters that were made in the transaction are not there any more
      this.#files.release(tenant);
    }
  }
}

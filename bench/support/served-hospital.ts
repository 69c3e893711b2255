/** A hospital of a given size behind the facade, over either store: reads of files in a thread of their own, or over a `mongod` of its own. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { newKey } from '../../src/core/seal.js';
import { type FacadeParts, usualLimits } from '../../src/facade/facade-parts.js';
import { startFacade } from '../../src/facade/listen.js';
import type { AuditPort } from '../../src/store/audit-port.js';
import { startAuditThread } from '../../src/store/embedded/audit-client.js';
import { startReadThread } from '../../src/store/embedded/read-client.js';
import { openMongoAudit } from '../../src/store/mongodb/audit.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoReader } from '../../src/store/mongodb/resources.js';
import type { ResourceReader } from '../../src/store/resource-port.js';
import { hospitalDatabase, hospitalPrefix } from './hospital-database.js';
import { hospitalStore } from './hospital-store.js';
import { startKeptMongod } from './kept-mongod.js';

export type StoreKind = 'files' | 'mongodb';

export interface ServedHospital {
  readonly patients: number;
  readonly port: number;
  close(): Promise<void>;
}

interface Opened {
  readonly resources: ResourceReader;
  readonly audit: AuditPort;
  close(): Promise<void>;
}

/** Parts of a facade that do not hang on its store. */
export type OwnParts = Omit<FacadeParts, 'resources' | 'audit' | 'limits' | 'messages'>;

/** `folder`: for what is not kept. */
export async function serveHospital(
  kind: StoreKind,
  patients: number,
  folder: string,
  parts: OwnParts,
): Promise<ServedHospital> {
  const { resources, audit, close } = await (kind === 'files' ? openFiles(patients, folder) : openDatabase(patients));
  const facade = await startFacade(
    { ...parts, resources, audit, messages: { get: async () => undefined }, limits: usualLimits },
    { host: '127.0.0.1', port: 0, trustedProxies: [] },
  );
  return {
    patients,
    port: facade.port,
    async close() {
      await facade.close();
      await close();
    },
  };
}

async function openFiles(patients: number, folder: string): Promise<Opened> {
  const audit = await startAuditThread(join(folder, `audit-${patients}.db`), { run: 1, key: newKey() });
  const store = hospitalStore(patients);
  readThrough(store);
  const resources = await startReadThread(store);
  return {
    resources,
    audit,
    async close() {
      await resources.close();
      await audit.close();
    },
  };
}

/** GB of the cache of a `mongod` with so many patients: a ninth of its documents as they are in it, more than its indexes. */
export function cacheFor(patients: number): number {
  return Math.max(0.5, (patients * 4) / 1_000_000);
}

async function openDatabase(patients: number): Promise<Opened> {
  const data = await hospitalDatabase(patients);
  readThrough(data);
  const server = await startKeptMongod(data, cacheFor(patients), 'serving');
  const client = connectMongo(server.url);
  const audits = client.db('bench-audit');
  await audits.dropDatabase();
  const audit = await openMongoAudit(audits, { run: 1, key: newKey() });
  const resources = openMongoReader({ clientOf: () => client, prefix: hospitalPrefix });
  return {
    resources,
    audit,
    async close() {
      await resources.close();
      await audit.close();
      await client.close();
      await server.end();
    },
  };
}

/**
 * Reads a store's files through once, so that what is measured is the program and not when a page was first read from its
 * disk: of a large store nearly each turn would read pages that no turn read before, of a small one none after a while. Says
 * so where memory has no room for it.
 */
function readThrough(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const files = names.filter((name) => /\.(db|wt)$/.test(name) && statSync(name).isFile());
  const part = Buffer.alloc(1 << 20);
  let bytes = 0;
  for (const name of files) {
    const file = openSync(name, 'r');
    try {
      for (let read = readSync(file, part); read > 0; read = readSync(file, part)) bytes += read;
    } finally {
      closeSync(file);
    }
  }
  if (bytes > freemem())
    console.log(`a store of ${bytes} bytes is larger than the memory that is free: it is read from disk`);
}

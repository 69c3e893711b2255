import { randomBytes } from 'node:crypto';
import type { MongoClient } from 'mongodb';
import {
  type MongoResourcesOptions,
  openMongoReader,
  openMongoResources,
} from '../../../src/store/mongodb/resources.js';
import type { ReindexPort } from '../../../src/store/reindex-port.js';
import type { ResourcePort, ResourceReader } from '../../../src/store/resource-port.js';
import { north, south } from '../../conformance/archive-suite.js';

export interface FreshResources {
  readonly port: ResourcePort & ReindexPort;
  /** As another process reads it. */
  readonly reader: ResourceReader;
  /** What the names of its databases begin with. */
  readonly prefix: string;
  /** Closes the port and deletes its databases. */
  end(): Promise<void>;
}

/** A store that shares no database with another test's. */
export function freshResources(client: MongoClient, options: Partial<MongoResourcesOptions> = {}): FreshResources {
  const prefix = `t${randomBytes(8).toString('hex')}`;
  const all = { clientOf: () => client, prefix, ...options };
  const port = openMongoResources(all);
  const reader = openMongoReader(all);
  return {
    port,
    reader,
    prefix,
    async end() {
      for (const tenant of [north, south]) await port.dropTenant(tenant);
      await Promise.all([port.close(), reader.close()]);
    },
  };
}

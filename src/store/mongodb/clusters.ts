/** Which servers hold a tenant's resources: the installation's own, or a cluster that the tenant names and the configuration knows. */
import type { MongoClient } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { TenantRecord } from '../registry-port.js';
import { clusterOf } from '../tenant-record.js';
import { connectMongo } from './connection.js';

export interface Clusters {
  /** Takes over which tenant is where. */
  learn(tenants: readonly TenantRecord[]): void;
  /**
   * The client of a tenant's cluster, which connects when it is first used.
   * @throws Fault `store-unavailable` for a cluster that the configuration of this process does not name, and for a tenant that it has not heard of yet
   */
  clientOf(tenant: string): MongoClient;
  /** Closes the clients that it made; the one that it was given belongs to its maker. */
  close(): Promise<void>;
}

/** `urls`: connection strings by name of cluster. */
export function openClusters(own: MongoClient, urls: Readonly<Record<string, string>>): Clusters {
  const clients = new Map<string, MongoClient>();
  const hasOthers = Object.keys(urls).length > 0;
  let places: ReadonlyMap<string, string | undefined> = new Map();
  return {
    learn(tenants) {
      places = new Map(tenants.map((tenant) => [tenant.id, clusterOf(tenant)]));
    },
    clientOf(tenant) {
      const name = places.get(tenant);
      if (name === undefined) {
        // a tenant that was just made may be anywhere
        if (hasOthers && !places.has(tenant))
          throw fault('store-unavailable', `this process does not know yet where tenant ${tenant} is`);
        return own;
      }
      const url = Object.hasOwn(urls, name) ? urls[name] : undefined;
      if (url === undefined)
        throw fault('store-unavailable', `the configuration has no cluster ${name}, where tenant ${tenant} is`);
      const client = clients.get(name) ?? connectMongo(url);
      clients.set(name, client);
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

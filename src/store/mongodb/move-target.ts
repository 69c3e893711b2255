/** A MongoDB that an installation moves into. */
import { fault } from '../../core/errors.js';
import type { KeyOf } from '../archive-seal.js';
import { connectMongo } from './connection.js';
import { IncomingArchive } from './incoming-archive.js';
import { IncomingAudit } from './incoming-audit.js';
import { type IncomingTenant, incomingTenants } from './incoming-documents.js';
import { IncomingRegistry } from './incoming-registry.js';
import { fromMongo } from './mongo-errors.js';

export interface MoveTarget {
  /** What to call it: hosts and database, nothing secret. */
  readonly name: string;
  readonly registry: IncomingRegistry;
  readonly archive: IncomingArchive;
  readonly audit: IncomingAudit;
  tenant(id: string): IncomingTenant;
  close(): Promise<void>;
}

interface MoveTargetOptions {
  readonly url: string;
  readonly prefix: string;
  readonly keyOf: KeyOf;
  /** Of the audit's chains. */
  readonly auditKey: Uint8Array;
}

/** @throws Fault `config-invalid` for a connection string or a server that will not do, `store-unavailable` */
export async function openMoveTarget({ url, prefix, keyOf, auditKey }: MoveTargetOptions): Promise<MoveTarget> {
  const client = connect(url);
  const db = client.db(prefix);
  try {
    const hello = await fromMongo(() => client.db('admin').command({ hello: 1 }));
    if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid')
      throw fault('config-invalid', 'this MongoDB is a single server: make it a replica set, of one node at least');
  } catch (error) {
    await client.close();
    throw error;
  }
  const { hosts, srvHost } = client.options;
  return {
    name: `${srvHost ?? hosts.map(String).join()}, database ${prefix}`,
    registry: new IncomingRegistry(db),
    archive: new IncomingArchive(db, keyOf),
    audit: new IncomingAudit(db, auditKey),
    tenant: incomingTenants(client, prefix),
    close: () => client.close(),
  };
}

function connect(url: string): ReturnType<typeof connectMongo> {
  try {
    return connectMongo(url);
  } catch {
    // its text may quote the string, with what is secret in it
    throw fault('config-invalid', 'the connection string of MongoDB cannot be read');
  }
}

/** A `mongod` of one node whose data is kept between benchmarks: started on a free port, ended with the benchmark. */
import { mkdirSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { eventually, freePort, ServerProcess } from '../../test/support/server-process.js';

export interface KeptMongod {
  readonly url: string;
  end(): Promise<void>;
}

/** Milliseconds in which a server that is told to end has written what it holds. */
const within = 120_000;
const set = 'bench';

/**
 * `cache`: GB of its cache. For `loading`, it is a server without a log of operations and without journal, so that
 * what is in it counts only once it has ended well.
 */
export async function startKeptMongod(
  folder: string,
  cache: number,
  purpose: 'loading' | 'serving',
): Promise<KeptMongod> {
  mkdirSync(folder, { recursive: true });
  const loading = purpose === 'loading';
  const port = await freePort();
  const flags = ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder, '--nounixsocket'];
  const sized = ['--wiredTigerCacheSizeGB', String(cache), '--wiredTigerCollectionBlockCompressor', 'zstd'];
  const mode = loading ? ['--nojournal'] : ['--replSet', set, '--oplogSize', '990'];
  const server = new ServerProcess(port, 'mongod', [...flags, ...sized, ...mode]);
  server.start();
  const host = `127.0.0.1:${port}`;
  const url = `mongodb://${host}/?directConnection=true`;
  try {
    if (loading) await eventually(() => command(url, { ping: 1 }), server, within);
    else await asReplicaSet(url, host, server);
  } catch (error) {
    await server.end('SIGKILL');
    throw error;
  }
  return { url: loading ? url : `mongodb://${host}/?replicaSet=${set}`, end: () => server.end() };
}

/** The set of one node that it is, under the port that it has now. */
async function asReplicaSet(url: string, host: string, server: ServerProcess): Promise<void> {
  const config = { _id: set, version: 1, members: [{ _id: 0, host }] };
  await eventually(
    async () => {
      try {
        await command(url, { replSetInitiate: config });
      } catch (error) {
        if ((error as { codeName?: string }).codeName !== 'AlreadyInitialized') throw error;
        const { config: known } = (await command(url, { replSetGetConfig: 1 })) as { config: { version: number } };
        const next = { ...config, version: known.version + 1 };
        await command(url, { replSetReconfig: { ...known, ...next }, force: true });
      }
    },
    server,
    within,
  );
  const isPrimary = async (): Promise<void> => {
    const { isWritablePrimary } = await command(url, { hello: 1 });
    if (isWritablePrimary !== true) throw new Error('the node is no primary yet');
  };
  await eventually(isPrimary, server, within);
}

async function command(url: string, what: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2000, connectTimeoutMS: 1000 });
  try {
    return await client.db('admin').command({ ...what });
  } finally {
    await client.close();
  }
}

/** A real MongoDB for tests: the one that `MONGODB_URL` names, else replica sets of one node or several of their own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MongoClient } from 'mongodb';
import { hasServer, type TestScope } from './needs.js';
import { eventually, freePort, ServerProcess } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

export interface MongoServers {
  /** Connection string of the whole set. */
  readonly url: string;
  /** The nodes that the test may end or pause; none where the server is not its own. */
  readonly nodes: readonly ServerProcess[];
}

/** undefined, with the test skipped loudly, where there is neither `MONGODB_URL` nor `mongod`; with `CI=true` it fails then. */
export async function mongoFor(t: TestScope): Promise<MongoServers | undefined> {
  const { WARDLINE_TEST_MONGODB: given } = process.env;
  if (given !== undefined && given !== '') return { url: given, nodes: [] };
  return hasServer(t, 'mongod') ? startReplicaSet(t, 1) : undefined;
}

/** A replica set of the test's own, also where `MONGODB_URL` names one: for what ends or pauses its nodes. */
export async function ownReplicaSet(t: TestScope, size: number): Promise<MongoServers | undefined> {
  return hasServer(t, 'mongod') ? startReplicaSet(t, size) : undefined;
}

/** In milliseconds; MongoDB's own are 10,000 and 2,000. */
export interface ElectionSettings {
  readonly electionTimeoutMillis: number;
  readonly heartbeatIntervalMillis: number;
}

// a test need not wait the ten seconds after which nodes elect another primary
const soonElected: ElectionSettings = { electionTimeoutMillis: 1500, heartbeatIntervalMillis: 200 };

interface ReplicaSetWish {
  /** How many of the nodes, the last ones, only vote. */
  readonly arbiters?: number;
  /** Further flags of every node. */
  readonly flags?: readonly string[];
}

/**
 * Starts nodes, makes them one set, and resolves when it has a primary. They end with the test, before what the test itself has
 * registered with `after`: close clients in the test's own body, for without a server closing takes 30 seconds.
 */
export async function startReplicaSet(
  t: Pick<TestScope, 'after'>,
  size: number,
  settings: ElectionSettings = soonElected,
  { arbiters = 0, flags: more = [] }: ReplicaSetWish = {},
): Promise<MongoServers> {
  const nodes: ServerProcess[] = [];
  t.after(() => Promise.all(nodes.map((node) => node.end('SIGKILL'))));
  const folder = temporaryFolder(t);
  for (let at = 0; at < size; at++) {
    const port = await freePort();
    const data = join(folder, `node-${at}`);
    mkdirSync(data);
    const flags = ['--replSet', 'tests', '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', data];
    const cache = ['--wiredTigerCacheSizeGB', '0.5', '--nounixsocket'];
    const node = new ServerProcess(port, 'mongod', [...flags, ...cache, ...more]);
    node.start();
    nodes.push(node);
  }
  const [first] = nodes;
  if (first === undefined) throw new RangeError('a replica set has a node');
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const members = hosts.map((host, _id) => ({ _id, host, arbiterOnly: _id >= size - arbiters }));
  const alone = `mongodb://${hosts[0]}/?directConnection=true`;
  await eventually(() => command(alone, { replSetInitiate: { _id: 'tests', members, settings } }), first);
  const url = `mongodb://${hosts.join()}/?replicaSet=tests`;
  await eventually(() => command(url, { ping: 1 }), first);
  return { url, nodes };
}

/** On a connection of its own: one that failed does not come back. Of a set it is the primary that answers. */
async function command(url: string, what: Readonly<Record<string, unknown>>): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2000, connectTimeoutMS: 1000 });
  try {
    await client.db('admin').command({ ...what });
  } finally {
    await client.close();
  }
}

/** One for all tests of a file: its databases have names that nobody else uses. */
export interface MongoOfFile {
  readonly url: string;
  /** The name of a new database; whoever makes it drops it. */
  database(): string;
  end(): Promise<void>;
}

/** undefined where there is none, and then a test of this name tells that it was skipped. */
export async function mongoOf(suite: string): Promise<MongoOfFile | undefined> {
  const ends: (() => unknown)[] = [];
  const scope: TestScope = {
    after: (end) => ends.push(end),
    skip: (reason) => test(suite, (t) => t.skip(reason)),
  };
  const servers = await mongoFor(scope);
  if (servers === undefined) return undefined;
  return {
    url: servers.url,
    database: () => `test-${crypto.randomUUID()}`,
    async end() {
      for (const end of ends) await end();
    },
  };
}

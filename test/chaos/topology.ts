/** The processes of a run: a MongoDB replica set of three, a Redis with append-only file, and Wardline's own over them. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../src/app/role.js';
import { newSecret } from '../../src/auth/secrets.js';
import { startReplicaSet } from '../support/mongodb-server.js';
import { ownRedis } from '../support/redis-server.js';
import { eventually, freePort, type ServerProcess } from '../support/server-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Balancer, startBalancer } from './balancer.js';
import { Ends } from './ends.js';
import { Supervisor } from './supervisor.js';
import { type WardlineMember, wardlineMember } from './wardline-process.js';

export interface TopologyOptions {
  readonly processes: Readonly<Partial<Record<Role, number>>>;
  readonly tenants: number;
  readonly feedsPerTenant: number;
  /** Environment of Wardline's processes, where it is another than the plain one. */
  readonly env?: (role: Role) => NodeJS.ProcessEnv;
}

export interface Topology {
  readonly mongoUrl: string;
  readonly mongoNodes: readonly ServerProcess[];
  readonly redisUrl: string;
  readonly redis: ServerProcess;
  /** Begin of the names of databases and keys. */
  readonly prefix: string;
  readonly members: readonly WardlineMember[];
  readonly supervisor: Supervisor;
  readonly tenants: readonly string[];
  readonly mllpPort: number;
  readonly publicUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Ends everything that was started, and removes its files. */
  end(): Promise<void>;
}

/** MongoDB's own are ten seconds and two: a primary that is gone is replaced the sooner. */
const elections = { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 };

/** Milliseconds that a start of everything may take on a busy machine. */
const startWithin = 180_000;

export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const [ends, folders, supervisor] = [new Ends(), new Ends(), new Supervisor()];
  const end = async (): Promise<void> => {
    // or it would start anew what is ended
    supervisor.stop();
    await ends.run();
    await folders.run();
  };
  try {
    return { ...(await start(ends, temporaryFolder(folders), supervisor, options)), end };
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
}

function skip(reason: string): never {
  throw new Error(reason);
}

async function start(
  ends: Ends,
  folder: string,
  supervisor: Supervisor,
  options: TopologyOptions,
): Promise<Omit<Topology, 'end'>> {
  const scope = { after: (step: () => unknown) => ends.after(step), skip };
  const mongodb = await startReplicaSet(scope, 3, elections);
  const redis = await ownRedis(scope);
  if (redis?.process === undefined) throw new Error('redis-server does not start');
  const prefix = `c${randomBytes(6).toString('hex')}`;
  const tenants = Array.from({ length: options.tenants }, () => crypto.randomUUID());
  const client = { id: 'ledger', secret: newSecret() };
  writeFileSync(join(folder, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
  writeFileSync(join(folder, 'client.secret'), client.secret, { mode: 0o600 });
  const httpPort = await freePort();
  const publicUrl = `http://127.0.0.1:${httpPort}`;
  const configuration = {
    publicUrl,
    masterKey: { file: join(folder, 'master.key') },
    mongodb: { url: mongodb.url, prefix },
    redis: { url: redis.url, prefix },
    tenants: tenants.map((id, n) => ({ id, name: `Hospital ${n + 1}`, zone: 'Europe/London' })),
    clients: [{ id: client.id, tenants, secretFile: join(folder, 'client.secret') }],
  };
  const senders = tenants.flatMap((tenant, t) =>
    Array.from({ length: options.feedsPerTenant }, (_, n) => ({ msh3: `T${t + 1}F${n + 1}`, tenant })),
  );
  const members: WardlineMember[] = [];
  for (const role of ['transform', 'all', 'facade', 'intake'] as const) {
    for (let n = 1; n <= (options.processes[role] ?? 0); n++) {
      const own = { folder, name: `${role}-${n}`, role, configuration, senders };
      members.push(await wardlineMember({ ...own, ...(options.env === undefined ? {} : { env: options.env(role) }) }));
    }
  }
  const [first, ...others] = members;
  const begin = async ({ name, process, ready }: WardlineMember): Promise<void> => {
    ends.before(() => process.end('SIGKILL'));
    process.start();
    supervisor.watch(name, process);
    await eventually(() => readyAt(ready), process, startWithin);
  };
  // the first makes what all of them share
  if (first !== undefined) await begin(first);
  await Promise.all(others.map(begin));
  supervisor.watch('redis', redis.process);
  for (const [n, node] of mongodb.nodes.entries()) supervisor.watch(`mongod-${n + 1}`, node);

  const doing = (role: Role): WardlineMember[] => members.filter((one) => one.role === 'all' || one.role === role);
  const balance = async (backends: { port: number; ready: string }[], port?: number): Promise<Balancer> => {
    const balancer = await startBalancer(backends, port);
    ends.before(() => balancer.close());
    return balancer;
  };
  const mllp = await balance(doing('intake').map(({ mllpPort, ready }) => ({ port: mllpPort, ready })));
  await balance(
    doing('facade').map((member) => ({ port: member.httpPort, ready: member.ready })),
    httpPort,
  );
  return {
    mongoUrl: mongodb.url,
    mongoNodes: mongodb.nodes,
    redisUrl: redis.url,
    redis: redis.process,
    ...{ prefix, members, supervisor, tenants, publicUrl, client },
    mllpPort: mllp.port,
  };
}

/** @throws when it is not ready */
export async function readyAt(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`not ready: ${answer.status}`);
}

/** A real Redis for tests: the one that `REDIS_URL` names, else one of their own with an append-only file. */
import { Redis } from 'ioredis';
import { hasServer, type TestScope } from './needs.js';
import { eventually, freePort, ServerProcess } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

export interface RedisServer {
  readonly url: string;
  /** The server that the test may end or pause; undefined where it is not its own. */
  readonly process: ServerProcess | undefined;
}

/** undefined, with the test skipped loudly, where there is neither `REDIS_URL` nor `redis-server`; with `CI=true` it fails then. */
export async function redisFor(t: TestScope): Promise<RedisServer | undefined> {
  const { WARDLINE_TEST_REDIS: given } = process.env;
  if (given !== undefined && given !== '') return { url: given, process: undefined };
  return ownRedis(t);
}

/** A server of the test's own, also where `REDIS_URL` names one: for what ends, empties or pauses it. */
export async function ownRedis(t: TestScope): Promise<RedisServer | undefined> {
  if (!hasServer(t, 'redis-server')) return undefined;
  let server: ServerProcess | undefined;
  t.after(() => server?.end('SIGKILL'));
  const port = await freePort();
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', temporaryFolder(t)];
  server = new ServerProcess(port, 'redis-server', [...place, '--save', '', '--appendonly', 'yes']);
  server.start();
  const url = `redis://127.0.0.1:${port}`;
  await eventually(async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    // what happens on the connection is told by the calls as well
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.disconnect();
    }
  }, server);
  return { url, process: server };
}

/** MongoDB and Redis for benchmarks, found as the tests find them. */
import { mongoFor } from '../../test/support/mongodb-server.js';
import type { TestScope } from '../../test/support/needs.js';
import { redisFor } from '../../test/support/redis-server.js';

export interface RealServers {
  readonly mongodb: string;
  readonly redis: string;
  end(): Promise<void>;
}

/** The named ones (`WARDLINE_TEST_MONGODB`, `WARDLINE_TEST_REDIS`), else fresh ones of this machine; where there are none it says so. */
export async function realServers(): Promise<RealServers | undefined> {
  const ends: (() => unknown)[] = [];
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0)) await each();
  };
  const scope: TestScope = {
    after: (each) => ends.push(each),
    skip: (reason) => console.log(`not measured: ${reason}`),
  };
  try {
    const mongodb = await mongoFor(scope);
    const redis = await redisFor(scope);
    if (mongodb !== undefined && redis !== undefined) return { mongodb: mongodb.url, redis: redis.url, end };
  } catch (error) {
    await end();
    throw error;
  }
  await end();
  return undefined;
}

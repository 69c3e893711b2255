import type { Config } from '../core/config.js';
import { Fault } from '../core/errors.js';
import { inspectRedis, type RedisInspection } from '../queue/bullmq/inspect.js';
import { verifyMasterKey } from '../store/master-key.js';
import { inspectMongo, type MongoInspection } from '../store/mongodb/inspect.js';
import { masterKeySource } from './master-key-source.js';

/** What there is to say of the servers that many processes share; a fault where one cannot be asked. */
export interface InspectedServers {
  readonly mongodb: MongoInspection | Fault;
  readonly redis: RedisInspection | Fault;
  /** Why the master key does not fit; undefined when it does, or there is nothing yet that it should fit. */
  readonly masterKey: Fault | undefined;
}

/** Looks at the servers of a configuration and changes nothing; undefined where it names none. `now`: epoch ms of this machine. */
export async function inspectServers(
  config: Config,
  now: () => number = Date.now,
  patience = 10_000,
): Promise<InspectedServers | undefined> {
  const { mongodb: mongo, redis: queue } = config;
  if (mongo === undefined || queue === undefined) return undefined;
  const [mongodb, redis] = await Promise.all([
    inspectMongo({ url: mongo.url, prefix: mongo.prefix, now, patience }).catch(faultOf),
    inspectRedis({ url: queue.url, now, patience }).catch(faultOf),
  ]);
  const check = mongodb instanceof Fault ? undefined : mongodb.primary?.masterKeyCheck;
  return { mongodb, redis, masterKey: check === undefined ? undefined : keyFault(config, check) };
}

function keyFault(config: Config, check: string): Fault | undefined {
  try {
    verifyMasterKey(check, masterKeySource(config));
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}

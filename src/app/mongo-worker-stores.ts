/** The stores and the queue of the transform thread, over MongoDB and Redis. */
import { BullmqQueue } from '../queue/bullmq/queue.js';
import { openMongoLedger } from '../store/mongodb/archive.js';
import { openClusters } from '../store/mongodb/clusters.js';
import { connectMongo } from '../store/mongodb/connection.js';
import { openMongoRegistry } from '../store/mongodb/registry.js';
import { openMongoReplayBoard } from '../store/mongodb/replay-board.js';
import { openMongoResources } from '../store/mongodb/resources.js';
import type { StoreChoice } from './store-choice.js';
import type { WorkerStores } from './worker-stores.js';

export async function openMongoWorkerStores({
  mongodb,
  redis,
}: Extract<StoreChoice, { kind: 'mongodb' }>): Promise<WorkerStores> {
  const client = connectMongo(mongodb.url);
  const db = client.db(mongodb.prefix);
  const registry = await openMongoRegistry(db);
  const clusters = openClusters(client, mongodb.clusters);
  const resources = openMongoResources({ clientOf: clusters.clientOf, prefix: mongodb.prefix });
  const queue = new BullmqQueue(redis);
  const replays = await openMongoReplayBoard(db);
  return {
    ...{ registry, resources, queue, replays },
    learn: clusters.learn,
    written: () => ({}),
    openLedger: ({ keyOf }) => openMongoLedger(db, keyOf),
    async close() {
      await queue.close();
      await resources.close();
      await registry.close();
      await clusters.close();
      await client.close();
    },
  };
}

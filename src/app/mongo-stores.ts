/** Stores in MongoDB and the queue on Redis, which any number of processes share. */
import { BullmqQueue } from '../queue/bullmq/queue.js';
import { openMongoArchive } from '../store/mongodb/archive.js';
import { openMongoAudit } from '../store/mongodb/audit.js';
import { openClusters } from '../store/mongodb/clusters.js';
import { connectMongo } from '../store/mongodb/connection.js';
import { openMongoRegistry } from '../store/mongodb/registry.js';
import { openMongoReader } from '../store/mongodb/resources.js';
import type { StoreChoice } from './store-choice.js';
import type { Stores } from './stores.js';

type MongoChoice = Extract<StoreChoice, { kind: 'mongodb' }>;

/** @throws Fault `store-unavailable` when the database does not answer, `format-too-new` */
export async function mongoStores({ mongodb, redis }: MongoChoice): Promise<Stores> {
  const client = connectMongo(mongodb.url);
  // the installation's own database; those of tenants are named after it
  const db = client.db(mongodb.prefix);
  const clusters = openClusters(client, mongodb.clusters);
  try {
    const registry = await openMongoRegistry(db);
    return {
      registry,
      // to know would take a look at every tenant's database, and to rebuild what is not there costs nothing
      mayHold: () => true,
      openAudit: (options) => openMongoAudit(db, options),
      async openArchive(wish) {
        const port = await openMongoArchive(db, wish);
        return { port, close: () => port.close() };
      },
      openReader: async () => openMongoReader({ clientOf: clusters.clientOf, prefix: mongodb.prefix }),
      learn: clusters.learn,
      openQueue: () => new BullmqQueue(redis),
      async close() {
        await registry.close();
        await clusters.close();
        await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

import { after } from 'node:test';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { resourceSuite } from '../../conformance/resource-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';
import { freshResources } from './mongo-resources.js';

const mongo = await mongoOf('resources: MongoDB');
const client = mongo === undefined ? undefined : connectMongo(mongo.url);
after(async () => {
  await client?.close();
  await mongo?.end();
});

if (client !== undefined) {
  resourceSuite('MongoDB, read by another process', async () => freshResources(client));
}

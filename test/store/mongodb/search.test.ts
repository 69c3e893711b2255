import { after } from 'node:test';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { type IndexChoice, shippedChoice } from '../../../src/store/mongodb/indexes.js';
import { searchSuite } from '../../conformance/search-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';
import { freshResources } from './mongo-resources.js';

const mongo = await mongoOf('search: MongoDB');
const client = mongo === undefined ? undefined : connectMongo(mongo.url);
after(async () => {
  await client?.close();
  await mongo?.end();
});

/** As if every parameter were on the short list. */
const every: IndexChoice = { token: () => true, date: () => true, text: (_type, parameter) => parameter[0] };

if (client !== undefined) {
  searchSuite('MongoDB, as shipped', async () => freshResources(client, { choice: shippedChoice }));
  searchSuite('MongoDB, all indexed and gathering', async () => freshResources(client, { choice: every }));
  searchSuite('MongoDB, all indexed and walking', async () => freshResources(client, { choice: every, wide: 2 }));
}

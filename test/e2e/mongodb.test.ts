/** The whole system over MongoDB and Redis: it answers what the embedded one answers, and goes on where it was stopped. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { isJsonObject, type Json } from '../../src/core/json.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { openMongoRegistry } from '../../src/store/mongodb/registry.js';
import { mongoFor } from '../support/mongodb-server.js';
import { redisFor } from '../support/redis-server.js';
import { type RunningWardline, runWardline, sample } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const types = [
  ...['Patient', 'Encounter', 'Observation', 'DiagnosticReport', 'Condition', 'AllergyIntolerance', 'Coverage'],
  ...['Location', 'Practitioner', 'Organization', 'RelatedPerson', 'Procedure', 'Specimen', 'Immunization'],
];

const messages = [
  ...['adt-a28-line-feeds', 'adt-a01', 'adt-a08', 'adt-a02', 'adt-a12', 'oru-r01-vitals', 'oru-r01-lab-cbc'],
  ...['oru-r01-document', 'rde-o11', 'rde-o25', 'rds-o13', 'vxu-v04', 'adt-a60', 'adt-a40', 'adt-a03', 'adt-a13'],
];

interface Shared {
  readonly masterKey: { readonly file: string };
  readonly cluster: object;
  readonly url: string;
  readonly prefix: string;
}

// the servers end after the systems that the tests stop
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

async function servers(t: TestContext): Promise<Shared | undefined> {
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [mongodb, redis] = [await mongoFor(scope), await redisFor(scope)];
  if (mongodb === undefined || redis === undefined) return undefined;
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const file = join(temporaryFolder(t), 'master.key');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  ends.unshift(() => dropAll({ url: mongodb.url, prefix }));
  const masterKey = { file };
  const cluster = { masterKey, mongodb: { url: mongodb.url, prefix }, redis: { url: redis.url, prefix } };
  return { masterKey, cluster, url: mongodb.url, prefix };
}

/** Gives the installation in MongoDB the tenants of an embedded one, with the keys that ids are made from. */
async function takeTenants(embedded: RunningWardline, { url, prefix }: Shared): Promise<void> {
  const registry = openEmbeddedRegistry(join(embedded.dataFolder, 'registry.db'));
  const { tenants } = await registry.snapshot();
  await registry.close();
  const client = connectMongo(url);
  const copy = await openMongoRegistry(client.db(prefix));
  for (const tenant of tenants) await copy.putTenant(tenant);
  await client.close();
}

async function dropAll({ url, prefix }: Pick<Shared, 'url' | 'prefix'>): Promise<void> {
  const client = connectMongo(url);
  const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
  for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
  await client.close();
}

/** What a client sees: without what tells of this installation's clock, port and archive. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  const left = Object.entries(value).filter(([name]) => !['meta', 'fullUrl', 'link', 'timestamp'].includes(name));
  return Object.fromEntries(left.map(([name, member]) => [name, plain(member)]));
}

test('over MongoDB and Redis the same messages answer every search alike', { timeout: 300_000 }, async (t) => {
  const shared = await servers(t);
  if (shared === undefined) return;
  const embedded = await runWardline(t, {}, { masterKey: shared.masterKey });
  await takeTenants(embedded, shared);
  const many = await runWardline(t, {}, shared.cluster);
  for (const system of [embedded, many]) {
    for (const name of messages) assert.match(await system.north.send(sample(`${name}.hl7`)), /MSA.[AC]A/, name);
    await system.south.send(sample('adt-a01.hl7'));
    await system.settled();
  }
  assert.deepEqual(await many.counts(), await embedded.counts());
  let compared = 0;
  for (const version of fhirVersions) {
    const [here, there] = [await embedded.north.fhir(version), await many.north.fhir(version)];
    for (const type of types) {
      const query = `/${type}?_count=100&_sort=_id`;
      const [one, other] = [await here.get(query), await there.get(query)];
      assert.deepEqual(plain(other.body), plain(one.body), `${version} ${query}`);
      compared += one.body.total ?? 0;
    }
    const [patient] = await here.find('Patient?family=smith&_count=1');
    const of = patient?.id ?? (await here.find('Patient?_count=1'))[0]?.id;
    for (const query of [
      `Observation?patient=${of}&category=vital-signs&_sort=-date&_count=5`,
      `Encounter?patient=${of}&_sort=-date`,
      `Condition?patient=${of}`,
      'Patient?name:contains=an&_sort=family',
      'Patient?birthdate=ge1950&gender=female',
    ]) {
      const [one, other] = [await here.get(`/${query}`), await there.get(`/${query}`)];
      assert.equal(other.status, one.status, query);
      if (one.status === 200) assert.deepEqual(plain(other.body), plain(one.body), `${version} ${query}`);
    }
  }
  t.diagnostic(`${messages.length} messages, ${compared} resources compared over three versions`);
  assert.ok(compared > 100);
});

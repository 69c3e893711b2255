/**
 * The same documents in both stores, and the same answers: to every search that the facade can ask, for every value that is
 * shown, to the Patients app, and to histories. What MongoDB is asked on the way it answers from the index that is named.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Document, MongoClient } from 'mongodb';
import type { JsonObject } from '../../../src/core/json.js';
import { computedTypes, servedTypes, storedTypes } from '../../../src/facade/served-types.js';
import { isResourceType } from '../../../src/fhir/definitions/type-model.js';
import { extractSearchValues } from '../../../src/fhir/extract-search-values.js';
import { basePath, type FhirVersion, fhirVersions, typeInVersion, versionBit } from '../../../src/fhir/version.js';
import { openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { openMongoReader, openMongoResources } from '../../../src/store/mongodb/resources.js';
import type { ResourcePort, ResourceVersion } from '../../../src/store/resource-port.js';
import { north } from '../../auth/open-auth.js';
import { searchesOf } from '../../facade/every-search.js';
import { type Facade, mergeOldAnna, openFacade, writeResources } from '../../facade/open-facade.js';
import { sampleResources } from '../../facade/sample-resources.js';
import { queriesFor } from '../../facade/value-searches.js';
import { applyMessages, demoMessages } from '../../support/apply-demo.js';
import { fullResource } from '../../support/full-resource.js';
import { mongoFor } from '../../support/mongodb-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type ComparedResources, comparedResources, wholeHistory } from './compared-resources.js';
import { assertAnswered, explain, watchedCommands } from './watched-commands.js';

interface Both extends ComparedResources {
  readonly facade: Facade;
  readonly stores: readonly ResourcePort[];
  /** Commands that MongoDB was asked, each shape once. */
  readonly commands: ReadonlyMap<string, Document>;
  readonly client: MongoClient;
  /** Deletes what was written and closes the clients. */
  end(): Promise<void>;
}

const prefix = `equal${process.pid}`;

/** The facade over both stores; tenant north is empty. MongoDB is asked twice: as usual, and as if all was too much to gather. */
async function openBoth(t: TestContext): Promise<Both | undefined> {
  const servers = await mongoFor(t);
  if (servers === undefined) return undefined;
  const client = new MongoClient(servers.url, { monitorCommands: true });
  const options = { clientOf: () => client, prefix };
  const mongo = openMongoResources(options);
  await mongo.dropTenant(north);
  const walking = openMongoReader({ ...options, wide: 1 });
  const embedded = openEmbeddedResources(join(temporaryFolder(t), 'tenants'));
  const compared = comparedResources(embedded, mongo, walking);
  const facade = await openFacade(t, { resources: compared.port });
  const { commands, stop } = watchedCommands(client, `${prefix}-${north}`, shapeOf);
  const end = async (): Promise<void> => {
    stop();
    await compared.port.dropTenant(north);
    await compared.port.close();
    await client.close();
  };
  return { ...compared, facade, stores: [embedded, mongo], commands, client, end };
}

/** A command without the values it holds, and the parameters it looks at. */
function shapeOf(command: Document): string {
  const text = JSON.stringify(command, (name, value: unknown) => {
    if (name === 'hint') return value;
    return typeof value === 'string' || typeof value === 'number' ? typeof value : value;
  });
  return text.replaceAll(/values\.[\w:-]+/g, 'values');
}

/** Asks a version's base for all of these, in batches; every one is answered with 200. */
async function ask(facade: Facade, version: FhirVersion, urls: readonly string[]): Promise<void> {
  for (let at = 0; at < urls.length; at += 100) {
    const entry = urls.slice(at, at + 100).map((url) => ({ request: { method: 'GET', url } }));
    const answer = await facade.app.inject({
      method: 'POST',
      url: `/fhir/${basePath[version]}`,
      headers: { authorization: facade.northToken, 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
    });
    const { entry: answers } = JSON.parse(answer.payload) as { entry: { response: { status: string } }[] };
    for (const [index, { response }] of answers.entries())
      assert.match(response.status, /^200/, `${version} ${urls[at + index]} ${answer.payload.slice(0, 2000)}`);
  }
}

const types = storedTypes.filter((type) => !computedTypes.has(type));
const fullId = (type: string): string => `0b7e7a53-0000-8000-8000-${String(types.indexOf(type) + 1).padStart(12, '0')}`;

/** The ward of samples, and of each type a resource with all that it can hold. */
async function writeSamples(resources: ResourcePort, at: number): Promise<readonly JsonObject[]> {
  const refer = (type: string) => (types.includes(type) ? `${type}/${fullId(type)}` : undefined);
  const full = types.map((type) => fullResource(type, fullId(type), refer));
  await writeResources(resources, north, sampleResources, at);
  await mergeOldAnna(resources, at + 1);
  await writeResources(resources, north, full, at + 10);
  return [...sampleResources, ...full];
}

async function assertSameHistory({ stores }: Both, of: Parameters<ResourcePort['history']>[1]): Promise<number> {
  const histories: (readonly ResourceVersion[])[] = [];
  for (const store of stores) histories.push(await wholeHistory(store, north, of));
  assert.deepEqual(histories[1], histories[0]);
  return histories[0]?.length ?? 0;
}

async function assertPlans({ client, commands }: Both): Promise<void> {
  const db = client.db(`${prefix}-${north}`);
  for (const [shape, command] of commands) {
    if (command['hint'] === undefined) continue;
    assertAnswered(command, await explain(db, command, 'queryPlanner'), 1000, shape);
  }
}

test('every search of every type is answered as by the embedded store, and from an index', {
  timeout: 600_000,
}, async (t) => {
  const both = await openBoth(t);
  if (both === undefined) return;
  await writeSamples(both.port, both.facade.auth.clock.now());
  for (const version of fhirVersions) {
    for (const type of servedTypes(version)) {
      if (computedTypes.has(type)) continue;
      // the old versions ask much of what R4 asks: half of it will do
      const asked = searchesOf(version, type).filter((_, at) => version === 'R4' || at % 2 === 0);
      await ask(
        both.facade,
        version,
        asked.map((query) => encodeURI(`${type}?${query}&_count=2`)),
      );
    }
  }
  const asked = both.searched.size;
  assert.ok(asked > 1500, `${asked} searches`);
  t.diagnostic(`${asked} searches, ${both.commands.size} shapes of commands`);
  assert.ok(both.commands.size > 200, `${both.commands.size} commands`);
  await assertPlans(both);
  await both.end();
});

test('a search for every value that is shown finds the same in both stores', { timeout: 600_000 }, async (t) => {
  const both = await openBoth(t);
  if (both === undefined) return;
  const { facade } = both;
  for (const { resourceType, id } of await writeSamples(both.port, facade.auth.clock.now())) {
    for (const version of fhirVersions) {
      const type = typeInVersion(version, String(resourceType));
      if (!isResourceType(version, type)) continue;
      const read = async (of: FhirVersion, path: string): Promise<JsonObject | undefined> => {
        const headers = { authorization: facade.northToken };
        const answer = await facade.app.inject({ method: 'GET', url: `/fhir/${basePath[of]}/${path}`, headers });
        return answer.statusCode === 200 ? (JSON.parse(answer.payload) as JsonObject) : undefined;
      };
      const [shown, r4] = [await read(version, `${type}/${id}`), await read('R4', `${resourceType}/${id}`)];
      if (shown === undefined || r4 === undefined) continue;
      const values = extractSearchValues({ R4: r4, [version]: shown });
      const queries = values
        .filter(({ versions }) => (versions & versionBit[version]) !== 0)
        .flatMap((value) => queriesFor(version, value));
      await ask(
        facade,
        version,
        queries.map((query) => `${type}?${query}`),
      );
    }
  }
  assert.ok(both.searched.size > 1000, `${both.searched.size} searches`);
  t.diagnostic(`${both.searched.size} searches`);
  await both.end();
});

/** What the Patients app sends of one patient. */
function contractSearches(version: FhirVersion, patient: string): string[] {
  const order = version === 'DSTU2' ? '_sort:desc=date' : '_sort=-date';
  const orders = version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
  return [
    `Patient?_id=${patient}`,
    `Observation?patient=${patient}&category=vital-signs&${order}`,
    `Condition?patient=${patient}&_count=2`,
    `Encounter?patient=${patient}&_sort:desc=date&_count=1`,
    `AllergyIntolerance?patient=${patient}`,
    `${orders}?patient=${patient}&_count=2`,
    `MedicationStatement?patient=${patient}`,
    `Coverage?patient=${patient}`,
    `Observation?patient=${patient}&_count=3`,
    `Observation?patient=${patient}&_sort=date&_count=3`,
    `Observation?patient=${patient}&date=ge2026-11-01T10:00:00Z&date=lt2026-11-02`,
    `Encounter?patient=${patient}&status=in-progress`,
  ];
}

const wholeHospital = [
  ...['', 'an', 'e', 'mül', 'schneider', 'ann,ber'].map(
    (text) => `Patient?family=${encodeURIComponent(text)}&_count=3`,
  ),
  'Patient?given=a&family=e&_count=2',
  'Patient?name=er&gender=female&_sort=birthdate&_count=3',
  'Patient?birthdate=ge1950-01-01&birthdate=le1980-12-31&_sort=-birthdate&_count=4',
  'Patient?_sort=family,-birthdate&_count=5',
  'Encounter?status=in-progress&_count=4',
  'Encounter?_lastUpdated=gt2020-01-01&_sort=-_lastUpdated&_count=7',
  'Observation?code=8867-4&_count=5',
  'Observation?category=laboratory&_sort=-date&_count=9',
  'Observation?value-quantity=gt100&_count=5',
  'Practitioner?_sort=family&_count=3',
].filter((url) => !url.includes('family=&'));

test('what the demo hospital’s messages make is the same in both stores', { timeout: 600_000 }, async (t) => {
  const both = await openBoth(t);
  if (both === undefined) return;
  const { facade, port } = both;
  const made = await applyMessages(port, north, demoMessages(7, 150), 8);
  const documents = await port.readAll(north, undefined, 10_000);
  assert.ok(made.size > 200 && documents.length >= made.size, `${made.size} of ${documents.length} documents`);
  const patients = documents.filter(({ type }) => type === 'Patient').map(({ id }) => id);
  for (const version of fhirVersions) {
    await ask(facade, version, [
      ...patients.flatMap((patient) => contractSearches(version, patient)),
      ...wholeHospital,
    ]);
  }
  for (const { type, id, version } of documents) {
    await assertSameHistory(both, { type, id });
    for (let number = 1; number <= version; number++) await port.version(north, type, id, number);
  }
  const since = documents.map(({ lastUpdated }) => lastUpdated).sort((a, b) => a - b)[documents.length >> 1] ?? 0;
  for (const of of [{}, { type: 'Encounter' }, { type: 'Patient', since }, { since }]) {
    assert.ok((await assertSameHistory(both, of)) > 0);
  }
  assert.ok(both.searched.size > 250, `${both.searched.size} searches`);
  t.diagnostic(`${documents.length} documents, ${both.searched.size} searches`);
  await both.end();
});

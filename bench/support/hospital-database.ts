/**
 * The hospital of the benchmarks over MongoDB, kept outside the checkout and used again while seed and formats are the same.
 * Documents are those that Wardline's own writer makes, which a few of them are compared with; they are inserted in bulk, and
 * indexed when all are there: writing them one by one would take a day for a million patients.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Collection, type Db, MongoClient } from 'mongodb';
import { nameOf, type ResourceRecord, resourceFormat, toRecord } from '../../src/store/mongodb/document-shape.js';
import { indexFields } from '../../src/store/mongodb/index-fields.js';
import { historyIndexes, makeIndexes, resourceIndexes, shippedChoice } from '../../src/store/mongodb/indexes.js';
import { openMongoResources } from '../../src/store/mongodb/resources.js';
import { resourcesOf, resourcesOfPatient, storeFolder, tenant, writeOf, written } from './hospital.js';
import { startKeptMongod } from './kept-mongod.js';

/** What the name of the database begins with. */
export const hospitalPrefix = 'wardline';
const perInsert = 5000;
const together = 3;
/** Patients after so many are alike but for their own numbers: what turns within {@link resourcesOf} turns within these. */
const alike = 280;
/** Patients whose documents are compared. */
const compared = [0, 1, alike, alike * 3 + 17];

/**
 * The folder for `mongod` with so many patients, filled when it is not there. Says how long that took. What was inserted before
 * it was stopped is indexed when it goes on.
 */
export async function hospitalDatabase(patients: number): Promise<string> {
  const folder = storeFolder(patients, `mongodb-format${resourceFormat}`);
  const [data, inserted, whole] = [join(folder, 'data'), join(folder, 'inserted'), join(folder, 'whole')];
  if (existsSync(whole)) return data;
  if (!existsSync(inserted)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await using(data, 'loading', (db) => insertAll(db.collection('resources'), patients));
    writeFileSync(inserted, '');
  }
  await using(data, 'loading', indexAll);
  await using(data, 'serving', (_db, client) => compareWithWritten(client, patients));
  writeFileSync(whole, '');
  return data;
}

async function using(
  data: string,
  purpose: 'loading' | 'serving',
  work: (db: Db, client: MongoClient) => Promise<void>,
): Promise<void> {
  const server = await startKeptMongod(data, 3, purpose);
  const client = new MongoClient(server.url);
  try {
    await work(client.db(`${hospitalPrefix}-${tenant}`, { writeConcern: { w: 1 } }), client);
  } finally {
    await client.close();
    await server.end();
  }
}

function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(0)} s`;
}

/** All indexes in one pass over the documents. */
async function indexAll(db: Db): Promise<void> {
  const start = performance.now();
  await makeIndexes(db.collection('resources'), resourceIndexes);
  await makeIndexes(db.collection('history'), historyIndexes);
  const meta = db.collection<{ _id: string; format: number }>('meta');
  await meta.replaceOne({ _id: 'resources' }, { format: resourceFormat }, { upsert: true });
  await db.admin().command({ fsync: 1 });
  const { count, avgObjSize, storageSize, totalIndexSize, indexSizes } = await db.command({ collStats: 'resources' });
  console.log(`indexed ${count} documents in ${secondsSince(start)}`);
  const bytes = { of: avgObjSize, stored: storageSize / count, indexes: totalIndexSize / count };
  console.log('bytes a document', bytes, 'bytes of indexes', indexSizes);
}

async function insertAll(resources: Collection<ResourceRecord>, patients: number): Promise<void> {
  const start = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let from = 0; from < patients; ) {
    const until = Math.min(from + Math.floor(perInsert / resourcesOfPatient), patients);
    const records: ResourceRecord[] = [];
    for (; from < until; from++) records.push(...recordsOf(from));
    const insert = resources.insertMany(records, { ordered: false }).then(() => {
      underWay.delete(insert);
    });
    underWay.add(insert);
    if (underWay.size >= together) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  console.log(`inserted ${patients * resourcesOfPatient} resources of ${patients} patients in ${secondsSince(start)}`);
}

/** Texts of records without the number of their patient: what stands between its places. */
const patterns = new Map<number, readonly (readonly string[])[]>();

/** The records of a patient: made whole once for each that differs in more than its number, its names and its birth date. */
function recordsOf(patient: number): ResourceRecord[] {
  const turn = patient % alike;
  const known = patterns.get(turn) ?? patternsOf(turn);
  patterns.set(turn, known);
  const [own] = resourcesOf(patient);
  if (own === undefined) throw new Error('a patient has resources');
  const number = numberOf(patient);
  return [recordOf(own), ...known.map((parts) => JSON.parse(parts.join(number)) as ResourceRecord)];
}

/** How a patient's number stands in ids, between what names their type and their number within the patient. */
const numberOf = (patient: number): string => String(patient).padStart(10, '0');
const numberInIds = /(?<=00000000-0000-8000-80\d\d-)\d{10}(?=\d\d)/;

function patternsOf(patient: number): string[][] {
  return resourcesOf(patient)
    .slice(1)
    .map((resource) => {
      const record = recordOf(resource);
      const text = JSON.stringify(record);
      if (!isDeepStrictEqual(JSON.parse(text), record)) throw new Error('a record that JSON does not hold');
      return text.split(numberInIds);
    });
}

type Resource = ReturnType<typeof resourcesOf>[number];

/** As the store's writer makes it of a first write. */
function recordOf(resource: Resource): ResourceRecord {
  const { document, values, sortDate, mappingVersion } = writeOf(resource);
  const { type, version, lastUpdated, source } = document;
  const carried = [{ version, lastUpdated, source, mappingVersion, place: written * 1000 }];
  const indexes = (): ReturnType<typeof indexFields> => indexFields(type, { values: values ?? [] }, shippedChoice);
  return toRecord(document, { sortDate: sortDate ?? undefined, carried, indexes });
}

/** What was inserted in bulk of some patients is what the store's own port writes into a database of its own. */
async function compareWithWritten(client: MongoClient, patients: number): Promise<void> {
  const port = openMongoResources({ clientOf: () => client, prefix: 'compared' });
  const [inserted, stored] = [hospitalPrefix, 'compared'].map((name) =>
    client.db(`${name}-${tenant}`).collection<ResourceRecord>('resources'),
  );
  try {
    for (const patient of compared.filter((one) => one < patients)) {
      const writes = resourcesOf(patient).map((resource) => writeOf(resource));
      await port.write(tenant, writes);
      for (const { document } of writes) {
        const _id = nameOf(document.type, document.id);
        const [loaded, own] = [await inserted?.findOne({ _id }), await stored?.findOne({ _id })];
        if (loaded == null || !isDeepStrictEqual(placeless(loaded), placeless(own)))
          throw new Error(`what is loaded is not what is written: ${_id}`);
      }
    }
    await port.dropTenant(tenant);
  } finally {
    await port.close();
  }
}

/** Without what orders versions by the moment of their writing. */
function placeless(record: ResourceRecord | null | undefined): unknown {
  const carried = record?.carried?.map((version) => ({ ...version, place: 0 }));
  return { ...record, carried };
}

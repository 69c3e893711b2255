/** Reads documents and single versions of one tenant's database. */
import { Binary } from 'mongodb';
import type { ResourceVersion, ShownDocument, StoredDocument } from '../resource-port.js';
import { byIndex } from './by-index.js';
import {
  carryingFields,
  type DocumentRecord,
  documentFields,
  nameOf,
  type ShownRecord,
  shownFields,
  toDocument,
  toShown,
  toVersion,
  versionName,
  versionsOf,
} from './document-shape.js';
import { putBack, readContent } from './outside-values.js';
import type { TenantDatabase } from './tenant-databases.js';

/** Documents without state and touches. */
export async function readShown(
  database: TenantDatabase,
  type: string,
  ids: readonly string[],
): Promise<ShownDocument[]> {
  const filter = { _id: { $in: ids.map((id) => nameOf(type, id)) } };
  const found = await database.resources.find<ShownRecord>(filter, { projection: shownFields }).toArray();
  return [...(await putBack(database.contents, inOrder(type, ids, found)))].map(toShown);
}

/** Those that were found, in the order of the ids. */
export function inOrder<T extends { readonly _id: string }>(
  type: string,
  ids: readonly string[],
  found: readonly T[],
): T[] {
  const records = new Map(found.map((record) => [record._id, record]));
  return ids.flatMap((id) => records.get(nameOf(type, id)) ?? []);
}

export async function readByKeyRest(
  database: TenantDatabase,
  type: string,
  patients: readonly string[],
  rests: readonly string[],
): Promise<StoredDocument[]> {
  const [known, wanted] = [patients.filter((id) => id !== ''), rests.filter((rest) => rest !== '')];
  if (known.length === 0 || wanted.length === 0) return [];
  const filter = { type, patient: { $in: known }, keyRest: { $in: wanted } };
  const found = await byIndex('patient', (how) =>
    database.resources.find<DocumentRecord>(filter, { projection: documentFields, ...how }).toArray(),
  );
  const place = ({ patient, keyRest, id }: StoredDocument): [number, number, string] => [
    known.indexOf(patient),
    wanted.indexOf(keyRest),
    id,
  ];
  return (await wholeDocuments(database, found)).map(toDocument).sort((a, b) => comparePlaces(place(a), place(b)));
}

export async function readByPatient(
  database: TenantDatabase,
  type: string,
  patient: string,
): Promise<StoredDocument[]> {
  if (patient === '') return [];
  const found = await byIndex('patient', (how) =>
    database.resources.find<DocumentRecord>({ type, patient }, { projection: documentFields, ...how }).toArray(),
  );
  return (await wholeDocuments(database, found))
    .map(toDocument)
    .sort((a, b) => comparePlaces([a.keyRest, a.id], [b.keyRest, b.id]));
}

function comparePlaces(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [at, part] of a.entries()) {
    const other = b[at] ?? part;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

export async function readAll(
  database: TenantDatabase,
  after: { readonly type: string; readonly id: string } | undefined,
  limit: number,
): Promise<StoredDocument[]> {
  const filter = { _id: { $gt: after === undefined ? '' : nameOf(after.type, after.id) } };
  const found = await database.resources
    .find<DocumentRecord>(filter, { projection: documentFields, sort: { _id: 1 }, limit })
    .toArray();
  return (await wholeDocuments(database, found)).map(toDocument);
}

/** With what stands beside their documents. */
export async function wholeDocuments(
  { contents }: TenantDatabase,
  records: readonly DocumentRecord[],
): Promise<readonly DocumentRecord[]> {
  const whole: DocumentRecord[] = [];
  for (const record of await putBack(contents, records)) {
    const { stateParts } = record;
    if (stateParts === undefined) whole.push(record);
    else whole.push({ ...record, state: new Binary(await readContent(contents, stateParts)) });
  }
  return whole;
}

/** From the document, else from history: a version is copied there before the document lets it go. */
export async function readVersion(
  { resources, history, contents }: TenantDatabase,
  type: string,
  id: string,
  version: number,
): Promise<ResourceVersion | undefined> {
  const name = nameOf(type, id);
  const record = await resources.findOne({ _id: name }, { projection: carryingFields });
  if (record === null) return undefined;
  const carried = versionsOf(record).find((one) => one.version === version);
  const found = carried ?? (await history.findOne({ _id: versionName(name, version) }));
  if (found === null) return undefined;
  await putBack(contents, [found]);
  return toVersion(found);
}

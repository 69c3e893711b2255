/**
 * Lists versions, newest first: from the documents, which carry their newest, and from history. Both are ordered by the time of
 * the write, then by place. Documents are read first: a version that leaves its document meanwhile is in history already.
 */
import type { Collection, Document, Filter, FindOptions } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { ResourcePort } from '../resource-port.js';
import { byIndex } from './by-index.js';
import {
  carryingFields,
  nameOf,
  type ResourceRecord,
  toVersion,
  type VersionRecord,
  versionName,
  versionsOf,
} from './document-shape.js';
import { putBack } from './outside-values.js';
import type { TenantDatabase } from './tenant-databases.js';

type Asked = Parameters<ResourcePort['history']>[1];
type Answer = Awaited<ReturnType<ResourcePort['history']>>;

/** Where a page ended: time of the write, place, and name of the version. */
type Position = readonly [at: number, place: number, name: string];

/** `after` and `next` are positions, as JSON text. */
export async function readHistory(
  database: TenantDatabase,
  of: Asked,
  page: { readonly count: number; readonly after?: string },
): Promise<Answer> {
  const after = page.after === undefined ? undefined : positionOf(page.after);
  const wanted = page.count + 1;
  const isWanted = (version: VersionRecord): boolean =>
    (of.since === undefined || version.lastUpdated >= of.since) &&
    (after === undefined || compare([version.at, version.place, version._id], after) > 0);
  const { carried, total: carriedTotal } = await carriedVersions(database, of, after, wanted);
  const { past, total: pastTotal } = await pastVersions(database, of, after, wanted);
  const versions = new Map([...past, ...carried].filter(isWanted).map((version) => [version._id, version]));
  const found = [...versions.values()].sort((a, b) => compare([a.at, a.place, a._id], [b.at, b.place, b._id]));
  const shown = found.slice(0, page.count);
  const last = shown.at(-1);
  return {
    versions: (await putBack(database.contents, shown)).map(toVersion),
    total: carriedTotal + pastTotal,
    next: found.length > page.count && last !== undefined ? JSON.stringify([last.at, last.place, last._id]) : undefined,
  };
}

/** Negative when the first comes first: newest first. */
function compare(a: Position, b: Position): number {
  for (const [at, part] of a.entries()) {
    const other = b[at] ?? part;
    if (part !== other) return part > other ? -1 : 1;
  }
  return 0;
}

function positionOf(text: string): Position {
  try {
    const [at, place, name] = JSON.parse(text) as unknown[];
    if (typeof at === 'number' && typeof place === 'number' && typeof name === 'string') return [at, place, name];
  } catch {
    // told below
  }
  throw fault('invalid-request', 'not a place in a history');
}

/**
 * Versions within documents, as many as a page takes, and how many there are in all. Of one resource, those that are in
 * history as well are left out of the count below.
 */
async function carriedVersions(
  database: TenantDatabase,
  of: Asked,
  after: Position | undefined,
  wanted: number,
): Promise<{ carried: VersionRecord[]; total: number }> {
  const { resources } = database;
  if (of.type !== undefined && of.id !== undefined) {
    const record = await resources.findOne({ _id: nameOf(of.type, of.id) }, { projection: carryingFields });
    const carried = record === null ? [] : versionsOf(record);
    return { carried, total: carried.filter(({ lastUpdated }) => lastUpdated >= (of.since ?? 0)).length };
  }
  const type = of.type ?? { $in: await resources.distinct('type') };
  const match = {
    type,
    carried: { $exists: true },
    ...(of.since === undefined ? {} : { lastUpdated: { $gte: of.since } }),
  };
  const order = { time: 'lastUpdated', index: 'updated', after: after?.[0], wanted } as const;
  return {
    carried: (await newest(resources, match, carryingFields, order)).flatMap(versionsOf),
    total: await countCarried(resources, match as Filter<ResourceRecord>, of.since),
  };
}

async function countCarried(
  resources: Collection<ResourceRecord>,
  match: Filter<ResourceRecord>,
  since: number | undefined,
): Promise<number> {
  const all = { $ifNull: ['$carried', []] };
  const counted =
    since === undefined ? all : { $filter: { input: all, cond: { $gte: ['$$this.lastUpdated', since] } } };
  const [sum] = await resources
    .aggregate<{ total: number }>([{ $match: match }, { $group: { _id: null, total: { $sum: { $size: counted } } } }])
    .toArray();
  return sum?.total ?? 0;
}

async function pastVersions(
  { resources, history }: TenantDatabase,
  of: Asked,
  after: Position | undefined,
  wanted: number,
): Promise<{ past: VersionRecord[]; total: number }> {
  const since = of.since === undefined ? {} : { lastUpdated: { $gte: of.since } };
  if (of.type !== undefined && of.id !== undefined) {
    const name = nameOf(of.type, of.id);
    // what the document carries is counted there
    const record = await resources.findOne({ _id: name }, { projection: { 'carried.version': 1 } });
    const end = record?.carried?.[0]?.version;
    const below = { $gte: versionName(name, 0), $lt: end === undefined ? `${name}/:` : versionName(name, end) };
    const range = { $gte: versionName(name, 0), $lt: after === undefined ? `${name}/:` : after[2] };
    const past = await history.find({ _id: range, ...since }, { sort: { _id: -1 }, limit: wanted }).toArray();
    return { past, total: await history.countDocuments({ _id: below, ...since }) };
  }
  const type = of.type ?? { $in: await history.distinct('type') };
  // a version's own time is at most that of the write
  const filter = { type, ...since, ...(of.since === undefined ? {} : { at: { $gte: of.since } }) };
  const past = await newest(history, filter, {}, { time: 'at', index: 'written', after: after?.[0], wanted });
  return { past, total: await history.countDocuments(filter as Filter<VersionRecord>) };
}

interface Newest {
  readonly time: 'at' | 'lastUpdated';
  readonly index: string;
  /** Time of the write where the last page ended. */
  readonly after: number | undefined;
  readonly wanted: number;
}

/**
 * At least `wanted` rows from the last page's time on, newest first by an index, when there are as many; and all of the time of
 * the first and of the last: those of one time, made by one batch, have no order in the index.
 */
async function newest<T extends Document>(
  collection: Collection<T>,
  filter: Document,
  projection: Document,
  { time, index, after, wanted }: Newest,
): Promise<T[]> {
  const find = (condition: Document, options: FindOptions): Promise<T[]> =>
    byIndex(index, (how) =>
      collection.find<T>({ $and: [filter, condition] } as Filter<T>, { projection, ...options, ...how }).toArray(),
    );
  const equal = after === undefined ? [] : await find({ [time]: after }, {});
  const older = after === undefined ? {} : { [time]: { $lt: after } };
  const first = await find(older, { sort: { [time]: -1 }, limit: wanted });
  const last = first.at(-1)?.[time];
  if (first.length < wanted) return [...equal, ...first];
  const whole = await find({ [time]: last }, {});
  return [...equal, ...first.filter((row) => row[time] !== last), ...whole];
}

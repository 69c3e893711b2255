/** Orders of search results that no index makes: the database sorts what it finds and keeps the first. Pure. */
import type { Document } from 'mongodb';
import type { CursorPosition, SearchQuery, SortKey } from '../../fhir/search-query.js';
import { versionBit } from '../../fhir/version.js';
import { nameOf } from './document-shape.js';
import { valuesOf } from './search-filter.js';
import { columnOf } from './search-plan.js';

/** One field to sort by. `nullable`: documents without a value come last either way. */
interface OrderField {
  readonly name: string;
  readonly descending: boolean;
  readonly nullable: boolean;
}

function fieldsOf(sort: readonly SortKey[]): OrderField[] {
  return sort.map((key, at) => {
    const column = columnOf(key);
    if (column !== undefined) return { ...column, nullable: false };
    return { name: `place${at}`, descending: key.descending, nullable: true };
  });
}

/** True when the order needs fields that {@link computedStage} makes. */
export function isComputed({ sort }: SearchQuery): boolean {
  return sort.some((key) => key.by === 'parameter');
}

/** Adds, for each sort key that is a parameter, what the document is placed by, and whether it has that. */
export function computedStage({ sort, version }: SearchQuery): Document {
  const bits = [1, 2, 3, 4, 5, 6, 7].filter((versions) => (versions & versionBit[version]) !== 0);
  const fields: Document = {};
  for (const [at, key] of sort.entries()) {
    if (key.by !== 'parameter') continue;
    fields[`place${at}`] = placeOf(key.parameter, key.descending, bits);
  }
  return { $addFields: fields };
}

/** Says of each computed place whether it is missing, so that those come last. */
export function missingStage({ sort }: SearchQuery): Document {
  const names = fieldsOf(sort).filter(({ nullable }) => nullable);
  return { $addFields: Object.fromEntries(names.map(({ name }) => [`${name}none`, { $eq: [`$${name}`, null] }])) };
}

/** As `positionOf` of the FHIR room: the least value, or the greatest; the near end of a range in that direction. */
function placeOf(parameter: string, descending: boolean, bits: readonly number[]): Document {
  const stored = { $ifNull: [`$${valuesOf(parameter)}`, []] };
  const own = { $filter: { input: stored, cond: { $in: ['$$this.v', bits] } } };
  const members: readonly (readonly [letters: readonly string[], member: string | Document])[] = [
    [['s'], '$$this.text'],
    [['t'], '$$this.code'],
    [['d'], descending ? '$$this.to' : '$$this.from'],
    [['n', 'q'], descending ? '$$this.high' : '$$this.low'],
    [['r'], { $ifNull: ['$$this.id', '$$this.url'] }],
    [['u'], '$$this.value'],
  ];
  const comparable = members.reduce<Document | null>(
    (other, [letters, member]) => ({ $cond: [{ $in: ['$$this.k', letters] }, member, other] }),
    null,
  );
  const places = { $map: { input: own, in: comparable } };
  return { $ifNull: [descending ? { $max: places } : { $min: places }, null] };
}

/** The order of a query; the id, ascending, decides what is left. */
export function sortOf({ sort }: SearchQuery): Record<string, 1 | -1> {
  const order: Record<string, 1 | -1> = {};
  for (const { name, descending, nullable } of fieldsOf(sort)) {
    if (nullable) order[`${name}none`] = 1;
    order[name] ??= descending ? -1 : 1;
  }
  order['_id'] ??= 1;
  return order;
}

/** What stands after the query's cursor in that order. */
export function afterFilter({ type, sort, after }: SearchQuery): Document {
  if (after === undefined) return {};
  const equal: Document[] = [];
  const later: Document[] = [];
  for (const [at, { name, descending, nullable }] of fieldsOf(sort).entries()) {
    const value = name === '_id' ? nameOf(type, String(after.values[at])) : (after.values[at] ?? null);
    const beyond = value === null ? undefined : { [name]: descending ? { $lt: value } : { $gt: value } };
    const alternatives = [
      ...(beyond === undefined ? [] : [beyond]),
      ...(nullable && value !== null ? [{ [name]: null }] : []),
    ];
    for (const one of alternatives) later.push({ $and: [...equal, one] });
    equal.push({ [name]: value });
  }
  later.push({ $and: [...equal, { _id: { $gt: nameOf(type, after.id) } }] });
  return { $or: later };
}

/** The place of a row that was read with its sort fields. */
export function placeIn({ type, sort }: SearchQuery, row: Document): CursorPosition {
  const id = String(row['_id']).slice(type.length + 1);
  const values = fieldsOf(sort).map(({ name }) => (name === '_id' ? id : (row[name] ?? null)));
  return { values, id };
}

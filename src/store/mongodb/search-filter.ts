/**
 * A search's conditions as a filter that decides exactly what `matches` of the FHIR room decides, over the values stored with
 * each document. Pure. What a client sent stands in values and escaped patterns, never in names or operators.
 */
import type { Document } from 'mongodb';
import { fault } from '../../core/errors.js';
import type {
  CompositeTest,
  Condition,
  DateTest,
  NumberTest,
  QuantityTest,
  ReferenceTest,
  StringTest,
  Test,
  TokenTest,
} from '../../fhir/search-query.js';
import { visitParameter } from '../../fhir/visit-reference.js';
import { nameOf } from './document-shape.js';
import { kindLetter } from './index-fields.js';

type Plain = Test | CompositeTest;

const everything: Document = {};
const nothing: Document = { _id: { $in: [] } };

/** The filter of one condition. `bit`: the version whose values count. */
export function exactFilter(type: string, condition: Condition, bit: number): Document {
  const { parameter } = condition;
  if (parameter === '_id' || parameter === '_lastUpdated') return rowFilter(type, condition);
  const counts = { v: { $bitsAnySet: bit } };
  if ('missing' in condition) {
    const some = { [valuesOf(parameter)]: { $elemMatch: counts } };
    return condition.missing ? { $nor: [some] } : some;
  }
  const tests = condition.anyOf.map((test): Document => {
    const found = { [valuesOf(parameter)]: { $elemMatch: { ...counts, ...valueFilter(test) } } };
    const visit = test.kind === 'reference' ? visitFilter(type, test) : undefined;
    return visit === undefined ? found : { $and: [found, visit] };
  });
  if (condition.negate) return tests.length === 0 ? everything : { $nor: tests };
  return anyOf(tests);
}

/** The field of a parameter's values. Names of parameters hold nothing that means something in a path. */
export function valuesOf(parameter: string): string {
  if (!/^[\w:-]+$/.test(parameter)) throw fault('internal', 'not the name of a search parameter');
  return `values.${parameter}`;
}

function anyOf(filters: readonly Document[]): Document {
  const [only] = filters;
  if (only === undefined) return nothing;
  return filters.length === 1 ? only : { $or: [...filters] };
}

/** `_id` and `_lastUpdated`, which every document has, once. */
function rowFilter(type: string, condition: Condition): Document {
  if ('missing' in condition) return condition.missing ? nothing : everything;
  const tests = condition.anyOf.flatMap((test): Document[] => {
    if (test.kind === 'id') return condition.parameter === '_id' ? [{ _id: nameOf(type, test.id) }] : [];
    return test.kind === 'date' && condition.parameter === '_lastUpdated' ? [updatedFilter(test)] : [];
  });
  if (condition.negate) return tests.length === 0 ? everything : { $nor: tests };
  return anyOf(tests);
}

/** An instant, in whole milliseconds, is a range from itself to the next. */
export function updatedFilter(test: DateTest): Document {
  const { prefix, from, to } = test;
  const within = { lastUpdated: { $gte: from, $lte: to - 1 } };
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return { $nor: [within] };
    case 'gt':
      return { lastUpdated: { $gt: to - 1 } };
    case 'lt':
      return { lastUpdated: { $lt: from } };
    case 'ge':
      return { lastUpdated: { $gte: Math.min(from, to) } };
    case 'le':
      return { lastUpdated: { $lt: Math.max(from, to) } };
    case 'sa':
      return { lastUpdated: { $gte: to } };
    case 'eb':
      return { lastUpdated: { $lte: from - 1 } };
    case 'ap':
      return { lastUpdated: { $gt: from - 1, $lt: to } };
  }
}

/** Conditions on the members of one value. */
function valueFilter(test: Plain): Document {
  if (test.kind === 'composite') {
    const [first, second] = test.parts;
    return { k: kindLetter.composite, $and: [partFilter('a', first), partFilter('b', second)] };
  }
  // an id is no search value
  if (test.kind === 'id') return { k: '' };
  return { k: kindLetter[test.kind], ...atomFilter(test, '') };
}

function partFilter(part: string, test: Test): Document {
  if (test.kind === 'id') return { [`${part}.k`]: '' };
  return { [`${part}.k`]: kindLetter[test.kind], ...atomFilter(test, `${part}.`) };
}

function atomFilter(test: Exclude<Test, { readonly kind: 'id' }>, at: string): Document {
  switch (test.kind) {
    case 'token':
      return tokenFilter(test, at);
    case 'string':
      return stringFilter(test, at);
    case 'date':
      return dateFilter(test, at);
    case 'number':
      return numberFilter(test, at);
    case 'quantity':
      return quantityFilter(test, at);
    case 'reference':
      return referenceFilter(test, at);
    case 'uri':
      return { [`${at}value`]: test.value };
  }
}

/** A member that is left out meets `null`. */
function tokenFilter({ system, code }: TokenTest, at: string): Document {
  const [systemAt, codeAt] = [`${at}system`, `${at}code`];
  const ofSystem = system === undefined ? {} : { [systemAt]: system };
  if (code !== undefined) return { ...ofSystem, [codeAt]: code };
  // a concept that has only a text is no token
  if (system === null) return { ...ofSystem, [codeAt]: { $ne: null } };
  return system === undefined ? { $or: [{ [systemAt]: { $ne: null } }, { [codeAt]: { $ne: null } }] } : ofSystem;
}

/** Greater than every text that begins with the same letters. */
const afterAll = '\u{10ffff}';
/** Bytes that MongoDB takes for a pattern, with room for what escaping adds. */
const longestPattern = 8_000;

function stringFilter({ match, text }: StringTest, at: string): Document {
  const textAt = `${at}text`;
  if (match === 'exact') return { $or: [{ [`${at}exact`]: text }, { [`${at}exact`]: null, [textAt]: text }] };
  if (match === 'starts') return { [textAt]: { $gte: text, $lt: text + afterAll } };
  if (Buffer.byteLength(text) > longestPattern) throw fault('search-too-long', 'a text to be contained is too long');
  return { [textAt]: { $regex: escapePattern(text) } };
}

/** A text as a pattern that it alone meets. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&').replaceAll('\0', '\\x00');
}

function dateFilter({ prefix, from, to }: DateTest, at: string): Document {
  const [begins, ends] = [`${at}from`, `${at}to`];
  const within = { [begins]: { $gte: from }, [ends]: { $lte: to } };
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return { $nor: [within] };
    case 'gt':
      return { [ends]: { $gt: to } };
    case 'lt':
      return { [begins]: { $lt: from } };
    case 'ge':
      return { $or: [{ [ends]: { $gt: to } }, within] };
    case 'le':
      return { $or: [{ [begins]: { $lt: from } }, within] };
    case 'sa':
      return { [begins]: { $gte: to } };
    case 'eb':
      return { [ends]: { $lte: from } };
    case 'ap':
      return { [begins]: { $lt: to }, [ends]: { $gt: from } };
  }
}

function numberFilter({ prefix, value, low, high }: NumberTest | QuantityTest, at: string): Document {
  const [least, most] = [`${at}low`, `${at}high`];
  const within = [
    { [least]: { $gte: low }, [most]: { $lt: high } },
    { [least]: value, [most]: value },
  ];
  switch (prefix) {
    case 'eq':
      return { $or: within };
    case 'ne':
      return { $nor: within };
    case 'gt':
      return { [most]: { $gt: value } };
    case 'lt':
      return { [least]: { $lt: value } };
    case 'ge':
      return { [most]: { $gte: value } };
    case 'le':
      return { [least]: { $lte: value } };
    case 'sa':
      return { [least]: { $gt: value } };
    case 'eb':
      return { [most]: { $lt: value } };
    case 'ap':
      return { $or: [{ [least]: { $lt: high }, [most]: { $gte: low } }, ...within] };
  }
}

function quantityFilter(test: QuantityTest, at: string): Document {
  const { system, code } = test;
  const parts = [numberFilter(test, at)];
  if (system !== undefined) parts.push({ [`${at}system`]: system });
  if (code !== undefined) parts.push({ $or: [{ [`${at}code`]: code }, { [`${at}unit`]: code }] });
  return { $and: parts };
}

function referenceFilter(test: ReferenceTest, at: string): Document {
  if (test.identifier !== undefined) {
    const some = { [`${at}identifier`]: { $exists: true } };
    return { $and: [some, tokenFilter(test.identifier, `${at}identifier.`)] };
  }
  if (test.url !== undefined) return { [`${at}url`]: test.url };
  if (test.id === undefined) return { [`${at}k`]: '' };
  return { [`${at}id`]: test.id, ...(test.type === undefined ? {} : { [`${at}type`]: test.type }) };
}

/** Whether the visit that a document belongs to is among those of the test; whatever the version that names it. */
function visitFilter(type: string, { visit }: ReferenceTest): Document | undefined {
  if (visit === undefined) return undefined;
  const parameter = visitParameter(type);
  const named = { k: kindLetter.reference, type: 'Encounter', id: { $in: [...visit.among] } };
  const among = parameter === undefined ? nothing : { [valuesOf(parameter)]: { $elemMatch: named } };
  return visit.is ? among : { $nor: [among] };
}

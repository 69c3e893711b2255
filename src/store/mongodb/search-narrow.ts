/** What an index can say of a condition: entries of which every document that meets it has one. Pure. */
import { BSONRegExp, type Document } from 'mongodb';
import type { Condition, DateTest, ReferenceTest } from '../../fhir/search-query.js';
import { refEntry, textLookup } from './index-fields.js';
import type { IndexChoice, ResourceIndex } from './indexes.js';
import { escapePattern, updatedFilter } from './search-filter.js';

export interface Narrowing {
  readonly index: Extract<ResourceIndex, 'refs' | 'tokens' | 'texts' | 'dates' | 'updated'>;
  readonly filter: Document;
  /** Each entry is one place of the index, so that what follows it in the index is in order. */
  readonly points: boolean;
}

type ValueCondition = Extract<Condition, { readonly anyOf: unknown }>;

/** undefined when no index narrows the condition down. */
export function narrow(type: string, condition: Condition, choice: IndexChoice): Narrowing | undefined {
  if ('missing' in condition || condition.negate || condition.parameter === '_id') return undefined;
  const { parameter, anyOf } = condition;
  if (parameter === '_lastUpdated') return narrowUpdated(condition);
  const kinds = new Set(anyOf.map((test) => indexOf(test)));
  const [index] = kinds;
  if (kinds.size !== 1 || index === undefined) return undefined;
  if (index === 'dates') return choice.date(type, parameter) ? narrowDates(anyOf) : undefined;
  if (index === 'texts') {
    const group = choice.text(type, parameter);
    return group === undefined
      ? undefined
      : narrowTo(
          'texts',
          anyOf.map((test) => textEntry(group, test)),
        );
  }
  if (index === 'refs')
    return narrowTo(
      'refs',
      anyOf.map((test) => referenceEntry(parameter, test)),
    );
  const listed = condition.kind === 'reference' || choice.token(type, parameter);
  return listed ? narrowTo('tokens', anyOf.map(tokenEntry)) : undefined;
}

function indexOf(test: ValueCondition['anyOf'][number]): 'refs' | 'tokens' | 'texts' | 'dates' | undefined {
  switch (test.kind) {
    case 'reference':
      return test.identifier === undefined ? 'refs' : 'tokens';
    case 'token':
      return 'tokens';
    case 'string':
      return 'texts';
    case 'date':
      return 'dates';
    default:
      return undefined;
  }
}

type OneTest = ValueCondition['anyOf'][number];

/** An entry of an index, or what entries begin with. */
interface Entry {
  readonly text: string;
  readonly whole: boolean;
}

function narrowTo(index: 'refs' | 'tokens' | 'texts', entries: readonly (Entry | undefined)[]): Narrowing | undefined {
  const known = entries.filter((entry) => entry !== undefined);
  if (known.length < entries.length) return undefined;
  const distinct = [...new Map(known.map((entry) => [`${entry.whole} ${entry.text}`, entry])).values()];
  // an anchored pattern is a range of the index, as one of several entries too
  const terms = distinct.map(({ text, whole }) => (whole ? text : new BSONRegExp(`^${escapePattern(text)}`)));
  const points = distinct.every(({ whole }) => whole);
  return { index, points, filter: { [index]: terms.length === 1 ? terms[0] : { $in: terms } } };
}

function referenceEntry(parameter: string, test: OneTest): Entry | undefined {
  if (test.kind !== 'reference') return undefined;
  const { url, id, type }: ReferenceTest = test;
  if (url !== undefined) return { text: url, whole: true };
  if (id === undefined) return undefined;
  return type === undefined ? { text: `${id}/`, whole: false } : { text: refEntry(parameter, id, type), whole: true };
}

function tokenEntry(test: OneTest): Entry | undefined {
  const code = test.kind === 'token' ? test.code : test.kind === 'reference' ? test.identifier?.code : undefined;
  return code === undefined ? undefined : { text: code, whole: true };
}

function textEntry(group: string, test: OneTest): Entry | undefined {
  if (test.kind !== 'string' || test.text === '') return undefined;
  return textLookup(group, test);
}

/** Where a date of one of the tests can begin: the whole range from the first to the last. */
function narrowDates(tests: readonly OneTest[]): Narrowing | undefined {
  const ranges = tests.map((test) => (test.kind === 'date' ? beginsWithin(test) : undefined));
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const range of ranges) {
    if (range === undefined) return undefined;
    [least, most] = [Math.min(least, range[0]), Math.max(most, range[1])];
  }
  return { index: 'dates', points: false, filter: { dates: { $elemMatch: { $gte: least, $lte: most } } } };
}

/** A range ends after it begins, so that an end bounds its beginning from above, not from below. */
function beginsWithin({ prefix, from, to }: DateTest): readonly [number, number] | undefined {
  const [first, last] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  switch (prefix) {
    case 'eq':
      return [from, to];
    case 'lt':
    case 'eb':
      return [first, from];
    case 'le':
      return [first, Math.max(from, to)];
    case 'sa':
      return [to, last];
    case 'ap':
      return [first, to];
    case 'ne':
    case 'gt':
    case 'ge':
      return undefined;
  }
}

/** What changed since: the one search by date that programs ask again and again. */
function narrowUpdated({ anyOf }: ValueCondition): Narrowing | undefined {
  const [test] = anyOf;
  if (anyOf.length !== 1 || test?.kind !== 'date' || test.prefix === 'ne') return undefined;
  return { index: 'updated', points: false, filter: updatedFilter(test) };
}

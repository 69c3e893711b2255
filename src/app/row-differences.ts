/** Compares two streams of rows in the order of their keys, every row of both. */
import { createHash } from 'node:crypto';
import type { ComparedRow } from '../store/moved-rows.js';

/** Rows that are counted together. */
export interface CountedRows {
  readonly tenant: string;
  readonly group: string;
  readonly before: number;
  readonly after: number;
}

export interface RowDifferences {
  readonly counts: readonly CountedRows[];
  /** SHA-256 over the hashes of all rows in their order, of either side. */
  readonly hashes: { readonly before: string; readonly after: string };
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** What the first of them are: `missing Patient/…`. */
  readonly first: readonly string[];
}

/** As many differences are named. */
const named = 10;

/** `seen` is told of each row that both have; `nameOf` says which row a key is. */
export async function compareRows(
  before: Iterable<ComparedRow>,
  after: AsyncIterable<ComparedRow>,
  seen: () => void,
  nameOf: (key: ComparedRow['key']) => string,
): Promise<RowDifferences> {
  const counts = new Map<string, { tenant: string; group: string; before: number; after: number }>();
  const hashes = { before: createHash('sha256'), after: createHash('sha256') };
  const found = { missing: 0, extra: 0, different: 0 };
  const first: string[] = [];
  const take = (side: 'before' | 'after', { tenant, group, key, hash }: ComparedRow): void => {
    const name = `${tenant} ${group}`;
    const count = counts.get(name) ?? { tenant, group, before: 0, after: 0 };
    count[side]++;
    counts.set(name, count);
    hashes[side].update(`${key}\n`).update(hash);
  };
  const differ = (kind: keyof typeof found, { key }: ComparedRow): void => {
    found[kind]++;
    if (first.length < named) first.push(`${kind} ${nameOf(key)}`);
  };
  const [olds, news] = [before[Symbol.iterator](), after[Symbol.asyncIterator]()];
  let old = olds.next();
  let young = await news.next();
  while (old.done !== true || young.done !== true) {
    const order = comesFirst(old, young);
    if (order <= 0 && old.done !== true) {
      take('before', old.value);
      seen();
      if (order < 0) differ('missing', old.value);
      else if (young.done !== true && Buffer.compare(old.value.hash, young.value.hash) !== 0)
        differ('different', old.value);
    }
    if (order >= 0 && young.done !== true) {
      take('after', young.value);
      if (order > 0) differ('extra', young.value);
    }
    if (order <= 0) old = olds.next();
    if (order >= 0) young = await news.next();
  }
  return {
    counts: [...counts.values()],
    hashes: { before: hashes.before.digest('hex'), after: hashes.after.digest('hex') },
    ...found,
    first,
  };
}

/** Negative where the old side's row comes first or the other has ended, 0 for rows of one key. */
function comesFirst(old: IteratorResult<ComparedRow>, young: IteratorResult<ComparedRow>): number {
  if (old.done === true) return 1;
  if (young.done === true) return -1;
  if (old.value.key === young.value.key) return 0;
  return old.value.key < young.value.key ? -1 : 1;
}

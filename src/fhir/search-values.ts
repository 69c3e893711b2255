/**
 * Edition of the code that makes search values of resources; grows whenever it makes others of the same resource. Stores keep
 * it beside the values, so that those of an older edition are found; what was written before there were editions has 0.
 */
export const searchEdition = 1;

/**
 * What a resource can be found by: the contract between extraction and the stores.
 *
 * `_id` and `_lastUpdated` are not among a resource's search values: stores answer them from the row itself.
 * `:missing` needs no value of its own: a parameter is missing when no value of that parameter carries the version's bit.
 */
export type SearchAtom =
  | TokenAtom
  | StringAtom
  | DateAtom
  | ReferenceAtom
  | NumberAtom
  | QuantityAtom
  | { readonly kind: 'uri'; readonly value: string };

/**
 * `code` is in lower case: tokens are compared ignoring case (the rule of DSTU2 and STU3, and of R4 "when in doubt").
 * Both are null for a concept that has only a text; such a value only says that the parameter is not missing.
 */
export interface TokenAtom {
  readonly kind: 'token';
  readonly system: string | null;
  readonly code: string | null;
}

/** `folded` by foldText. `grams`: a name or address, to be indexed for `:contains`. */
export interface StringAtom {
  readonly kind: 'string';
  readonly folded: string;
  readonly exact: string;
  readonly grams: boolean;
}

/** Epoch milliseconds, `from` inclusive, `to` exclusive; an open end is `earliest` or `latest` of search-date.ts. */
export interface DateAtom {
  readonly kind: 'date';
  readonly from: number;
  readonly to: number;
}

/**
 * A reference within the server has `type` (its R4 name) and `id`; any other has `url`, as it stands.
 * `identifier` is that of a logical reference, its code in lower case.
 */
export interface ReferenceAtom {
  readonly kind: 'reference';
  readonly type: string | null;
  readonly id: string | null;
  readonly url: string | null;
  readonly identifier: { readonly system: string | null; readonly code: string } | null;
}

/** Both ends inclusive; equal for a plain number. */
export interface NumberAtom {
  readonly kind: 'number';
  readonly low: number;
  readonly high: number;
}

/** As a number; a comparator opens an end to ±Infinity. `system`, `code` and `unit` as they stand. */
export interface QuantityAtom {
  readonly kind: 'quantity';
  readonly low: number;
  readonly high: number;
  readonly system: string | null;
  readonly code: string | null;
  readonly unit: string | null;
}

/** Two atoms that stand together in one element: `code-value-quantity`. */
export interface CompositeValue {
  readonly kind: 'composite';
  readonly parts: readonly [SearchAtom, SearchAtom];
}

/**
 * One value of one parameter. `parameter` is named as the versions name it; `versions` holds the bits (versionBit) of
 * the versions whose rendering shows the value under that name.
 */
export type SearchValue = { readonly parameter: string; readonly versions: number } & (SearchAtom | CompositeValue);

export type SearchKind = SearchValue['kind'];

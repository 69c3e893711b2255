import type { SearchKind } from './search-values.js';
import type { FhirVersion } from './version.js';

/** R4 §3.1.1.4.5: comparison prefixes of dates, numbers and quantities. */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** What one value of a parameter asks for. An absent member asks for nothing. */
export type Test =
  | TokenTest
  | StringTest
  | DateTest
  | NumberTest
  | QuantityTest
  | ReferenceTest
  | { readonly kind: 'uri'; readonly value: string }
  /** Of the parameter `_id` only; ids are compared as they stand. */
  | { readonly kind: 'id'; readonly id: string };

/** `system` null: the value must have none. `code` in lower case. */
export interface TokenTest {
  readonly kind: 'token';
  readonly system?: string | null;
  readonly code?: string;
}

/** `text` is folded, but for `exact`. */
export interface StringTest {
  readonly kind: 'string';
  readonly match: 'starts' | 'contains' | 'exact';
  readonly text: string;
}

/** Epoch milliseconds, `from` inclusive, `to` exclusive; `ap` is already widened. */
export interface DateTest {
  readonly kind: 'date';
  readonly prefix: Prefix;
  readonly from: number;
  readonly to: number;
}

/** `value` as sent; [low, high) is what its precision (or, for `ap`, a tenth of it) covers. */
export interface NumberTest {
  readonly kind: 'number';
  readonly prefix: Prefix;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** `code` matches a value's code or unit; `system` null: the value must have none. */
export interface QuantityTest {
  readonly kind: 'quantity';
  readonly prefix: Prefix;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly system?: string | null;
  readonly code?: string;
}

/** Exactly one of `id` (with or without `type`, an R4 name), `url` and `identifier`. */
export interface ReferenceTest {
  readonly kind: 'reference';
  readonly type?: string;
  readonly id?: string;
  readonly url?: string;
  readonly identifier?: TokenTest;
  /** Of a patient, by id: the visit that the resource belongs to is one of these, or (`is` false) none of them. */
  readonly visit?: { readonly is: boolean; readonly among: readonly string[] };
}

/** One test for each part, all to be met by one composite value. */
export interface CompositeTest {
  readonly kind: 'composite';
  readonly parts: readonly [Test, Test];
}

/** One parameter of a request. Several of one name are several conditions, all to be met. */
export type Condition =
  | {
      readonly parameter: string;
      readonly kind: SearchKind | 'id';
      readonly missing: boolean;
      /** Each value of this token parameter has a code: none is a text alone, which indexes do not hold. */
      readonly coded?: true;
    }
  | {
      readonly parameter: string;
      readonly kind: SearchKind | 'id';
      /** `:not`: no value of the parameter may meet any of the tests; a resource without a value matches. */
      readonly negate: boolean;
      readonly anyOf: readonly (Test | CompositeTest)[];
    };

/**
 * `date` is the type's main date (sortDate), or `_lastUpdated` for a resource without one. A `parameter` is compared by
 * its least value, or its greatest when descending; resources without a value come last either way. The id, ascending,
 * decides what is left.
 */
export type SortKey =
  | { readonly by: 'date' | '_lastUpdated' | '_id'; readonly descending: boolean }
  | { readonly by: 'parameter'; readonly parameter: string; readonly descending: boolean };

/** Where a page ended: the last row's value for each sort key, and its id. */
export interface CursorPosition {
  readonly values: readonly (number | string | null)[];
  readonly id: string;
}

/** A search, as the facade's parser produces it and stores execute it. */
export interface SearchQuery {
  /** The stored (R4) type. */
  readonly type: string;
  /** Only values that carry this version's bit count. */
  readonly version: FhirVersion;
  /** All to be met. */
  readonly where: readonly Condition[];
  readonly sort: readonly SortKey[];
  /** Size of a page; 0 asks for the total alone. */
  readonly count: number;
  readonly after?: CursorPosition;
}

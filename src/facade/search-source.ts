import type { Served } from './serve-resource.js';

/** One page of a source of matches. */
export interface SourcePage {
  readonly served: readonly Served[];
  /** Documents that the page used up, those that the version cannot show included. */
  readonly taken: number;
  readonly total: number | undefined;
  readonly next: string | undefined;
}

/** Reads a page: at most `count` matches after a position, with the total when asked. */
export type Source = (count: number, after: string | undefined, total: boolean) => Promise<SourcePage>;

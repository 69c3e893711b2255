/** Making the search values of stored documents again, with the code of today, while messages go on being applied. */
import { Fault } from '../core/errors.js';
import type { SearchValue } from '../fhir/search-values.js';
import type { Reindexed, ReindexPort } from '../store/reindex-port.js';
import type { ShownDocument } from '../store/resource-port.js';

/** Code that makes search values, and its edition: what stands beside a document that it has indexed. */
export interface SearchCode {
  readonly edition: number;
  indexOf(document: ShownDocument): { readonly values: readonly SearchValue[]; readonly sortDate: number | null };
}

export interface ReindexParts {
  readonly resources: Pick<ReindexPort, 'otherEditions' | 'reindex'>;
  readonly code: SearchCode;
  /** A turn at the documents, beside batches of messages. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Called between turns with the milliseconds that the last one took: leaves room for messages. */
  rest(took: number): Promise<void>;
  stopped(): boolean;
  /** Called after every turn, with what came of it and the place to go on from. */
  came(tally: ReindexTally, next: string | undefined): Promise<void>;
}

/** `changed`: a message came first. `refused`: neither this code nor the store can make anything of it. */
export interface ReindexTally {
  readonly done: number;
  readonly changed: number;
  readonly refused: number;
}

/** Documents of one turn. */
const together = 50;

/**
 * Goes once over a tenant's documents, from a place on, and indexes those of another edition. A document that a message writes
 * meanwhile keeps what that wrote. False when it was stopped before the end.
 */
export async function reindexTenant(parts: ReindexParts, tenant: string, from: string | undefined): Promise<boolean> {
  const { resources, code, stopped } = parts;
  let after = from;
  for (;;) {
    if (stopped()) return false;
    const began = performance.now();
    const place = after;
    const { tally, next } = await parts.turn(async () => {
      const page = await resources.otherEditions(tenant, code.edition, place, together);
      const made = page.documents.flatMap((document) => indexedAgain(code, document) ?? []);
      const results = made.length === 0 ? [] : await resources.reindex(tenant, made);
      const count = (wanted: (typeof results)[number]): number => results.filter((result) => result === wanted).length;
      const unreadable = page.documents.length - made.length;
      return {
        tally: { done: count('done'), changed: count('changed'), refused: count('refused') + unreadable },
        next: page.next,
      };
    });
    await parts.came(tally, next);
    if (next === undefined) return true;
    after = next;
    await parts.rest(performance.now() - began);
  }
}

/** undefined for what this code cannot read. */
function indexedAgain(code: SearchCode, document: ShownDocument): Reindexed | undefined {
  const { type, id, revision } = document;
  try {
    const { values, sortDate } = code.indexOf(document);
    return { type, id, revision, values, sortDate, edition: code.edition };
  } catch (error) {
    if (error instanceof Fault && error.nature === 'transient') throw error;
    return undefined;
  }
}

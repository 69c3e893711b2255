/**
 * Gathers what is asked to be read of one tenant: the types of one batch, and all batches that are under way, are one query. While
 * two are under way, what is asked for waits for the next.
 */
import { Fault } from '../../core/errors.js';
import type { StoredDocument } from '../resource-port.js';
import { nameOf } from './document-shape.js';
import { GatheredCalls } from './gathered-calls.js';
import { mongoFault } from './mongo-errors.js';

/** Reads documents by their names (`Type/id`), each once, in any order. */
type ReadNames = (names: readonly string[]) => Promise<ReadonlyMap<string, StoredDocument>>;

/** Groups under way at a time, and documents of one. */
const gathering = { underWay: 2, most: 2000, sizeOf: (names: readonly string[]) => names.length };

export class ReadLane {
  readonly #calls: GatheredCalls<readonly string[], ReadonlyMap<string, StoredDocument>>;

  constructor(read: ReadNames) {
    this.#calls = new GatheredCalls((calls) => read([...new Set(calls.flat())]), gathering);
  }

  /** Those that there are, in the order of the ids. */
  async read(type: string, ids: readonly string[]): Promise<StoredDocument[]> {
    const names = ids.map((id) => nameOf(type, id));
    try {
      const found = await this.#calls.call(names);
      return names.flatMap((name) => found.get(name) ?? []);
    } catch (error) {
      throw error instanceof Fault ? error : mongoFault(error, 'a tenant’s database');
    }
  }
}

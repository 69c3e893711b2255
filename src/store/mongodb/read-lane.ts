/**
 * Gathers what is asked to be read of one tenant in one turn of the event loop: the types of one batch, and all batches that are
 * under way, are one query.
 */
import { Fault } from '../../core/errors.js';
import type { StoredDocument } from '../resource-port.js';
import { nameOf } from './document-shape.js';
import { mongoFault } from './mongo-errors.js';

interface Call {
  readonly names: readonly string[];
  readonly resolve: (documents: StoredDocument[]) => void;
  readonly reject: (error: Fault) => void;
}

/** Reads documents by their names (`Type/id`), each once, in any order. */
type ReadNames = (names: readonly string[]) => Promise<ReadonlyMap<string, StoredDocument>>;

export class ReadLane {
  readonly #read: ReadNames;
  #waiting: Call[] = [];

  constructor(read: ReadNames) {
    this.#read = read;
  }

  /** Those that there are, in the order of the ids. */
  read(type: string, ids: readonly string[]): Promise<StoredDocument[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ names: ids.map((id) => nameOf(type, id)), resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#run());
    });
  }

  /** Never rejects: each call is told what became of it. */
  async #run(): Promise<void> {
    const calls = this.#waiting;
    this.#waiting = [];
    try {
      const found = await this.#read([...new Set(calls.flatMap(({ names }) => names))]);
      for (const { names, resolve } of calls) resolve(names.flatMap((name) => found.get(name) ?? []));
    } catch (error) {
      const why = error instanceof Fault ? error : mongoFault(error, 'a tenant’s database');
      for (const { reject } of calls) reject(why);
    }
  }
}

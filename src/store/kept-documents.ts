/**
 * Documents that were read or written a moment ago, as they were decoded, so that the next batch for the same patient decodes
 * neither them nor, in the engine, what hangs on them. The store still says of each whether it is the one at hand: whoever
 * uses a kept document has read its revision, or writes it only over that.
 */
import type { StoredDocument } from './resource-port.js';

/** A document, and what else a store knows of it. */
export interface Kept {
  readonly document: StoredDocument;
  /** Characters of its text. */
  readonly size: number;
}

interface Entry<T> {
  readonly kept: T;
  /** Where it is stored; a file that was opened anew may be another. */
  readonly place: object;
}

/** Characters of all documents of one generation; there are two. As objects they take about eight times as many bytes. */
const usuallyMost = 2_000_000;

/** Those of all tenants; the ones unused for longest go first, and large ones are not kept. */
export class KeptDocuments<T extends Kept> {
  readonly #most: number;
  #young = new Map<string, Entry<T>>();
  #old = new Map<string, Entry<T>>();
  #size = 0;

  constructor(most = usuallyMost) {
    this.#most = most;
  }

  /** What is kept of a document, of this revision where one is given. */
  get(place: object, type: string, id: string, revision?: number): T | undefined {
    const name = `${type}/${id}`;
    const young = this.#young.get(name);
    const entry = young ?? this.#old.get(name);
    if (entry?.place !== place) return undefined;
    if (revision !== undefined && entry.kept.document.revision !== revision) return undefined;
    if (young === undefined) this.#put(name, entry);
    return entry.kept;
  }

  /** Keeps a document as the place holds it now. */
  keep(place: object, kept: T): void {
    const { type, id } = kept.document;
    this.#put(`${type}/${id}`, { kept, place });
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#size = 0;
  }

  #put(name: string, entry: Entry<T>): void {
    this.#old.delete(name);
    this.#size -= this.#young.get(name)?.kept.size ?? 0;
    if (entry.kept.size > this.#most / 10) {
      this.#young.delete(name);
      return;
    }
    this.#young.set(name, entry);
    this.#size += entry.kept.size;
    if (this.#size < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#size = 0;
  }
}

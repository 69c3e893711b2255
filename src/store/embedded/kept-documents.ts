/**
 * Documents that were read or written a moment ago, as they were decoded, so that the next batch for the same patient decodes
 * neither them nor, in the engine, what hangs on them. The file still says of each whether it is the one at hand: whoever
 * uses a kept document has read its revision in the same breath.
 */
import type { SearchValue } from '../../fhir/search-values.js';
import type { StoredDocument } from '../resource-port.js';

export interface KeptDocument {
  /** Without its touches, which are rows of their own. */
  readonly document: StoredDocument;
  /** What it is found by, where that is known. */
  readonly values: readonly SearchValue[] | undefined;
  /** Characters of its text. */
  readonly size: number;
}

interface Entry extends KeptDocument {
  /** The open file that it is of; one that was opened anew may be another. */
  readonly file: object;
}

/** Characters of all documents of one generation; there are two. As objects they take about eight times as many bytes. */
const usuallyMost = 2_000_000;

/** Those of all tenants; the ones unused for longest go first, and large ones are not kept. */
export class KeptDocuments {
  readonly #most: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #size = 0;

  constructor(most = usuallyMost) {
    this.#most = most;
  }

  /** The document of a file at this revision, if it is kept. */
  get(file: object, type: string, id: string, revision: number): KeptDocument | undefined {
    const name = `${type}/${id}`;
    const young = this.#young.get(name);
    const entry = young ?? this.#old.get(name);
    if (entry?.file !== file || entry.document.revision !== revision) return undefined;
    if (young === undefined) this.#put(name, entry);
    return entry;
  }

  /** Keeps a document as the file holds it now. */
  keep(file: object, kept: KeptDocument): void {
    const { type, id } = kept.document;
    this.#put(`${type}/${id}`, { ...kept, file });
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#size = 0;
  }

  #put(name: string, entry: Entry): void {
    this.#old.delete(name);
    this.#size -= this.#young.get(name)?.size ?? 0;
    if (entry.size > this.#most / 10) {
      this.#young.delete(name);
      return;
    }
    this.#young.set(name, entry);
    this.#size += entry.size;
    if (this.#size < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#size = 0;
  }
}

/**
 * Texts that recur from row to row of a tenant's file, such as which values a document is found by and in which order they
 * stand. Each is kept once and rows name it by its number, so that a row holds what is its own alone.
 */
import { fault } from '../../core/errors.js';
import type { Database } from './open-database.js';

/** So many at most are kept, and none longer than this: what does not recur stands in its row. */
const usualLimits = { texts: 20_000, longest: 4096 };

/** Texts and what they were read as that are in memory, in each of two generations. */
const generation = 2000;

/** One file's texts of one kind, and what they say. */
export class SharedTexts<T> {
  readonly #db: Database;
  readonly #read: (text: string) => T;
  readonly #limits: typeof usualLimits;
  readonly #numbers = new Recent<string, number>();
  readonly #said = new Recent<number, T>();
  #full = false;

  /** `read` makes of a text what rows are read with. */
  constructor(db: Database, read: (text: string) => T, limits = usualLimits) {
    this.#db = db;
    this.#read = read;
    this.#limits = limits;
  }

  /** The number of a text, made for a new one inside a transaction; `undefined` for one that its row has to hold. */
  numberOf(text: string): number | undefined {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (text.length > this.#limits.longest) return undefined;
    const found = this.#db.get('SELECT number FROM shared_text WHERE text = ?', text)?.number;
    if (typeof found === 'number') {
      this.#numbers.set(text, found);
      return found;
    }
    if (this.#full) return undefined;
    const last = Number(this.#db.get('SELECT max(number) AS last FROM shared_text')?.last ?? 0);
    this.#full = last >= this.#limits.texts;
    if (this.#full) return undefined;
    // not remembered before it is read back: the transaction may yet be rolled back
    this.#db.run('INSERT INTO shared_text (number, text) VALUES (?, ?)', last + 1, text);
    return last + 1;
  }

  /** What the text of a number says. @throws Fault `store-corrupt` where there is none */
  at(number: number): T {
    const known = this.#said.get(number);
    if (known !== undefined) return known;
    const text = this.#db.get('SELECT text FROM shared_text WHERE number = ?', number)?.text;
    if (typeof text !== 'string') throw fault('store-corrupt', 'a tenant’s file lacks a text that its rows name');
    const said = this.#read(text);
    this.#said.set(number, said);
    return said;
  }
}

/** A map of what was used last. */
class Recent<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

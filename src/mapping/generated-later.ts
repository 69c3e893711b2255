import type { Run } from './run.js';

/** Source is generated of rules that are run again and again: it takes time, and a single message needs few of them often. */
export class GeneratedLater<T> {
  readonly #generate: () => T | undefined;
  #left: number;
  #made: T | undefined;

  constructor(generate: () => T | undefined, after: number) {
    this.#generate = generate;
    this.#left = after;
  }

  /** What was generated; undefined where the compiled rules are to run: at first, under a trace, or where it cannot be. */
  for(run: Run): T | undefined {
    if (run.trace !== undefined) return undefined;
    if (this.#left === -1) return this.#made;
    if (this.#left === 0) this.#made = this.#generate();
    this.#left--;
    return this.#made;
  }
}

/** Messages of a batch until it is known how long they take. */
const first = 50;
/** Milliseconds that a batch may take: others wait for it, and it is done again whole when it fails. */
const shortest = 150;
const longest = 600;

/**
 * How many messages a batch may have: more where they are quick, so that what many of them change is written once, and few
 * where they are slow.
 */
export class BatchPace {
  readonly #most: number;
  #size: number;

  /** `most`: never more than so many. */
  constructor(most: number) {
    this.#most = most;
    this.#size = Math.min(first, most);
  }

  get size(): number {
    return this.#size;
  }

  /** Takes note of a batch that was done. One that was not full says nothing of a larger one. */
  took(messages: number, milliseconds: number): void {
    if (milliseconds > longest) this.#size = Math.max(1, Math.min(this.#size, messages) >> 1);
    else if (milliseconds < shortest && messages === this.#size) this.#size = Math.min(this.#most, this.#size * 2);
  }
}

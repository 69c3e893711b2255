/** Taking turns at the tenants' documents, within the one thread that writes them. */
import type { SettleOutcome } from '../store/archive-port.js';

interface Waiting {
  readonly alone: boolean;
  start(): void;
}

/**
 * A batch of messages takes one turn from its first read to its settling, and some batches may share theirs; others are alone in
 * their turn, so that within it every message is either settled or has not begun. Turns begin in the order in which they were
 * asked for. A turn is short: a batch, or one page of a replay's difference.
 */
export class Turns {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  #sharing = 0;
  #alone = false;
  readonly #listeners = new Set<(settled: readonly SettleOutcome[]) => void>();

  /** `most`: how many share at a time; where one batch's writes are all that another one waits for, one. */
  constructor(most = 1) {
    this.#most = most;
  }

  /** Runs `work` alone, when all turns asked for before are over. */
  take<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(true, work);
  }

  /** Runs `work` beside others that share. */
  share<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn(false, work);
  }

  /** A shared turn that settles messages; who listens hears of them before the next turn that is taken alone. */
  settling(work: () => Promise<readonly SettleOutcome[]>): Promise<readonly SettleOutcome[]> {
    return this.share(async () => {
      const settled = await work();
      for (const listener of this.#listeners) listener(settled);
      return settled;
    });
  }

  /** Hears what `settling` settles. Gives the way to stop. */
  listen(listener: (settled: readonly SettleOutcome[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #turn<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ alone, start });
      this.#begin();
    });
    try {
      return await work();
    } finally {
      if (alone) this.#alone = false;
      else this.#sharing--;
      this.#begin();
    }
  }

  #begin(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      if (next.alone) this.#alone = true;
      else this.#sharing++;
      next.start();
    }
  }

  #fits({ alone }: Waiting): boolean {
    return !this.#alone && this.#sharing < (alone ? 1 : this.#most);
  }
}

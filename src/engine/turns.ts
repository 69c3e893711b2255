/** Taking turns at the tenants' documents, within the one thread that writes them. */
import type { SettleOutcome } from '../store/archive-port.js';

/**
 * A batch of messages takes one turn from its first read to its settling, so that within another's turn every message is
 * either settled or has not begun. A turn is short: a batch, or one page of a replay's difference.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<(settled: readonly SettleOutcome[]) => void>();

  /** Runs `work` when all turns asked for before are over. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** A turn that settles messages; who listens hears of them before the next turn. */
  settling(work: () => Promise<readonly SettleOutcome[]>): Promise<readonly SettleOutcome[]> {
    return this.take(async () => {
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
}

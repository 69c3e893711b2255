import type { QueuePort, WorkItem } from '../queue/queue-port.js';

interface EnqueuerParts {
  readonly queue: Pick<QueuePort, 'enqueue'>;
  /** Hears how many items the queue did not take when they were first offered, and why. */
  failed(count: number, error: unknown): void;
  /** Hears of the first call that the queue takes after some that it did not. */
  works(): void;
}

/** Items that are offered again when the queue did not take them; more are left to the sweep. */
const mostKept = 20_000;
/** Milliseconds between two offers of what the queue did not take. */
const pause = 500;

/**
 * Hands archived messages to the queue, those that gather in one call. Nobody waits for it: what the queue does not take is
 * offered again, and what is forgotten with this process is found in the archive by the sweep.
 */
export class Enqueuer {
  readonly #parts: EnqueuerParts;
  #waiting: WorkItem[] = [];
  #kept: readonly WorkItem[] = [];
  #running: Promise<void> | undefined;
  #failing = false;
  #hurried = 0;
  #wake = (): void => {};

  constructor(parts: EnqueuerParts) {
    this.#parts = parts;
  }

  add(item: WorkItem): void {
    this.#waiting.push(item);
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Resolves when the queue has been handed everything, or does not take it. */
  async idle(): Promise<void> {
    this.#hurried++;
    this.#wake();
    while (this.#running !== undefined) await this.#running;
    this.#hurried--;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 || this.#kept.length > 0) {
      const fresh = this.#waiting;
      const items = this.#kept.length === 0 ? fresh : [...this.#kept, ...fresh];
      this.#waiting = [];
      this.#kept = [];
      if (await this.#hand(items, fresh.length)) continue;
      if (this.#hurried > 0) break;
      this.#kept = items.slice(0, mostKept);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, pause);
      });
    }
    this.#running = undefined;
  }

  async #hand(items: readonly WorkItem[], fresh: number): Promise<boolean> {
    const { queue, failed, works } = this.#parts;
    try {
      await queue.enqueue(items);
      if (this.#failing) works();
      this.#failing = false;
      return true;
    } catch (error) {
      if (fresh > 0) failed(fresh, error);
      this.#failing = true;
      return false;
    }
  }
}

import type { QueuePort, WorkItem } from '../queue/queue-port.js';

interface EnqueuerParts {
  readonly queue: Pick<QueuePort, 'enqueue'>;
  /** Hears how many items the queue did not take in a call, and why. */
  failed(count: number, error: unknown): void;
  /** Hears of the first call that the queue takes after some that it did not. */
  works(): void;
}

/**
 * Hands archived messages to the queue, those that gather in one call. Nobody waits for it: what the queue does not take is
 * found in the archive by the sweep.
 */
export class Enqueuer {
  readonly #parts: EnqueuerParts;
  #waiting: WorkItem[] = [];
  #running: Promise<void> | undefined;
  #failing = false;

  constructor(parts: EnqueuerParts) {
    this.#parts = parts;
  }

  add(item: WorkItem): void {
    this.#waiting.push(item);
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Resolves when the queue has been handed everything. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const items = this.#waiting;
      this.#waiting = [];
      await this.#hand(items);
    }
    this.#running = undefined;
  }

  async #hand(items: readonly WorkItem[]): Promise<void> {
    const { queue, failed, works } = this.#parts;
    try {
      await queue.enqueue(items);
      if (this.#failing) works();
      this.#failing = false;
    } catch (error) {
      failed(items.length, error);
      this.#failing = true;
    }
  }
}

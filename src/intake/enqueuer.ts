import type { QueuePort, WorkItem } from '../queue/queue-port.js';

/**
 * Hands archived messages to the queue, those that gather in one call. Nobody waits for it: what the queue does not take is
 * found in the archive by the sweep.
 */
export class Enqueuer {
  readonly #queue: Pick<QueuePort, 'enqueue'>;
  readonly #failed: (count: number, error: unknown) => void;
  #waiting: WorkItem[] = [];
  #running: Promise<void> | undefined;

  /** `failed` hears how many items the queue did not take, and why. */
  constructor(queue: Pick<QueuePort, 'enqueue'>, failed: (count: number, error: unknown) => void) {
    this.#queue = queue;
    this.#failed = failed;
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
      await this.#queue.enqueue(items).catch((error: unknown) => this.#failed(items.length, error));
    }
    this.#running = undefined;
  }
}

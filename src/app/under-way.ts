/**
 * Which messages the transform thread has in hand, in memory that outlives the thread: when it dies, the thread that
 * watches it reads here what it died of.
 */
import type { MessageName } from './transform-service.js';

/** More messages than all batches have that are under way at a time. */
const most = 4096;

/** Memory for one thread's life. */
export function underWayMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer((1 + 2 * most) * Float64Array.BYTES_PER_ELEMENT);
}

/** The messages that were in hand at the last note; none when there was nothing to do. */
export function readUnderWay(memory: SharedArrayBuffer): MessageName[] {
  const [count = 0, ...places] = new Float64Array(memory);
  return Array.from({ length: count }, (_, at) => ({ run: places[2 * at] ?? 0, number: places[2 * at + 1] ?? 0 }));
}

/** Notes what is in hand. A few batches may be at a time. */
export class UnderWay {
  readonly #memory: Float64Array;
  readonly #batches = new Set<readonly MessageName[]>();

  constructor(memory: SharedArrayBuffer) {
    this.#memory = new Float64Array(memory);
  }

  /** True for a message that is in hand now. */
  holds({ run, number }: MessageName): boolean {
    for (const messages of this.#batches) {
      if (messages.some((message) => message.run === run && message.number === number)) return true;
    }
    return false;
  }

  /** Runs `work` with these messages noted. */
  async during<T>(messages: readonly MessageName[], work: () => Promise<T>): Promise<T> {
    this.#batches.add(messages);
    this.#note();
    try {
      return await work();
    } finally {
      this.#batches.delete(messages);
      this.#note();
    }
  }

  #note(): void {
    let count = 0;
    for (const messages of this.#batches) {
      for (const { run, number } of messages) {
        if (count === most) break;
        this.#memory[1 + 2 * count] = run;
        this.#memory[2 + 2 * count] = number;
        count++;
      }
    }
    this.#memory[0] = count;
  }
}

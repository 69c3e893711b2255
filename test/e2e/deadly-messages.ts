/**
 * Preloaded into every thread of a program under test: in the transform thread, reading a message that carries one of
 * these words kills the thread, by an exception that nobody catches or by filling its memory.
 */
import { isMainThread, workerData } from 'node:worker_threads';

export const deadlyByException = 'DEADLYTHROW';
export const deadlyByMemory = 'DEADLYMEMORY';

if (!isMainThread && (workerData as { underWay?: unknown } | null)?.underWay !== undefined) {
  const read = Buffer.prototype.toString;
  Buffer.prototype.toString = function (...given: Parameters<typeof read>): string {
    const text = read.apply(this, given);
    if (text.includes(deadlyByException)) {
      setImmediate(() => {
        throw new TypeError(`a mistake in the program, at ${text}`);
      });
    }
    if (text.includes(deadlyByMemory)) fillMemory();
    return text;
  };
}

function fillMemory(): never {
  const filled: number[][] = [];
  for (;;) filled.push(new Array<number>(100_000).fill(filled.length + 0.5));
}

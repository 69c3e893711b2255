/** One thread of the fuzzer: works through its numbers and tells of failures; where it stands lies in shared memory. */
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { checkInput } from './fuzz-check.js';
import { fuzzInput } from './fuzz-input.js';

export interface FuzzTask {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** Number under work, and how many are done. */
  readonly progress: SharedArrayBuffer;
}

export type FuzzReport =
  | {
      readonly kind: 'failure';
      readonly seed: number;
      readonly from: string;
      readonly sign: string;
      readonly detail: string;
    }
  | { readonly kind: 'memory'; readonly done: number; readonly bytes: number }
  | { readonly kind: 'end'; readonly reached: Readonly<Record<string, number>> };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const { first, step, count, progress } = workerData as FuzzTask;
const place = new Float64Array(progress);
const reached: Record<string, number> = {};
const report = (message: FuzzReport): void => parentPort?.postMessage(message);

for (let done = 0; done < count; done++) {
  const seed = first + done * step;
  place[0] = seed;
  place[1] = done;
  const input = fuzzInput(seed);
  try {
    const to = checkInput(input);
    reached[to] = (reached[to] ?? 0) + 1;
  } catch (error) {
    const { stack = '', message = '' } = error instanceof Error ? error : { message: String(error) };
    const where = stack.split('\n').find((line) => line.includes('/src/')) ?? '';
    const sign = createHash('sha256')
      .update(`${message.slice(0, 200)}${where}`)
      .digest('hex')
      .slice(0, 12);
    report({ kind: 'failure', seed, from: input.from, sign, detail: stack.split('\n').slice(0, 12).join('\n') });
  }
  if (done % Math.max(1000, Math.floor(count / 40)) === 0) {
    collect();
    report({ kind: 'memory', done, bytes: process.memoryUsage().heapUsed });
  }
}
place[1] = count;
report({ kind: 'end', reached });

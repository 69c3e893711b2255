/** Thread entry of the tests: adds numbers, and dies in the ways that threads die. */
import { parentPort, workerData } from 'node:worker_threads';
import { fault } from '../../src/core/errors.js';
import { serveCalls } from '../../src/core/thread-rpc.js';

export interface Mortal {
  begin(): Promise<void>;
  add(a: number, b: number): Promise<number>;
  /** Never answers. */
  wait(): Promise<void>;
  throwUnseen(): Promise<void>;
  close(): Promise<void>;
}

export const mortalMethods = ['begin', 'add', 'wait', 'throwUnseen', 'close'] as const;

const { refuses } = (workerData ?? {}) as { readonly refuses?: boolean };

const thread: Mortal = {
  async begin() {
    if (refuses === true) throw fault('disk-full', 'no space left for the test');
  },
  add: async (a, b) => a + b,
  wait: () => new Promise(() => {}),
  throwUnseen: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new TypeError('unseen');
      });
    }),
  async close() {
    parentPort?.postMessage({ closed: true });
  },
};

if (parentPort !== null) serveCalls(parentPort, thread);

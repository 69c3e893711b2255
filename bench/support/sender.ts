import { Worker } from 'node:worker_threads';
import type { Load, Sent } from './sender-thread.js';

export interface Sender {
  send(load: Load): Promise<Sent>;
  end(): Promise<unknown>;
}

/** Starts the thread that sends. One measurement at a time. */
export function openSender(): Sender {
  const worker = new Worker(new URL('./sender-thread.js', import.meta.url));
  return {
    send: (load) =>
      new Promise((resolve, reject) => {
        worker.once('error', reject);
        worker.once('message', (sent: Sent) => {
          worker.off('error', reject);
          resolve(sent);
        });
        worker.postMessage(load);
      }),
    end: () => worker.terminate(),
  };
}

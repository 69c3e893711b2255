/** The queue lives in the thread that transforms; intake, in another, hands items over a MessagePort. */
import type { MessagePort } from 'node:worker_threads';
import { callsOver, serveCalls } from '../../core/thread-rpc.js';
import type { QueuePort } from '../queue-port.js';

/** What can be done from another thread. */
export type QueueProducer = Pick<QueuePort, 'enqueue' | 'depth'>;

/** Lets the thread at the other end of `port` use this queue. */
export function serveQueue(port: MessagePort, queue: QueueProducer): void {
  const producer: QueueProducer = { enqueue: (items) => queue.enqueue(items), depth: () => queue.depth() };
  serveCalls(port, producer);
}

/** The queue at the other end of `port`. Calls reject with `store-unavailable` once that thread has ended. */
export function queueOver(port: MessagePort): QueueProducer {
  return callsOver<QueueProducer>(port, ['enqueue', 'depth']);
}

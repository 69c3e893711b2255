/**
 * A worker in a process of its own: `worker.js URL PREFIX LOCK-MILLISECONDS WORK-MILLISECONDS`. It tells each batch that it begins
 * and ends as a line of JSON.
 */
import { BullmqQueue } from '../../../src/queue/bullmq/queue.js';

const [url = '', prefix = '', lock = '', work = ''] = process.argv.slice(2);
const queue = new BullmqQueue({ url, prefix, firstDelay: 5, longestDelay: 50, lockDuration: Number(lock) });
// all workers of a machine have one clock; their lines come in no order
const tell = (event: object): void =>
  console.log(JSON.stringify({ ...event, at: performance.timeOrigin + performance.now() }));
await queue.consume(
  async ({ partition, sequences }) => {
    const numbers = sequences.map(({ number }) => number);
    tell({ begun: partition, numbers });
    await new Promise((resolve) => setTimeout(resolve, Number(work)));
    tell({ done: partition, numbers });
  },
  { batchSize: 10, concurrency: 4 },
);
process.on('SIGTERM', () => void queue.close());
tell({ ready: true });

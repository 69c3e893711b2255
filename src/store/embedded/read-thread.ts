/** Thread entry: answers the facade's reads and searches, so that a costly one keeps nobody but its like waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveCalls } from '../../core/thread-rpc.js';
import type { ReadThread } from './read-client.js';
import { openEmbeddedReader } from './resources.js';

const thread: ReadThread = {
  ...openEmbeddedReader((workerData as { folder: string }).folder),
  async ready() {},
};

if (parentPort !== null) serveCalls(parentPort, thread);

/** Thread entry: answers the facade's reads and searches, so that a costly one keeps nobody but its like waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveCalls } from '../../core/thread-rpc.js';
import { openEmbeddedReader } from './resources.js';

if (parentPort !== null) serveCalls(parentPort, openEmbeddedReader((workerData as { folder: string }).folder));

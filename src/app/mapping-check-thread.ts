/** Thread entry: reads and compiles changed mapping files, once. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveCalls } from '../core/thread-rpc.js';
import type { MappingCheck, MappingCheckData } from './mapping-check.js';
import { readAndCheck } from './mapping-files.js';

const { sources, base, live } = workerData as MappingCheckData;
const thread: MappingCheck = { check: async () => readAndCheck(sources, base, live) };

if (parentPort !== null) serveCalls(parentPort, thread);

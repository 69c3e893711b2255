import { Worker } from 'node:worker_threads';
import { callsOver } from '../core/thread-rpc.js';
import type { CheckedFiles, LiveFiles, MappingFiles, MappingSources } from './mapping-files.js';

/** What the thread is started with, and what it serves. */
export interface MappingCheckData {
  readonly sources: MappingSources;
  readonly base: MappingFiles | undefined;
  readonly live: LiveFiles | undefined;
}
export interface MappingCheck {
  check(): Promise<CheckedFiles>;
}

/**
 * `readAndCheck` in a thread of its own, so that compiling keeps nobody waiting.
 * @throws Fault `mapping-invalid` with one line per problem
 */
export async function checkBeside(
  sources: MappingSources,
  base: MappingFiles | undefined,
  live: LiveFiles | undefined,
): Promise<CheckedFiles> {
  const workerData: MappingCheckData = { sources, base, live };
  const worker = new Worker(new URL('./mapping-check-thread.js', import.meta.url), { workerData });
  worker.on('error', () => undefined);
  try {
    return await callsOver<MappingCheck>(worker, ['check']).check();
  } finally {
    await worker.terminate();
  }
}

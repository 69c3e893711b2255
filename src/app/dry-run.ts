import { Worker } from 'node:worker_threads';
import type { DryRunRequest } from '../admin/admin-parts.js';
import { callsOver } from '../core/thread-rpc.js';
import type { DryRunSummary } from '../engine/dry-run.js';
import type { MappingSources } from './mapping-files.js';
import type { TransformData } from './transform-service.js';

export interface DryRunData extends Omit<TransformData, 'logLevel'> {
  readonly sources: MappingSources;
  readonly request: DryRunRequest;
}

export interface DryRun {
  run(): Promise<DryRunSummary>;
}

/**
 * Compiles the files and runs them over archived messages beside the live mapping, in a thread of its own that ends with
 * it: nothing is published, written or waited for.
 * @throws Fault `mapping-invalid` with one line per problem, `not-found` for an unknown tenant
 */
export async function dryRun(data: DryRunData): Promise<DryRunSummary> {
  const worker = new Worker(new URL('./dry-run-thread.js', import.meta.url), { workerData: data });
  worker.on('error', () => undefined);
  try {
    return await callsOver<DryRun>(worker, ['run']).run();
  } finally {
    await worker.terminate();
  }
}

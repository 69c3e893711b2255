/** One number for the place of a message in the archive. */
import type { Sequence } from '../core/stamp.js';

/** Row ids hold run and number, so that rows lie in archive order: run × 2^32 + number, exact below run 2^21. */
const runFactor = 2 ** 32;

/** Highest number of a row within its run. */
export const lastNumber = runFactor - 1;

export function rowId(sequence: Pick<Sequence, 'run' | 'number'>): number {
  return sequence.run * runFactor + sequence.number;
}

export function runOf(id: number): number {
  return Math.floor(id / runFactor);
}

export function numberOf(id: number): number {
  return id % runFactor;
}

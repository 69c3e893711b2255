/**
 * Brings unsettled messages (back) to the queue: at start all of them, later those that a lost queue or a died worker
 * left behind. Only so many ids are on the way at a time, so that a backlog of a million needs no more memory.
 */

import type { QueuePort } from '../queue/queue-port.js';
import type { ArchivePort, ArchiveRow } from '../store/archive-port.js';

const pageSize = 2000;

export interface SweepOptions {
  /** Ids in the queue above which the sweep waits. */
  readonly most: number;
  /** Resolves after some time; the sweep looks at the queue again then. */
  wait(): Promise<void>;
  /** True when the sweep is to end early. */
  stopped(): boolean;
}

/** Enqueues every unsettled message of a known tenant once. Resolves how many there were. */
export async function sweep(
  archive: Pick<ArchivePort, 'unsettled'>,
  queue: Pick<QueuePort, 'enqueue' | 'depth'>,
  options: SweepOptions,
): Promise<number> {
  let count = 0;
  let after: ArchiveRow['sequence'] | undefined;
  while (!options.stopped()) {
    const rows = await archive.unsettled(pageSize, after);
    if (rows.length === 0) break;
    await queue.enqueue(
      rows.flatMap(({ tenant, partition, sequence }) => (tenant === null ? [] : [{ tenant, partition, sequence }])),
    );
    count += rows.length;
    after = rows.at(-1)?.sequence;
    while (!options.stopped() && (await queue.depth()) > options.most) await options.wait();
  }
  return count;
}

/** Rows that a look at the stragglers goes through at most. */
const mostLooked = 100_000;

/**
 * Enqueues messages that arrived before `before` (epoch ms) and are still unsettled, while others keep the queue busy: those
 * that it holds already stay where they are in it. `underWay` tells which are just being worked on. Resolves how many were old.
 */
export async function sweepStragglers(
  archive: Pick<ArchivePort, 'unsettled'>,
  queue: Pick<QueuePort, 'enqueue'>,
  before: number,
  underWay: (sequence: ArchiveRow['sequence']) => boolean,
): Promise<number> {
  let count = 0;
  let after: ArchiveRow['sequence'] | undefined;
  while (count < mostLooked) {
    const rows = await archive.unsettled(pageSize, after);
    const old = rows.filter(({ sequence }) => sequence.arrival < before);
    const lost = old.filter(({ sequence }) => !underWay(sequence));
    await queue.enqueue(
      lost.flatMap(({ tenant, partition, sequence }) => (tenant === null ? [] : [{ tenant, partition, sequence }])),
    );
    count += old.length;
    if (rows.length < pageSize || old.length < rows.length) break;
    after = rows.at(-1)?.sequence;
  }
  return count;
}

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

/**
 * Brings unsettled messages (back) to the queue: at start all of them, later those that a lost queue or a died worker
 * left behind. Only so many ids are on the way at a time, so that a backlog of a million needs no more memory.
 */

import { sequenceName } from '../core/stamp.js';
import type { QueuePort, WorkItem } from '../queue/queue-port.js';
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
    await queue.enqueue(workOf(rows));
    count += rows.length;
    after = rows.at(-1)?.sequence;
    while (!options.stopped() && (await queue.depth()) > options.most) await options.wait();
  }
  return count;
}

/** Rows that a look at the stragglers goes through at most. */
const mostLooked = 100_000;

/**
 * Enqueues what is unsettled now and was already when it was looked before (`known`), while others keep the queue busy: what
 * that holds already stays where it is in it. Two looks instead of a time of arrival: clocks of hosts differ, and jump. `underWay`
 * tells what this process is just working on. Resolves what was unsettled, for the next look.
 */
export async function sweepStragglers(
  archive: Pick<ArchivePort, 'unsettled'>,
  queue: Pick<QueuePort, 'enqueue'>,
  known: ReadonlySet<string>,
  underWay: (sequence: ArchiveRow['sequence']) => boolean,
): Promise<ReadonlySet<string>> {
  const unsettled = new Set<string>();
  let after: ArchiveRow['sequence'] | undefined;
  while (unsettled.size < mostLooked) {
    const rows = await archive.unsettled(pageSize, after);
    for (const { sequence } of rows) unsettled.add(sequenceName(sequence));
    const left = rows.filter(({ sequence }) => known.has(sequenceName(sequence)) && !underWay(sequence));
    if (left.length > 0) await queue.enqueue(workOf(left));
    if (rows.length < pageSize) break;
    after = rows.at(-1)?.sequence;
  }
  return unsettled;
}

function workOf(rows: readonly ArchiveRow[]): WorkItem[] {
  return rows.flatMap(({ tenant, partition, sequence }) => (tenant === null ? [] : [{ tenant, partition, sequence }]));
}

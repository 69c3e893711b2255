import type { Sequence } from '../core/stamp.js';

/** Work to do: the place of a message, never the message. */
export interface WorkItem {
  readonly tenant: string;
  readonly partition: number;
  readonly sequence: Pick<Sequence, 'run' | 'number'>;
}

export interface WorkBatch {
  readonly tenant: string;
  readonly partition: number;
  /** In archive order, without doubles. */
  readonly sequences: readonly Pick<Sequence, 'run' | 'number'>[];
}

/**
 * Hands out work. One batch per partition is under way at a time across all workers; a batch whose handler rejects is
 * handed out again after a capped backoff, and stops no other partition. Losing the queue loses time, not messages.
 */
export interface QueuePort {
  enqueue(items: readonly WorkItem[]): Promise<void>;
  /** Starts handing out batches of at most `batchSize`, fewer where they take long. Resolves when consuming has begun. */
  consume(
    handler: (batch: WorkBatch) => Promise<void>,
    options: { readonly batchSize: number; readonly concurrency: number },
  ): Promise<void>;
  /** Items waiting or under way. */
  depth(): Promise<number>;
  /**
   * True when items may have been lost since it was asked before, by whichever process: what is unsettled is to be enqueued
   * again. False when it is asked for the first time.
   */
  lost(): Promise<boolean>;
  /** Format of what waits, and the newest that this program reads; undefined where nothing outlives the process. */
  format(): Promise<{ readonly found: number; readonly known: number } | undefined>;
  /** Stops handing out and waits for batches under way. */
  close(): Promise<void>;
}

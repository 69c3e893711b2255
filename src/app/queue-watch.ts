import type { Metrics } from '../core/metrics.js';
import type { QueuePort } from '../queue/queue-port.js';

export interface QueueWatch {
  /** Whether the queue answered when it was asked last. */
  answers(): boolean;
  /** Asks it how much waits, and counts that. @throws Fault `store-unavailable` where it does not answer */
  look(): Promise<void>;
}

/**
 * A queue that does not answer stops transforming and nothing else: messages are archived and acknowledged, and apps get what
 * there is. So only a process that does nothing but transform is not ready then; of the others a metric tells.
 */
export function watchQueue(
  queue: Pick<QueuePort, 'depth'>,
  metrics: Pick<Metrics, 'queueDepth' | 'queueAnswers'>,
): QueueWatch {
  let answers = true;
  return {
    answers: () => answers,
    async look() {
      try {
        metrics.queueDepth.set({}, await queue.depth());
        answers = true;
      } catch (error) {
        answers = false;
        throw error;
      } finally {
        metrics.queueAnswers.set({}, answers ? 1 : 0);
      }
    },
  };
}

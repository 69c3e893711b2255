import type { ThreadEvents } from '../core/kept-thread.js';
import type { Log } from '../core/log.js';
import type { Metrics } from '../core/metrics.js';

/** One of the program's threads, as `status` shows it. */
export interface ThreadState {
  readonly name: string;
  /** False while a fresh one is being started. */
  readonly running: boolean;
  /** How often one ended by itself since the program started. */
  readonly ended: number;
}

export interface ThreadStates {
  /** Watches a thread of this name, which counts as running. */
  watch(name: string): ThreadEvents;
  allRunning(): boolean;
  list(): readonly ThreadState[];
}

/** Keeps count of threads that ended by themselves, and says when one did and when a fresh one works. */
export function threadStates(log: Log, metrics: Pick<Metrics, 'threadsEnded'>): ThreadStates {
  const states = new Map<string, { running: boolean; ended: number }>();
  return {
    watch(name) {
      const state = { running: true, ended: 0 };
      states.set(name, state);
      return {
        lost(error, times) {
          state.running = false;
          state.ended++;
          metrics.threadsEnded.add({ thread: name });
          log.error('a thread has ended by itself and is started anew', { part: name, count: times, error });
        },
        back() {
          state.running = true;
          log.info('a fresh thread works', { part: name });
        },
      };
    },
    allRunning: () => [...states.values()].every(({ running }) => running),
    list: () => [...states].map(([name, state]) => ({ name, ...state })),
  };
}

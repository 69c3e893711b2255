/** A replay as it is asked for and looked at from outside. */
import type { MessageFilter } from '../store/archive-port.js';
import type { ReplayWish } from './replay.js';
import type { ReplayTally } from './replay-parts.js';

/** What is asked of a replay; `patient` is an id of a Patient, or an identifier with or without `authority|` before it. */
export type ReplayRequest =
  | Exclude<ReplayWish, { kind: 'filter' }>
  | {
      readonly kind: 'filter';
      readonly filter: Omit<MessageFilter, 'limit' | 'before' | 'key'>;
      readonly patient?: string;
    };

export interface ReplayJob {
  readonly id: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly dry: boolean;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** `code: message` of what it failed with. */
  readonly error: string | undefined;
  readonly tally: ReplayTally;
}

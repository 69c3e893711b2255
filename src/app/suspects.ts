/**
 * Which messages may have killed the transform thread. A batch that was in hand twice when the thread died is tried
 * message by message; a message is parked, so that the others go on, when it was in hand three times, twice of them alone.
 */
import { sequenceName } from '../core/stamp.js';
import type { MessageName } from './transform-service.js';

/** What a fresh thread is told. Messages by name (`run-number`). */
export interface Suspicion {
  /** To be applied each for itself. */
  readonly alone: ReadonlySet<string>;
  /** Not to be tried any more. */
  readonly park: ReadonlySet<string>;
}

const deathsBeforeAlone = 2;
const deathsBeforeParked = { together: 3, alone: 2 };

export class Suspects {
  /** How often each was in hand, and how often alone, when the thread died. */
  readonly #deaths = new Map<string, { readonly together: number; readonly alone: number }>();

  /** The thread died with these messages in hand. */
  died(inHand: readonly MessageName[]): void {
    for (const message of inHand) {
      const name = sequenceName(message);
      const before = this.#deaths.get(name) ?? { together: 0, alone: 0 };
      const { together, alone } = before;
      this.#deaths.set(name, { together: together + 1, alone: alone + (inHand.length === 1 ? 1 : 0) });
    }
  }

  /** These messages are settled: nothing is held against them. */
  settled(messages: readonly MessageName[]): void {
    if (this.#deaths.size === 0) return;
    for (const message of messages) this.#deaths.delete(sequenceName(message));
  }

  suspicion(): Suspicion {
    const alone = new Set<string>();
    const park = new Set<string>();
    for (const [name, deaths] of this.#deaths) {
      if (deaths.together >= deathsBeforeParked.together && deaths.alone >= deathsBeforeParked.alone) park.add(name);
      else if (deaths.together >= deathsBeforeAlone) alone.add(name);
    }
    return { alone, park };
  }
}

/**
 * Applies mapped messages to a tenant's documents: read, join by stamp, compose, compare-and-set, and again where
 * another writer was there first (convergence.md). The result depends on the set of messages, not on their order.
 */
import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import type { DocumentStore } from '../store/resource-port.js';
import { applyMessage, type Made, type MessageContributions } from './compose-set.js';
import { WorkingSet } from './working-set.js';
import { writeSet } from './write-set.js';

export interface ApplyOptions {
  readonly clock: Clock;
  /** Reads and writes this many times at most. */
  readonly rounds: number;
}

/**
 * Applies messages of one tenant. Resolves, per message, what it made, when all of it is durable.
 * @throws Fault `store-unavailable` when the store is, and when other writers won every round: the batch may be tried again
 */
export async function applyMessages(
  resources: DocumentStore,
  tenant: string,
  messages: readonly MessageContributions[],
  options: ApplyOptions,
): Promise<Made[][]> {
  const contributions = messages.flatMap((message) => message.contributions);
  const made = messages.map(() => new Map<string, Made>());
  let noted = false;
  for (let round = 0; round < options.rounds; round++) {
    if (round > 2) await stepAside(round);
    const set = await WorkingSet.read(resources, tenant, contributions);
    messages.forEach((message, index) => {
      for (const one of applyMessage(set, message, options.clock.now())) {
        const name = `${one.type}/${one.id}`;
        const before = made[index]?.get(name);
        if (before === undefined || one.version > before.version) made[index]?.set(name, one);
      }
    });
    if (!(await writeSet(set))) continue;
    if (noted || !set.hasSnapshots) return made.map((ofMessage) => [...ofMessage.values()]);
    // a list that a snapshot replaces is read once more after it is noted: an item may have come in between
    noted = true;
  }
  throw fault('store-unavailable', 'other writers changed the same documents in every round');
}

/** Waits a little, by chance, so that writers who met do not meet again. */
function stepAside(round: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50, 2 ** round)));
}

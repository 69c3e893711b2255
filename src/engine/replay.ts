/** A replay: messages asked for, and with them everything that rests on the same documents, under the mapping of today. */
import { fault } from '../core/errors.js';
import type { Sequence } from '../core/stamp.js';
import type { MessageFilter, MessageSummary } from '../store/archive-port.js';
import { breathe, messagesOf, type ReplayParts, type ReplayTally } from './replay-parts.js';
import { Rebuild } from './replay-rebuild.js';
import { StillUnsettled } from './still-unsettled.js';

/** What is to be replayed. */
export type ReplayWish =
  | { readonly kind: 'messages'; readonly messages: readonly Pick<Sequence, 'run' | 'number'>[] }
  /** All that pass; parked ones only when their state is asked for. */
  | { readonly kind: 'filter'; readonly filter: Omit<MessageFilter, 'limit' | 'before'> }
  /** The whole tenant, with what every partition writes. Parked messages stay aside. */
  | { readonly kind: 'tenant'; readonly tenant: string };

const mostRemappings = 5;

/**
 * Rebuilds, link class by link class, what the messages touch; counts in `tally` as it goes. Safe to end at any point:
 * what is written stays right, and the same replay again ends the same. Memory is bounded by a page of messages and of
 * documents, however long a record is; what is known of a class lies in the scratch.
 * @throws Fault `conflict` when stopped, `not-found` for an unknown tenant, and what the stores throw
 */
export async function replay(given: ReplayParts, wish: ReplayWish, tally: ReplayTally): Promise<void> {
  const stillUnsettled = given.others === undefined || given.dry ? undefined : new StillUnsettled(given.archive);
  await stillUnsettled?.expect();
  const parts = stillUnsettled === undefined ? given : { ...given, stillUnsettled };
  if (wish.kind === 'tenant') {
    await rebuild(parts, { tenant: wish.tenant, whole: true, parked: false }, [], tally);
    return;
  }
  const parked = wish.kind === 'filter' && (wish.filter.states?.includes('parked') ?? false);
  for await (const messages of asked(parts, wish, tally)) {
    await breathe(parts);
    for (const message of messages) {
      const { row, outcome } = message;
      if (parts.scratch.covered(row.sequence)) continue;
      if (row.tenant === null || row.kind !== 'message' || outcome === undefined) {
        tally.skipped += 1;
      } else if (outcome.state !== 'parked' || parked || wish.kind === 'messages') {
        await rebuild(parts, { tenant: row.tenant, whole: false, parked }, [message], tally);
      }
    }
  }
}

async function* asked(
  parts: ReplayParts,
  wish: Exclude<ReplayWish, { kind: 'tenant' }>,
  tally: ReplayTally,
): AsyncGenerator<readonly MessageSummary[]> {
  if (wish.kind === 'filter') {
    yield* messagesOf(parts.archive, wish.filter);
    return;
  }
  for (const place of wish.messages) {
    const found = await parts.archive.get(place);
    if (found === undefined) tally.skipped += 1;
    else yield [found];
  }
}

async function rebuild(
  parts: ReplayParts,
  scope: { readonly tenant: string; readonly whole: boolean; readonly parked: boolean },
  messages: readonly MessageSummary[],
  tally: ReplayTally,
): Promise<void> {
  for (let round = 0; round < mostRemappings; round++) {
    parts.scratch.clear();
    if (round > 0) await parts.stillUnsettled?.expect();
    const context = parts.engine.tenant(scope.tenant);
    if (context === undefined) throw fault('not-found', `no tenant ${scope.tenant}`);
    if (await new Rebuild(parts, scope, context, tally).run(messages)) {
      parts.scratch.clear();
      return;
    }
  }
  throw fault('conflict', 'the mapping changed in every round; replay again when it stands');
}

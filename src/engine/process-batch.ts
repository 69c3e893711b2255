/**
 * One batch of a partition, all the way: read from the archive, parse, map, identify, apply, settle. A message that
 * cannot be processed is parked with its reason and stops no other; a store that is down gives the batch back whole.
 */
import type { Clock } from '../core/clock.js';
import { Fault, isTransient } from '../core/errors.js';
import { sequenceName } from '../core/stamp.js';
import type { WorkBatch } from '../queue/queue-port.js';
import type { ArchivePort, SettleOutcome } from '../store/archive-port.js';
import type { DocumentStore } from '../store/resource-port.js';
import { applyMessages } from './apply.js';
import type { Made } from './compose-set.js';
import { ending, type Prepared, type PrepareParts, prepareBatch, type ReadyMessage } from './prepare-batch.js';

export interface EngineParts extends PrepareParts {
  readonly archive: Pick<ArchivePort, 'read' | 'settle'>;
  readonly resources: DocumentStore;
  readonly clock: Clock;
}

/**
 * Processes and settles the batch. Resolves the outcomes when they are written; rejects with the store's error when that
 * is transient (the queue hands the batch out again).
 */
export async function processBatch(parts: EngineParts, batch: WorkBatch): Promise<readonly SettleOutcome[]> {
  return applyPrepared(parts, batch.tenant, await prepareBatch(parts, batch));
}

/** The second half: applies and settles what was prepared of a batch. */
export async function applyPrepared(
  parts: EngineParts,
  tenant: string,
  prepared: readonly Prepared[],
): Promise<readonly SettleOutcome[]> {
  const outcomes = new Map<Prepared, SettleOutcome>();
  const ready: ReadyMessage[] = [];
  for (const one of prepared) {
    if ('outcome' in one) outcomes.set(one, one.outcome);
    else ready.push(one);
  }
  await applyReady(parts, tenant, ready, (one, made) => outcomes.set(one, outcomeOf(tenant, one, made)));
  const settled = prepared.flatMap((one) => outcomes.get(one) ?? []);
  if (settled.length > 0) await parts.archive.settle(settled);
  return settled;
}

/** Applies all at once; where that fails for good, one by one, so that only the message at fault is parked. */
async function applyReady(
  parts: EngineParts,
  tenant: string,
  ready: readonly ReadyMessage[],
  done: (one: ReadyMessage, result: Made[] | Fault) => void,
): Promise<void> {
  if (ready.length === 0) return;
  try {
    const options = { clock: parts.clock, rounds: 20 };
    const made = await applyMessages(
      parts.resources,
      tenant,
      ready.map((one) => one.message),
      options,
    );
    for (const [index, one] of ready.entries()) done(one, made[index] ?? []);
  } catch (error) {
    if (isTransient(error)) throw error;
    if (ready.length > 1) {
      for (const one of ready) await applyReady(parts, tenant, [one], done);
      return;
    }
    const [one] = ready;
    if (one === undefined) return;
    const name = sequenceName(one.sequence);
    parts.log.error('a message could not be applied', { sequence: name, tenant, error });
    done(one, error instanceof Fault ? error : new Fault('message-failed', 'applying it failed', { cause: error }));
  }
}

function outcomeOf(tenant: string, { sequence, message, keys }: ReadyMessage, result: Made[] | Fault): SettleOutcome {
  const { stamp } = message;
  const failed = result instanceof Fault;
  return {
    ...ending(tenant, sequence, failed ? 'parked' : 'applied', failed ? `${result.code}: ${result.message}` : ''),
    eventTime: stamp.time,
    authority: stamp.authority,
    mappingVersion: stamp.mappingVersion,
    keys,
    made: failed ? [] : result,
  };
}

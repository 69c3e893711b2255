/**
 * One batch of a partition, all the way: read from the archive, parse, map, identify, apply, settle. A message that
 * cannot be processed is parked with its reason and stops no other; a store that is down gives the batch back whole.
 */
import type { Clock } from '../core/clock.js';
import { Fault, isTransient } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { type Stamp, sequenceName } from '../core/stamp.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { type Hl7Message, isParseFault, parseMessage } from '../hl7/message.js';
import type { MappedMessage } from '../mapping/draft.js';
import type { WorkBatch } from '../queue/queue-port.js';
import type { ArchivePort, ArchiveRow, SettleOutcome } from '../store/archive-port.js';
import type { DocumentStore } from '../store/resource-port.js';
import { applyMessages } from './apply.js';
import { authorityRank } from './authority-rank.js';
import type { Made, MessageContributions } from './compose-set.js';
import { contributionsOf, type IdentifiedDraft, type Names } from './contribution.js';
import { stampTime } from './event-time.js';
import type { MapOptions, Mapper } from './mapper.js';
import { messageKeys } from './message-keys.js';

/** Settings of a listener that reach into mapping. */
export interface SourceProfile {
  readonly charset?: string;
  readonly zone?: string;
  readonly authority: Readonly<Record<string, number>>;
  readonly snapshot: readonly string[];
}

export interface TenantContext {
  readonly settings: TenantSettings;
  readonly names: Names;
  readonly mapper: Mapper;
}

export interface EngineParts {
  readonly archive: Pick<ArchivePort, 'read' | 'settle'>;
  readonly resources: DocumentStore;
  /** Undefined for a tenant that is not (or no longer) registered: its messages are parked. */
  tenant(id: string): TenantContext | undefined;
  profile(listener: string): SourceProfile;
  readonly clock: Clock;
  readonly log: Log;
}

type ReadRow = ArchiveRow & { readonly payload: Uint8Array };

/** A message ready to apply, or its end where it does not come so far. */
type Prepared =
  | {
      readonly row: ReadRow;
      readonly mapped: MappedMessage;
      readonly message: MessageContributions;
      readonly keys: string[];
    }
  | { readonly row: ReadRow; readonly outcome: SettleOutcome };

/**
 * Processes and settles the batch. Resolves the outcomes when they are written; rejects with the store's error when that
 * is transient (the queue hands the batch out again).
 */
export async function processBatch(parts: EngineParts, batch: WorkBatch): Promise<readonly SettleOutcome[]> {
  const rows = await parts.archive.read(batch.sequences);
  const prepared = rows.filter((row) => row.tenant === batch.tenant).map((row) => prepare(parts, batch.tenant, row));
  const outcomes = new Map<ReadRow, SettleOutcome>();
  const ready: Extract<Prepared, { mapped: MappedMessage }>[] = [];
  for (const one of prepared) {
    if ('outcome' in one) outcomes.set(one.row, one.outcome);
    else ready.push(one);
  }
  await applyReady(parts, batch.tenant, ready, (one, made) => outcomes.set(one.row, outcomeOf(one, made)));
  const settled = rows.flatMap((row) => outcomes.get(row) ?? []);
  if (settled.length > 0) await parts.archive.settle(settled);
  return settled;
}

type Ready = Extract<Prepared, { mapped: MappedMessage }>;

/** Applies all at once; where that fails for good, one by one, so that only the message at fault is parked. */
async function applyReady(
  parts: EngineParts,
  tenant: string,
  ready: readonly Ready[],
  done: (one: Ready, result: Made[] | Fault) => void,
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
    const name = sequenceName(one.row.sequence);
    parts.log.error('a message could not be applied', { sequence: name, tenant, error });
    done(one, error instanceof Fault ? error : new Fault('message-failed', 'applying it failed', { cause: error }));
  }
}

/** Parses, maps and identifies one row. Never throws: what fails here fails for this message alone. */
function prepare(parts: EngineParts, tenant: string, row: ReadRow): Prepared {
  const park = (reason: string): Prepared => ({ row, outcome: ending(tenant, row, 'parked', reason) });
  const context = parts.tenant(tenant);
  if (context === undefined) return park('not-found: the tenant is not registered');
  const profile = parts.profile(row.listener);
  try {
    const decoded = decodeMessage(Buffer.from(row.payload), profile.charset);
    if (isCharsetFault(decoded)) return park(`message-unreadable: ${decoded.fault}`);
    const message = parseMessage(decoded.text, decoded.decodeBytes);
    if (isParseFault(message)) return park(`message-unreadable: ${message.fault}, line ${message.line}`);
    const { mapped, identified } = context.mapper.map(message, mapOptions(context, profile, row), context.names);
    if (mapped.outcome === 'mapped') {
      const { time } = stampTime(mapped.eventTime, row.sequence.arrival);
      const stamp: Stamp = {
        authority: authorityRank(message.header.value(9, 1, 1), profile.authority),
        time,
        sequence: row.sequence,
        mappingVersion: context.mapper.version,
      };
      if (!hasPatient(message, identified))
        return park('message-without-patient: PID-3 has no identifier that identifies a patient');
      const contributions = contributionsOf(
        identified,
        mapped.facts,
        {
          sender: mapped.sender,
          stamp,
          snapshots: mapped.snapshots.filter(({ rule }) =>
            profile.snapshot.some((name) => rule.startsWith(`${name}[`)),
          ),
        },
        context.names,
      );
      return { row, mapped, message: { stamp, contributions }, keys: messageKeys(contributions) };
    }
    const outcome = ending(tenant, row, mapped.outcome, mapped.reason, context.mapper.version);
    const patients = context.mapper.patients(message, mapOptions(context, profile, row), context.names);
    return { row, outcome: { ...outcome, keys: patients.map((id) => `Patient/${id}`) } };
  } catch (error) {
    if (error instanceof Fault) return park(`${error.code}: ${error.message}`);
    parts.log.error('a message could not be mapped', {
      sequence: sequenceName(row.sequence),
      tenant,
      error,
    });
    return park('message-failed: mapping it failed');
  }
}

function mapOptions(context: TenantContext, profile: SourceProfile, row: ReadRow): MapOptions {
  return {
    tenant: context.settings,
    arrival: row.sequence.arrival,
    ...(profile.zone === undefined ? {} : { zone: profile.zone }),
  };
}

/** False for a message that speaks of a patient but does not say which. */
function hasPatient(message: Hl7Message, identified: readonly IdentifiedDraft[]): boolean {
  return message.first('PID') === undefined || identified.some(({ draft }) => draft.type === 'Patient');
}

function ending(
  tenant: string,
  row: ReadRow,
  state: SettleOutcome['state'],
  reason: string,
  mappingVersion = 0,
): SettleOutcome {
  return {
    tenant,
    sequence: row.sequence,
    state,
    reason,
    eventTime: row.sequence.arrival,
    authority: 0,
    mappingVersion,
    keys: [],
    made: [],
  };
}

function outcomeOf(one: Ready, result: Made[] | Fault): SettleOutcome {
  const { stamp } = one.message;
  const failed = result instanceof Fault;
  return {
    ...ending(
      one.row.tenant ?? '',
      one.row,
      failed ? 'parked' : 'applied',
      failed ? `${result.code}: ${result.message}` : '',
    ),
    eventTime: stamp.time,
    authority: stamp.authority,
    mappingVersion: stamp.mappingVersion,
    keys: one.keys,
    made: failed ? [] : result,
  };
}

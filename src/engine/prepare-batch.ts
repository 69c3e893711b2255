/**
 * The first half of a batch's way: read from the archive, parse, map, identify. It changes nothing, so that any thread may do
 * it, and again. A message that cannot be mapped is to be parked with its reason and stops no other.
 */
import { Fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { type Sequence, type Stamp, sequenceName } from '../core/stamp.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { type Hl7Message, isParseFault, parseMessage } from '../hl7/message.js';
import type { WorkBatch } from '../queue/queue-port.js';
import type { ArchivePort, ArchiveRow, SettleOutcome } from '../store/archive-port.js';
import { authorityRank } from './authority-rank.js';
import type { MessageContributions } from './compose-set.js';
import { contributionsUnder, type IdentifiedDraft, type Names } from './contribution.js';
import { stampTime } from './event-time.js';
import type { MapOptions, Mapper } from './mapper.js';
import { messageKeys } from './message-keys.js';
import { stampsOf } from './message-stamps.js';
import { type MessageMemory, type Said, sayAgain } from './repeated-messages.js';

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
  /** What messages said under these settings and this mapping; where there is none, each is mapped. */
  readonly memory?: MessageMemory;
}

export interface PrepareParts {
  readonly archive: Pick<ArchivePort, 'read'>;
  /** Undefined for a tenant that is not (or no longer) registered: its messages are parked. */
  tenant(id: string): TenantContext | undefined;
  profile(listener: string): SourceProfile;
  readonly log: Log;
}

/** A message that can be applied. */
export interface ReadyMessage {
  readonly sequence: Sequence;
  readonly message: MessageContributions;
  /** What it is found by again, see `messageKeys`. */
  readonly keys: readonly string[];
  /** It says what one before it said, and was not mapped. */
  readonly repeated?: true;
}

/** A message ready to apply, or its end where it does not come so far. */
export type Prepared = ReadyMessage | (Pick<ReadyMessage, 'repeated'> & { readonly outcome: SettleOutcome });

/** Prepares the messages of a batch. Rejects with the archive's error when that cannot be read. */
export async function prepareBatch(parts: PrepareParts, batch: WorkBatch): Promise<Prepared[]> {
  const rows = await parts.archive.read(batch.sequences);
  return rows.filter((row) => row.tenant === batch.tenant).map((row) => prepare(parts, batch.tenant, row));
}

type ReadRow = ArchiveRow & { readonly payload: Uint8Array };

/** A row's message, and all that decides what it says. */
interface Readable {
  readonly tenant: string;
  readonly row: ReadRow;
  readonly context: TenantContext;
  readonly profile: SourceProfile;
  readonly message: Hl7Message;
  readonly options: MapOptions;
}

/** Parses, maps and identifies one row. Never throws: what fails here fails for this message alone. */
function prepare(parts: PrepareParts, tenant: string, row: ReadRow): Prepared {
  const park = (reason: string): Prepared => ({ outcome: ending(tenant, row.sequence, 'parked', reason) });
  const context = parts.tenant(tenant);
  if (context === undefined) return park('not-found: the tenant is not registered');
  const profile = parts.profile(row.listener);
  try {
    const decoded = decodeMessage(Buffer.from(row.payload), profile.charset);
    if (isCharsetFault(decoded)) return park(`message-unreadable: ${decoded.fault}`);
    const message = parseMessage(decoded.text, decoded.decodeBytes);
    if (isParseFault(message)) return park(`message-unreadable: ${message.fault}, line ${message.line}`);
    const readable = { tenant, row, context, profile, message, options: mapOptions(context, profile, row) };
    const sight = context.memory?.look(message, `${decoded.charset} ${profileText(profile)}`);
    const again = sight?.said === undefined ? undefined : repeated(readable, sight.said);
    if (again !== undefined) return again;
    const said = mapped(readable);
    if (said === undefined) return park('message-without-patient: PID-3 has no identifier that identifies a patient');
    sight?.keep(said);
    if (said.kind === 'ended') return { outcome: said.outcome };
    const { contributions, keys, stamps } = said;
    return { sequence: row.sequence, message: { stamp: stamps.exact, contributions }, keys };
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

/** Maps a message; undefined where it speaks of a patient and does not say which. */
function mapped(readable: Readable): Said | undefined {
  const { tenant, row, context, profile, message, options } = readable;
  const { mapper, names } = context;
  const { mapped, identified } = mapper.map(message, options, names);
  if (mapped.outcome !== 'mapped') {
    const outcome = ending(tenant, row.sequence, mapped.outcome, mapped.reason, mapper.version);
    const patients = mapper.patients(message, options, names);
    return { kind: 'ended', outcome: { ...outcome, keys: patients.map((id) => `Patient/${id}`) } };
  }
  if (!hasPatient(message, identified)) return undefined;
  const stamps = stampsOf(stampOf(readable, mapped.eventTime));
  let time: number | undefined;
  const statement = {
    ...{ sender: mapped.sender, stamps },
    snapshots: mapped.snapshots.filter(({ rule }) => profile.snapshot.some((name) => rule.startsWith(`${name}[`))),
    time(): number {
      time = stamps.exact.time;
      return time;
    },
  };
  const contributions = contributionsUnder(identified, mapped.facts, statement, names);
  return { kind: 'mapped', contributions, stamps, keys: messageKeys(contributions), time };
}

/** A message that says what one before it said; undefined where its time is part of that, and is another. */
function repeated(readable: Readable, said: Said): Prepared | undefined {
  const { context, row, message, options } = readable;
  const { sequence } = row;
  if (said.kind === 'ended') {
    return { outcome: { ...said.outcome, sequence, eventTime: sequence.arrival }, repeated: true };
  }
  const stamp = stampOf(readable, context.mapper.eventTime(message, options));
  const contributions = sayAgain(said, stamp);
  if (contributions === undefined) return undefined;
  return { sequence, message: { stamp, contributions }, keys: said.keys, repeated: true };
}

function stampOf({ context, profile, row, message }: Readable, eventTime: number | undefined): Stamp {
  return {
    authority: authorityRank(message.header.value(9, 1, 1), profile.authority),
    time: stampTime(eventTime, row.sequence.arrival).time,
    sequence: row.sequence,
    mappingVersion: context.mapper.version,
  };
}

function mapOptions(context: TenantContext, profile: SourceProfile, row: ReadRow): MapOptions {
  return {
    tenant: context.settings,
    arrival: row.sequence.arrival,
    ...(profile.zone === undefined ? {} : { zone: profile.zone }),
  };
}

/** Texts of profiles: what is not the same is another profile's. */
const profileTexts = new WeakMap<SourceProfile, string>();

function profileText(profile: SourceProfile): string {
  let text = profileTexts.get(profile);
  if (text === undefined) {
    text = JSON.stringify(profile);
    profileTexts.set(profile, text);
  }
  return text;
}

/** False for a message that speaks of a patient but does not say which. */
function hasPatient(message: Hl7Message, identified: readonly IdentifiedDraft[]): boolean {
  return message.first('PID') === undefined || identified.some(({ draft }) => draft.type === 'Patient');
}

/** An outcome that says nothing but how it ended, and why. */
export function ending(
  tenant: string,
  sequence: Sequence,
  state: SettleOutcome['state'],
  reason: string,
  mappingVersion = 0,
): SettleOutcome {
  return {
    tenant,
    sequence,
    state,
    reason,
    eventTime: sequence.arrival,
    authority: 0,
    mappingVersion,
    keys: [],
    made: [],
  };
}

/** What another mapping would make of a message: element by element against the one that is live. Nothing is stored. */
import { canonicalJson, type Json, type JsonObject } from '../core/json.js';
import { sequenceName } from '../core/stamp.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import { type Hl7Message, isParseFault, parseMessage } from '../hl7/message.js';
import type { DraftElement, MappedMessage } from '../mapping/draft.js';
import type { ArchiveRow } from '../store/archive-port.js';
import { authorityRank } from './authority-rank.js';
import { composeAlone } from './compose-document.js';
import { type Contribution, contributionsOf } from './contribution.js';
import { type ElementDifference, elementDifferences } from './element-difference.js';
import { stampTime } from './event-time.js';
import type { Mapper } from './mapper.js';
import type { SourceProfile, TenantContext } from './prepare-batch.js';
import { parseKey } from './register-key.js';

/** An element with the rules that make it, or made it, otherwise; empty where no rule names it (a visit's status). */
export interface RuledDifference extends ElementDifference {
  readonly rules: readonly string[];
}

export interface MessageDifference {
  /** `run-number`. */
  readonly message: string;
  /** MSH-9 as sent. */
  readonly type: string;
  readonly before: MappingEnd;
  readonly after: MappingEnd;
  readonly resources: readonly {
    readonly reference: string;
    readonly change: 'created' | 'changed' | 'removed';
    readonly elements: readonly RuledDifference[];
  }[];
  /** Ids of the patients that the message speaks of. */
  readonly patients: readonly string[];
}

/** How mapping a message ends, and by what (a filter's rule, a missing structure). */
interface MappingEnd {
  readonly outcome: MappedMessage['outcome'] | 'unreadable';
  readonly reason: string;
}

interface Side extends MappingEnd {
  readonly resources: ReadonlyMap<string, MadeResource>;
  readonly patients: readonly string[];
}

interface MadeResource {
  readonly shows: JsonObject | null;
  /** What the message says of who is who by this document. */
  readonly identity: JsonObject;
  readonly elements: readonly DraftElement[];
}

/** Undefined when both make the same of it. Ids are the tenant's own, so that resources can be looked up. */
export function compareMappings(
  before: Mapper,
  after: Mapper,
  context: Pick<TenantContext, 'settings' | 'names'>,
  profile: SourceProfile,
  row: ArchiveRow & { readonly payload: Uint8Array },
): MessageDifference | undefined {
  const decoded = decodeMessage(Buffer.from(row.payload), profile.charset);
  // no mapping makes anything of it
  if (isCharsetFault(decoded)) return undefined;
  const message = parseMessage(decoded.text, decoded.decodeBytes);
  if (isParseFault(message)) return undefined;
  const old = sideOf(before, context, profile, row, message);
  const young = sideOf(after, context, profile, row, message);
  const resources = [...new Set([...old.resources.keys(), ...young.resources.keys()])].flatMap((reference) => {
    const [a, b] = [old.resources.get(reference), young.resources.get(reference)];
    const elements = differencesOf(a, b);
    if (elements.length === 0 && (a === undefined) === (b === undefined)) return [];
    const change = a === undefined ? 'created' : b === undefined ? 'removed' : 'changed';
    return [{ reference, change, elements } as const];
  });
  if (resources.length === 0 && old.outcome === young.outcome && old.reason === young.reason) return undefined;
  return {
    message: sequenceName(row.sequence),
    type: row.type,
    before: { outcome: old.outcome, reason: old.reason },
    after: { outcome: young.outcome, reason: young.reason },
    resources,
    patients: [...new Set([...old.patients, ...young.patients])],
  };
}

function sideOf(
  mapper: Mapper,
  { settings, names }: Pick<TenantContext, 'settings' | 'names'>,
  profile: SourceProfile,
  { sequence }: ArchiveRow,
  message: Hl7Message,
): Side {
  const zone = profile.zone === undefined ? {} : { zone: profile.zone };
  const options = { tenant: settings, arrival: sequence.arrival, ...zone };
  const { mapped, identified } = mapper.map(message, options, names);
  const { time } = stampTime(mapped.eventTime, sequence.arrival);
  const authority = authorityRank(message.header.value(9, 1, 1), profile.authority);
  const stamp = { authority, time, sequence, mappingVersion: 0 };
  const contributions = contributionsOf(identified, mapped.facts, { sender: mapped.sender, stamp }, names);
  const elements = new Map(identified.map(({ draft, id }) => [`${draft.type}/${id}`, draft.elements]));
  const resources = new Map(
    contributions.map((contribution): [string, MadeResource] => {
      const { type, id, registers } = contribution;
      const reference = `${type}/${id}`;
      const shows = composeAlone(type, id, registers).resource;
      return [reference, { shows, identity: identityOf(contribution), elements: elements.get(reference) ?? [] }];
    }),
  );
  const patients = [...resources.keys()].filter((name) => name.startsWith('Patient/')).map((name) => name.slice(8));
  return {
    outcome: mapped.outcome,
    reason: mapped.reason,
    resources,
    patients: patients.length > 0 ? patients : mapper.patients(message, options, names),
  };
}

const identityWords = { link: 'linked', merged: 'mergedInto', absorbed: 'mergedFrom' } as const;

/** Links, merges and moves as members, which a resource of its own message does not show. */
function identityOf({ registers }: Contribution): JsonObject {
  const identity: JsonObject = {};
  for (const [name, { value }] of registers) {
    if (!name.startsWith('~')) continue;
    const key = parseKey(name);
    if (key.kind === 'link' || key.kind === 'merged' || key.kind === 'absorbed') {
      identity[`(${identityWords[key.kind]} ${key.other})`] = value;
    } else if (key.kind === 'moved' || key.kind === 'gone') identity[`(${key.kind})`] = value;
  }
  return identity;
}

function differencesOf(a: MadeResource | undefined, b: MadeResource | undefined): RuledDifference[] {
  const [old, young] = [a?.elements ?? [], b?.elements ?? []];
  const identity = elementDifferences(a?.identity ?? null, b?.identity ?? null);
  return [
    ...elementDifferences(a?.shows ?? null, b?.shows ?? null).map((difference) => ({
      ...difference,
      rules: rulesOf(difference.path, old, young),
    })),
    ...identity.map((difference) => ({ ...difference, rules: [] })),
  ];
}

/** The rules that say something else of the element now; where none does, all that speak of it. */
function rulesOf(path: string, old: readonly DraftElement[], young: readonly DraftElement[]): string[] {
  const place = path.replaceAll(/\[\d+\]/g, '');
  const [a, b] = [old.filter((each) => speaksOf(each.path, place)), young.filter((each) => speaksOf(each.path, place))];
  const known = new Set(a.map(textOf));
  const kept = new Set(b.map(textOf));
  const changed = [...b.filter((each) => !known.has(textOf(each))), ...a.filter((each) => !kept.has(textOf(each)))];
  return [...new Set((changed.length > 0 ? changed : [...b, ...a]).map(({ rule }) => rule))];
}

function speaksOf(path: string, place: string): boolean {
  if (path.endsWith('[x]')) return place.startsWith(path.slice(0, -3));
  return place === path || place.startsWith(`${path}.`) || path.startsWith(`${place}.`);
}

function textOf({ rule, path, item, value }: DraftElement): string {
  const text: Json = [rule, path, item, value];
  return canonicalJson(text);
}

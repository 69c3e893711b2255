/**
 * What moves from an embedded installation to one in MongoDB: rows as neither of them keeps them. Every kind comes in the order of
 * its keys, so that a move that was broken off goes on behind the last key that arrived, and both sides can be compared
 * row by row.
 */
import { createHash } from 'node:crypto';
import type { SearchValue } from '../fhir/search-values.js';
import type { ArchiveRow, SettleOutcome } from './archive-port.js';
import type { MappingVersionRecord, RegistrySnapshot } from './registry-port.js';
import type { ResourceVersion, StoredDocument } from './resource-port.js';

/** An archived message. */
export interface MovedMessage {
  readonly id: number;
  readonly row: ArchiveRow;
  /** What recognises the bytes again. */
  readonly digest: Uint8Array;
  /** The bytes as they arrived; where they do not open, what stands in their place. */
  readonly payload: { readonly opened: Uint8Array } | { readonly sealed: Uint8Array };
}

/** What became of a message. */
export type MovedOutcome = Omit<SettleOutcome, 'sequence'> & { readonly id: number };

/** A process run with the numbers in it that are not settled, as ranges in order. */
export interface MovedRun {
  readonly run: number;
  readonly open: readonly (readonly [first: number, last: number])[];
}

export interface MovedDocument {
  readonly document: StoredDocument;
  readonly values: readonly SearchValue[];
  /** Edition of the code that made the values. */
  readonly edition: number;
  readonly sortDate: number | null;
  /** Characters of its JSON. */
  readonly size: number;
}

/** `place`: orders versions of one time as they were written. */
export interface MovedVersion {
  readonly version: ResourceVersion;
  readonly place: number;
  /** Characters of its JSON. */
  readonly size: number;
}

/** A record of the audit: its text, and the chain's hash behind it. */
export interface MovedRecord {
  readonly run: number;
  readonly number: number;
  readonly body: string;
  readonly chain: string;
}

/** The sealed end of a run's chain. `seal` in base64url. */
export interface MovedHead {
  readonly run: number;
  readonly number: number;
  readonly chain: string;
  readonly seal: string;
}

/** The whole registry. */
export interface MovedRegistry extends Omit<RegistrySnapshot, 'mappingVersion'> {
  /** Process runs so far. */
  readonly runs: number;
  readonly mappings: readonly MappingVersionRecord[];
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly usedIds: readonly { readonly id: string; readonly expires: number }[];
}

/** Rows of one kind where they come from. Keys ascend. */
export interface OutgoingRows<Row, Key> {
  /** How many come after a key, or of all. */
  count(after?: Key): number;
  after(key?: Key): Iterable<Row>;
  /** Bytes of a row, about. */
  size(row: Row): number;
}

/** Rows of one kind where they go to. */
export interface IncomingRows<Row, Key> {
  /** Key of the last that arrived. */
  last(): Promise<Key | undefined>;
  /** Rows that follow the last one, in order. Those that arrived already, by a write whose process was killed, are left. */
  write(rows: readonly Row[]): Promise<void>;
  /** How a row is to stand there. */
  expected(row: Row): ComparedRow;
  /** What stands there. */
  stored(): AsyncIterable<ComparedRow>;
}

/** A row for comparing. */
export interface ComparedRow {
  readonly key: number | string;
  /** Tenant and type, kind or state that it is counted under. */
  readonly tenant: string;
  readonly group: string;
  readonly hash: Uint8Array;
}

/** SHA-256 over plain data, the same for equal data: names in order, `undefined` left out, bytes and dates as they are. */
export function hashOfRow(value: unknown): Uint8Array {
  const hash = createHash('sha256');
  hash.update(canonicalText(value));
  return hash.digest();
}

function canonicalText(value: unknown): string {
  if (value instanceof Uint8Array) return `#${createHash('sha256').update(value).digest('base64')}`;
  if (value instanceof Date) return `@${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join()}}`;
  }
  // numbers may be infinite, which JSON cannot say
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

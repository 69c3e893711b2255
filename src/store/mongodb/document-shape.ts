/**
 * How documents and versions stand in the database: FHIR as BSON that a person can read in a Mongo shell, and beside it what
 * the engine and searches need. What is empty is left out.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Binary } from 'mongodb';
import type { JsonObject } from '../../core/json.js';
import type { ResourceVersion, ShownDocument, StoredDocument, Touch } from '../resource-port.js';
import type { NamedParts } from './byte-parts.js';
import type { IndexFields } from './index-fields.js';
import type { HoldsOutside, OutsideValue } from './outside-values.js';

/** Format of `resources` and `history` that this program reads and writes. What is indexed has an edition of its own. */
export const resourceFormat = 1;

/** One document of the collection `resources`. `_id` is `Type/id`. */
export interface ResourceRecord extends IndexFields {
  readonly _id: string;
  readonly format: number;
  readonly type: string;
  readonly revision: number;
  readonly version: number;
  readonly lastUpdated: number;
  readonly source: string;
  readonly hash: string;
  /** 0: shows nothing. 1: shown and found. 2: stands for another: shown by its id alone, found by nothing else. */
  readonly shown: 0 | 1 | 2;
  readonly members?: readonly string[];
  readonly standsFor?: string;
  readonly moved?: readonly string[];
  readonly patient?: string;
  readonly keyRest?: string;
  readonly sortDate?: number;
  /** Place in the default order: `sortDate`, else `lastUpdated`. */
  readonly sortKey: number;
  readonly resource: JsonObject | null;
  /** Long texts of the resource that stand beside the document. */
  readonly outside?: readonly OutsideValue[];
  /** JSON text; deflated when it is long. */
  readonly state: string | Binary;
  /** Where the deflated state stands when it is too much for the document. */
  readonly stateParts?: NamedParts;
  /** Names of all that stands outside, of the versions too: by them it is found what nobody needs. */
  readonly contents?: readonly string[];
  /** Touches of this revision, by registers; `touched` counts how often they changed, so that a write can guard itself. */
  readonly touches?: readonly StoredTouch[];
  readonly touched?: number;
  /** Versions that are not in history, oldest first: those made at this write, all at `lastUpdated` of the document. */
  readonly carried?: readonly CarriedVersion[];
}

export interface StoredTouch {
  readonly registers: string;
  readonly stamp: Touch['stamp'];
}

/** A version within its document; that of the document itself has no `resource` of its own. */
export interface CarriedVersion {
  readonly version: number;
  readonly lastUpdated: number;
  readonly source: string;
  readonly mappingVersion: number;
  /** Orders versions of equal time as they were written; grows within a resource. */
  readonly place: number;
  readonly resource?: JsonObject | null;
  readonly outside?: readonly OutsideValue[];
}

/** One document of the collection `history`. `_id` is `Type/id/version`, the version in nine digits. */
export interface VersionRecord extends Required<Omit<CarriedVersion, 'outside'>>, HoldsOutside {
  readonly _id: string;
  readonly contents?: readonly string[];
  readonly type: string;
  readonly id: string;
  /** `lastUpdated` of the write that made it: what history is ordered by. */
  readonly at: number;
}

/** Fields that `toShown` reads. */
export const shownFields = {
  type: 1,
  revision: 1,
  version: 1,
  lastUpdated: 1,
  source: 1,
  hash: 1,
  members: 1,
  standsFor: 1,
  moved: 1,
  patient: 1,
  keyRest: 1,
  resource: 1,
  outside: 1,
} as const;

/** Fields that `toDocument` reads. */
export const documentFields = { ...shownFields, state: 1, stateParts: 1, touches: 1, touched: 1 } as const;

/** Fields that `versionsOf` reads. */
export const carryingFields = { type: 1, lastUpdated: 1, resource: 1, outside: 1, carried: 1 } as const;

export type ShownRecord = Pick<ResourceRecord, '_id' | keyof typeof shownFields>;
export type DocumentRecord = Pick<ResourceRecord, '_id' | keyof typeof documentFields>;

export function nameOf(type: string, id: string): string {
  return `${type}/${id}`;
}

/** Versions of one resource stand in their order. */
export function versionName(resource: string, version: number): string {
  return `${resource}/${String(version).padStart(9, '0')}`;
}

/** The document without state and touches. */
export function toShown(record: ShownRecord): ShownDocument {
  return {
    type: record.type,
    id: record._id.slice(record.type.length + 1),
    revision: record.revision,
    resource: record.resource,
    hash: record.hash,
    version: record.version,
    lastUpdated: record.lastUpdated,
    source: record.source,
    members: record.members ?? [],
    standsFor: record.standsFor ?? '',
    moved: record.moved ?? [],
    patient: record.patient ?? '',
    keyRest: record.keyRest ?? '',
  };
}

/** Touches in the order of their registers. */
export function toDocument(record: DocumentRecord): StoredDocument {
  const shown = toShown(record);
  const { type, id, revision } = shown;
  return { ...shown, state: parseState(record.state), touches: toTouches(type, id, revision, record.touches) };
}

/** Touches of a document, in the order of their registers. */
export function toTouches(
  type: string,
  id: string,
  revision: number,
  stored: readonly StoredTouch[] = [],
): readonly Touch[] {
  return stored
    .map(({ registers, stamp }) => ({ type, id, revision, registers, stamp }))
    .sort((a, b) => (a.registers < b.registers ? -1 : 1));
}

/** What a record holds that its document does not tell. */
interface BesideDocument {
  readonly sortDate: number | undefined;
  readonly carried: readonly CarriedVersion[] | undefined;
  /** Asked of a document that is found by more than its id. */
  readonly indexes: () => IndexFields;
}

/** The record of a document, without touches. */
export function toRecord(document: StoredDocument, { sortDate, carried, indexes }: BesideDocument): ResourceRecord {
  const shown = document.resource === null ? 0 : document.standsFor === '' ? 1 : 2;
  return {
    _id: nameOf(document.type, document.id),
    format: resourceFormat,
    type: document.type,
    revision: document.revision,
    version: document.version,
    lastUpdated: document.lastUpdated,
    source: document.source,
    hash: document.hash,
    shown,
    resource: document.resource,
    ...(document.members.length === 0 ? {} : { members: document.members }),
    ...(document.standsFor === '' ? {} : { standsFor: document.standsFor }),
    ...(document.moved.length === 0 ? {} : { moved: document.moved }),
    ...(document.patient === '' ? {} : { patient: document.patient }),
    ...(document.keyRest === '' ? {} : { keyRest: document.keyRest }),
    ...(sortDate === undefined ? {} : { sortDate }),
    sortKey: sortDate ?? document.lastUpdated,
    ...(carried === undefined ? {} : { carried }),
    state: printState(document.state),
    // what shows nothing, or another document's data, is found by nothing but its id
    ...(shown === 1 ? indexes() : {}),
  };
}

const worthDeflating = 16_384;

function printState(state: JsonObject): string | Binary {
  const text = JSON.stringify(state);
  return text.length < worthDeflating ? text : new Binary(deflateRawSync(text, { level: 1 }));
}

/** The state as the engine knows it. */
export function parseState(stored: string | Binary): JsonObject {
  const text = typeof stored === 'string' ? stored : inflateRawSync(stored.buffer).toString('utf8');
  return JSON.parse(text) as JsonObject;
}

/** The versions that a document carries, as they stand in history. */
export function versionsOf(record: Pick<ResourceRecord, '_id' | keyof typeof carryingFields>): VersionRecord[] {
  const { type, lastUpdated: at } = record;
  const id = record._id.slice(type.length + 1);
  return (record.carried ?? []).map((version) => {
    const { resource, outside, ...rest } = version;
    // that of the document itself has none of its own
    const held = resource === undefined ? record : { resource, outside };
    return {
      ...{ _id: versionName(record._id, version.version), type, id, at, ...rest, resource: held.resource },
      ...(held.outside === undefined ? {} : { outside: held.outside, contents: namesOf([held.outside]) }),
    };
  });
}

/** Names of what stands outside, each once. */
export function namesOf(all: readonly (readonly NamedParts[] | undefined)[]): string[] {
  return [...new Set(all.flatMap((some) => (some ?? []).map(({ name }) => name)))];
}

export function toVersion(record: VersionRecord): ResourceVersion {
  const { type, id, version, lastUpdated, source, mappingVersion, resource } = record;
  return { type, id, version, lastUpdated, source, mappingVersion, resource };
}

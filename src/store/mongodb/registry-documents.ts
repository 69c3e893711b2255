/** Documents of the registry. */
import type { Collection, Db } from 'mongodb';
import type { JsonObject } from '../../core/json.js';

export type Kind = 'tenant' | 'client' | 'signingKey';

/** `body` null: the record goes. */
export type Change =
  | { readonly kind: Kind; readonly id: string; readonly body: JsonObject | null }
  | { readonly kind: 'mapping'; readonly id: string; readonly number: number };

/** With the generation that it made. */
export type PendingChange = Change & { readonly generation: number };

/** Where the data of an installation come from, or came from, whose owner has moved it here. */
export interface MoveOrigin {
  /** Tells that installation from others. */
  readonly source: string;
  /** Its process runs so far: more of them later tell that it has run since. */
  readonly runs: number;
  /** Epoch ms. */
  readonly begun: number;
}

export interface RegistryHead {
  readonly _id: 'head';
  readonly format: number;
  readonly generation: number;
  readonly runs: number;
  readonly mappingVersion: number;
  readonly mappingHash: string;
  readonly pending: readonly PendingChange[];
  /** While not all has arrived: nobody may work with it. */
  readonly moving?: MoveOrigin;
  readonly moved?: MoveOrigin;
}

/**
 * A record with the generation of its last change: a process that wakes up late carries nothing over what is newer. That of a record
 * that has gone stays, for the same reason, without a body.
 */
export interface StoredRecord {
  readonly _id: string;
  readonly generation: number;
  readonly body: JsonObject | null;
}

/** A set has its number once it is published; one without was left by a process that died before. */
export interface StoredMapping {
  readonly _id: string;
  readonly number: number | null;
  readonly hash: string;
  readonly publishedAt: number;
  /** JSON text: file names have dots. */
  readonly files: string;
}

export const registryFormat = 1;

export interface RegistryCollections {
  readonly head: Collection<RegistryHead>;
  readonly records: Readonly<Record<Kind, Collection<StoredRecord>>>;
  readonly mappings: Collection<StoredMapping>;
  readonly settings: Collection<{ _id: string; value: string }>;
  readonly usedIds: Collection<{ _id: string; expires: Date }>;
}

export function registryCollections(db: Db): RegistryCollections {
  return {
    head: db.collection('head'),
    records: {
      tenant: db.collection('tenants'),
      client: db.collection('clients'),
      signingKey: db.collection('signingKeys'),
    },
    mappings: db.collection('mappings'),
    settings: db.collection('settings'),
    usedIds: db.collection('usedIds'),
  };
}

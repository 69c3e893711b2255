import type { SearchValue } from '../fhir/search-values.js';
import type { ShownDocument } from './resource-port.js';

/** Name of the registry's setting that lists the editions that documents may have: JSON, a list of numbers. */
export const editionsSetting = 'search editions';

/** What a document is found by, made again by the code of an edition (`searchEdition`). */
export interface Reindexed extends Pick<ShownDocument, 'type' | 'id' | 'revision'> {
  readonly values: readonly SearchValue[];
  /** Default ordering key, epoch ms; `null` sorts as lastUpdated. */
  readonly sortDate: number | null;
  readonly edition: number;
}

/** `changed`: the document has another revision by now. `refused`: the store will never take these values. */
export type ReindexResult = 'done' | 'changed' | 'refused';

/** What is stored of a tenant. */
export interface StoredEditions {
  /** Of the tenant's file or database. */
  readonly format: { readonly found: number; readonly known: number };
  /** Documents that searches find, by the edition of their values, ascending; 0: written before there were editions. */
  readonly documents: readonly { readonly edition: number; readonly documents: number }[];
  /** There are too many to be counted: told from a sample. */
  readonly estimated: boolean;
}

export interface OtherEditionPage {
  readonly documents: readonly ShownDocument[];
  /** Where to go on, a page may be empty before the end; `undefined` at the end. */
  readonly next: string | undefined;
}

/**
 * Finds documents whose search values were made by code of another edition, and replaces those values. What a document shows, its
 * revision, versions and times stay as they are.
 */
export interface ReindexPort {
  /** Changes nothing. `undefined` where nothing is stored. */
  editions(tenant: string): Promise<StoredEditions | undefined>;
  /** Makes ready for `otherEditions`. May take as long as reading all documents once, while others work. */
  prepareEdition(tenant: string, edition: number): Promise<void>;
  /** Documents that searches find by values of another edition than this one, behind a place, in the order of the store. */
  otherEditions(tenant: string, edition: number, after: string | undefined, limit: number): Promise<OtherEditionPage>;
  /** Replaces values and place in the default order where the revision is as given; durable when it resolves. */
  reindex(tenant: string, documents: readonly Reindexed[]): Promise<readonly ReindexResult[]>;
}

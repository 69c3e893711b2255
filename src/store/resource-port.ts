import type { JsonObject } from '../core/json.js';
import type { SearchQuery } from '../fhir/search-query.js';
import type { SearchValue } from '../fhir/search-values.js';

/**
 * One document: what the messages of one business key said, and the R4 resource computed from that.
 * Documents that stand aside for another (a merged or linked Patient) keep what their own messages said.
 */
export interface StoredDocument {
  readonly type: string;
  readonly id: string;
  /** Grows by one at every write; compare-and-set goes by it. Also moves when only hidden state changed. */
  readonly revision: number;
  /** The engine's registers, facts and stamps; opaque to stores, but for `r`, a list (never a number) that recurs among documents. */
  readonly state: JsonObject;
  /** What the document shows, without `meta`; `null` while it shows nothing (not yet complete, or deleted). */
  readonly resource: JsonObject | null;
  /** Hash of the canonical JSON of `resource`; empty when that is `null`. */
  readonly hash: string;
  /** Number of the shown version, from 1; 0 before the first. */
  readonly version: number;
  /** Epoch ms of the shown version. */
  readonly lastUpdated: number;
  /** `run-number` of the message with the highest stamp among the elements shown. */
  readonly source: string;
  /** Patient ids of the class, or ids of documents with an equal key within it; empty when it stands alone. */
  readonly members: readonly string[];
  /** Id of the document that shows this one's data; empty when it shows its own. */
  readonly standsFor: string;
  /**
   * Of a visit or account that an event moved to another patient: the id of that patient, then those that messages ever
   * named as its patient. Of a resource whose type has no place to name its visit (Specimen, Binary): the id of that visit.
   * Empty for all others.
   */
  readonly moved: readonly string[];
  /** Id of the Patient document whose key comes first in this one's; empty for a key that stands alone. */
  readonly patient: string;
  /** Hash of the rest of such a key; with `patient` it finds equal items of one person. Empty for none. */
  readonly keyRest: string;
  /** Touches of this revision. */
  readonly touches: readonly Touch[];
}

/** A document as the facade reads it: what it shows, without what the engine keeps behind it. */
export type ShownDocument = Omit<StoredDocument, 'state' | 'touches'>;

/**
 * Registers (by name) of a document for which a message carried a newer stamp but the value already stored, so that
 * the document was left unwritten. Small rows beside the document: one per (document, set of registers), holding the
 * highest stamp; handed back with every read, and dropped when the document is written (the engine has then taken
 * them over). Without them an older message that comes late would win over a value that was since repeated.
 */
export interface Touch {
  readonly type: string;
  readonly id: string;
  /** Revision of the document that it was left at; a touch of another revision is not recorded (answered false). */
  readonly revision: number;
  /** Canonical text of the set of registers; equal texts are one row. */
  readonly registers: string;
  /** `[authority, time, arrival, run, number, mapping version]`, compared in this order. */
  readonly stamp: readonly [number, number, number, number, number, number];
}

/** One write. `expected` 0: the document must not exist yet. */
export interface DocumentWrite {
  readonly expected: number;
  readonly document: StoredDocument;
  /**
   * The touches that the write has taken over: those of the document as it was read. When the store holds another by now,
   * the write is refused like one of another revision, so that no touch is lost between reading and writing.
   */
  readonly folded: readonly Touch[];
  /**
   * Versions made between the stored one and `document.version` (several messages of one batch), oldest first.
   * They go to history; `document.version` is the last one.
   */
  readonly between: readonly ResourceVersion[];
  /** Search values of all three versions; taken over whole. Left out when only hidden state changed. */
  readonly values?: readonly SearchValue[];
  /** Edition of the code that made the values; that of this program when left out. */
  readonly edition?: number;
  /** Default ordering key, epoch ms; `null` sorts as lastUpdated. */
  readonly sortDate?: number | null;
  /** Set when the write makes a new version: kept in history until pruned. */
  readonly newVersion: boolean;
  readonly mappingVersion: number;
}

export interface ResourceVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: number;
  readonly source: string;
  readonly mappingVersion: number;
  /** `null`: the resource was deleted by this version. */
  readonly resource: JsonObject | null;
}

export interface SearchPage {
  readonly documents: readonly ShownDocument[];
  /** All matches, the page aside; `undefined` when not asked for, or not to be had within its budget. */
  readonly total: number | undefined;
  /** The total is about that many: it was not counted to its end. */
  readonly estimated?: true;
  /** Position after the last document of the page: `SearchQuery.after` as JSON text; `undefined` at the end. */
  readonly next: string | undefined;
}

export interface SearchLimits {
  /** Milliseconds until the search is given up with `too-costly`. */
  readonly budget: number;
  readonly total: boolean;
  /**
   * Milliseconds for counting all matches, after which the total is estimated, within three times as many in all, or left out rather than
   * holding up the page; with 0 it is estimated where it is not counted at once. Without
   * it the total is exact, and the search is given up when its budget does not suffice.
   */
  readonly countBudget?: number;
}

/**
 * FHIR data of tenants. Every call names one tenant and reaches only that tenant's database or file.
 * Rejects with `store-unavailable` when the store is down and `too-costly` when a search ran out of its budget.
 */
export interface ResourcePort {
  read(tenant: string, type: string, ids: readonly string[]): Promise<readonly StoredDocument[]>;
  /** Documents of one type whose `keyRest` is one of these and whose patient is one of those. */
  readByKeyRest(
    tenant: string,
    type: string,
    patients: readonly string[],
    rests: readonly string[],
  ): Promise<readonly StoredDocument[]>;
  /** All documents whose `patient` is this one, without their search values. */
  readByPatient(tenant: string, type: string, patient: string): Promise<readonly StoredDocument[]>;
  /**
   * Writes in order, in as few commits as the store can; durable when it resolves. One flag per write: false when the
   * stored revision or touches were others than expected (nothing of that write happened; the others stand).
   */
  write(tenant: string, writes: readonly DocumentWrite[]): Promise<readonly boolean[]>;
  /** Records touches, in the same commit as the writes of the same call where the store can. One flag per touch. */
  touch(tenant: string, touches: readonly Touch[]): Promise<readonly boolean[]>;
  /** The documents found may come without state and touches. */
  search(tenant: string, query: SearchQuery, limits: SearchLimits): Promise<SearchPage>;
  /** One version, from the document or from history. */
  version(tenant: string, type: string, id: string, version: number): Promise<ResourceVersion | undefined>;
  /** Newest first. `id` left out: of the whole type; `type` left out too: of the whole tenant. */
  history(
    tenant: string,
    of: { readonly type?: string; readonly id?: string; readonly since?: number },
    page: { readonly count: number; readonly after?: string },
  ): Promise<{
    readonly versions: readonly ResourceVersion[];
    readonly total: number;
    readonly next: string | undefined;
  }>;
  /** Documents in the order of type and id, those that show nothing included; `after` continues. */
  readAll(
    tenant: string,
    after: { readonly type: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly StoredDocument[]>;
  /** Drops a tenant's data whole (a test tenant, or before a rebuild). */
  dropTenant(tenant: string): Promise<void>;
  close(): Promise<void>;
}

/** What the engine needs of a store to apply messages to it. */
export interface DocumentStore
  extends Pick<ResourcePort, 'read' | 'readByKeyRest' | 'readByPatient' | 'write' | 'touch'> {
  /** Set where nobody searches: writes need no search values. */
  readonly unsearched?: true;
}

/** The reading side that the facade needs; a resource port has it, and so has a thread that only reads. */
export interface ResourceReader extends Pick<ResourcePort, 'search' | 'version' | 'history' | 'close'> {
  read(tenant: string, type: string, ids: readonly string[]): Promise<readonly ShownDocument[]>;
}

/**
 * Documents that this process read or wrote a moment ago. A read asks of them only whether they are still the same, and a
 * write over one that was written here needs no look at what it replaces: compare-and-set goes by revision and touches.
 */
import { BSON } from 'mongodb';
import { KeptDocuments } from '../kept-documents.js';
import type { StoredDocument, Touch } from '../resource-port.js';
import { wholeDocuments } from './document-reader.js';
import { type DocumentRecord, documentFields, type ResourceRecord, toDocument, toTouches } from './document-shape.js';
import type { TenantDatabase } from './tenant-databases.js';

/** What a write needs of the document that it replaces, its index fields aside. */
export type ReplacedRecord = Pick<
  ResourceRecord,
  | '_id'
  | 'type'
  | 'revision'
  | 'version'
  | 'lastUpdated'
  | 'hash'
  | 'resource'
  | 'sortDate'
  | 'carried'
  | 'touches'
  | 'touched'
>;

export interface KnownDocument {
  readonly document: StoredDocument;
  /** How often its touches had changed. */
  readonly touched: number | undefined;
  /** Known of what was written here; without touches. */
  readonly record: ReplacedRecord | undefined;
  readonly size: number;
}

/** What tells that a document is the one that is known, and what others may have put into it since. */
const lookFields = { revision: 1, lastUpdated: 1, source: 1, hash: 1, touches: 1, touched: 1 } as const;
type Look = Pick<ResourceRecord, '_id' | keyof typeof lookFields>;

/** Characters of documents of one generation. */
const most = 6_000_000;
/** Characters that each version of a document is held to have for itself: most of it is also another's. */
const assumed = 300;

/** For documents of all tenants. */
export function keepDocuments(): KeptDocuments<KnownDocument> {
  return new KeptDocuments(most);
}

/** Those of one tenant. */
export class KnownDocuments {
  readonly #kept: KeptDocuments<KnownDocument>;

  constructor(kept: KeptDocuments<KnownDocument>) {
    this.#kept = kept;
  }

  /** Documents by their names, as the database holds them now. */
  async read(database: TenantDatabase, names: readonly string[]): Promise<Map<string, StoredDocument>> {
    const known = names.filter((name) => this.#of(name) !== undefined);
    const others = names.filter((name) => this.#of(name) === undefined);
    const [looked, read] = await Promise.all([this.#look(database, known), this.#read(database, others)]);
    const found = new Map(read);
    const stale: string[] = [];
    for (const look of looked) {
      const document = this.#still(look);
      if (document === undefined) stale.push(look._id);
      else found.set(look._id, document);
    }
    for (const [name, document] of await this.#read(database, stale)) found.set(name, document);
    return found;
  }

  /** What a write over this revision replaces, if it was written here. */
  replaced(type: string, id: string, revision: number): ReplacedRecord | undefined {
    const known = this.#kept.get(this, type, id, revision);
    if (known?.record === undefined) return undefined;
    const { touches } = known.document;
    return {
      ...known.record,
      ...(touches.length === 0 ? {} : { touches }),
      ...(known.touched === undefined ? {} : { touched: known.touched }),
    };
  }

  /** The touches of a document at this revision, if they are known, and how often they had changed. */
  touchesOf(
    type: string,
    id: string,
    revision: number,
  ): { readonly touches: readonly Touch[]; readonly touched: number | undefined } | undefined {
    const known = this.#kept.get(this, type, id, revision);
    return known && { touches: known.document.touches, touched: known.touched };
  }

  /** The touches of a document at this revision were changed here, from those that were known. */
  touched(type: string, id: string, revision: number, now: Pick<Look, 'touches' | 'touched'>): void {
    const known = this.#kept.get(this, type, id, revision);
    if (known !== undefined) this.#withTouches(known, now);
  }

  /** The document stands in the database as this record. */
  wrote(document: StoredDocument, record: ResourceRecord): void {
    // what stands beside its document is large, and is removed when nobody needs it
    if (record.contents !== undefined) return;
    const { _id, type, revision, version, lastUpdated, hash, resource, sortDate, carried } = record;
    const replaced: ReplacedRecord = {
      ...{ _id, type, revision, version, lastUpdated, hash, resource },
      ...(sortDate === undefined ? {} : { sortDate }),
      ...(carried === undefined ? {} : { carried }),
    };
    const size = sizeOf(record) + assumed * (carried?.length ?? 0);
    this.#kept.keep(this, { document: { ...document, touches: [] }, touched: undefined, record: replaced, size });
  }

  #of(name: string): KnownDocument | undefined {
    const slash = name.indexOf('/');
    return this.#kept.get(this, name.slice(0, slash), name.slice(slash + 1));
  }

  async #look({ resources }: TenantDatabase, names: readonly string[]): Promise<Look[]> {
    if (names.length === 0) return [];
    return resources.find<Look>({ _id: { $in: [...names] } }, { projection: lookFields }).toArray();
  }

  /** The known document with its touches of now; undefined where it is another by now. */
  #still(look: Look): StoredDocument | undefined {
    const known = this.#of(look._id);
    if (known === undefined) return undefined;
    const { revision, lastUpdated, source, hash } = known.document;
    const same =
      look.revision === revision && look.lastUpdated === lastUpdated && look.source === source && look.hash === hash;
    if (!same) return undefined;
    return look.touched === known.touched ? known.document : this.#withTouches(known, look);
  }

  #withTouches(known: KnownDocument, { touches, touched }: Pick<Look, 'touches' | 'touched'>): StoredDocument {
    const { type, id, revision } = known.document;
    const document = { ...known.document, touches: toTouches(type, id, revision, touches) };
    this.#kept.keep(this, { ...known, document, touched });
    return document;
  }

  async #read(database: TenantDatabase, names: readonly string[]): Promise<[string, StoredDocument][]> {
    if (names.length === 0) return [];
    const filter = { _id: { $in: [...names] } };
    const found = await database.resources.find<DocumentRecord>(filter, { projection: documentFields }).toArray();
    return (await wholeDocuments(database, found)).map((record) => {
      const document = toDocument(record);
      if (record.outside !== undefined || record.stateParts !== undefined) return [record._id, document];
      this.#kept.keep(this, { document, touched: record.touched, record: undefined, size: sizeOf(record) });
      return [record._id, document];
    });
  }
}

function sizeOf({ state, resource }: Pick<ResourceRecord, 'state' | 'resource'>): number {
  return (
    (typeof state === 'string' ? state.length : state.length() * 4) +
    (resource === null ? 0 : BSON.calculateObjectSize(resource))
  );
}

/**
 * Bytes that are too many for one document, in several documents of a collection beside. They are written before what names them; what was
 * written for a document that then failed is named by nobody, and is removed when it is a day old by the server's clock.
 */
import { Binary, type Collection, type Db, type IndexDescription } from 'mongodb';
import { fault } from '../../core/errors.js';
import { isDuplicateError } from './mongo-errors.js';

/** `_id`: the name of the whole, and the place of the part in four digits. */
export interface StoredPart {
  readonly _id: string;
  readonly bytes: Binary;
  /** When it was written last, by the server's clock. */
  readonly at: Date;
}

/** How a document names bytes that stand beside it. */
export interface NamedParts {
  readonly name: string;
  readonly parts: number;
}

/** The indexes of such a collection, made with its first parts. */
export const partIndexes = [{ key: { at: 1, _id: 1 } }] as const satisfies readonly IndexDescription[];

export const bytesOfPart = 8 * 1024 * 1024;

const hour = 3_600_000;
const orphanAge = 24 * hour;
/** What names parts has to be written so soon after them: far sooner than they may be taken for left over. In milliseconds. */
const mostDelay = hour;
const page = 500;

export class ByteParts {
  readonly #db: Db;
  readonly #parts: Collection<StoredPart>;
  readonly #named: (names: readonly string[]) => Promise<ReadonlySet<string>>;
  #indexed: Promise<unknown> | undefined;
  #tidied = Number.NEGATIVE_INFINITY;
  #tidying: Promise<unknown> = Promise.resolve();

  /** `named`: which of these names a document holds. */
  constructor(db: Db, collection: string, named: (names: readonly string[]) => Promise<ReadonlySet<string>>) {
    this.#db = db;
    this.#parts = db.collection(collection);
    this.#named = named;
  }

  /**
   * Writes bytes under names; what stands there under a name is taken to be the same. To be called before what names them is written; the
   * answer is to be called right before that: it throws when too much time has gone by.
   * @throws what the driver throws
   */
  async write(wholes: ReadonlyMap<string, Uint8Array>): Promise<() => void> {
    const begun = performance.now();
    this.#indexed ??= this.#parts.createIndexes([...partIndexes]);
    await this.#indexed.catch((error: unknown) => {
      this.#indexed = undefined;
      throw error;
    });
    for (const [name, bytes] of wholes) {
      for (let part = 0; part < partsOf(bytes); part++) {
        const some = new Binary(bytes.subarray(part * bytesOfPart, (part + 1) * bytesOfPart));
        const set = { $setOnInsert: { bytes: some }, $currentDate: { at: true } } as const;
        await this.#parts.updateOne({ _id: nameOf(name, part) }, set, { upsert: true }).catch((error: unknown) => {
          // another writer of the same bytes was as quick
          if (!isDuplicateError(error)) throw error;
        });
      }
    }
    if (performance.now() - this.#tidied > hour) this.tidySoon();
    return () => {
      if (performance.now() - begun > mostDelay)
        throw fault(
          'store-unavailable',
          'writing took so long that its first part may be gone: it is to be done again',
        );
    };
  }

  /** Undefined when a part is not there. */
  async read({ name, parts }: NamedParts): Promise<Uint8Array | undefined> {
    const found: Uint8Array[] = [];
    for (let part = 0; part < parts; part++) {
      const one = await this.#parts.findOne({ _id: nameOf(name, part) }, { projection: { bytes: 1 } });
      if (one === null) return undefined;
      found.push(one.bytes.value());
    }
    return Buffer.concat(found);
  }

  /** Removes what nobody names any more. */
  async remove(wholes: readonly NamedParts[]): Promise<void> {
    const ids = wholes.flatMap(({ name, parts }) => Array.from({ length: parts }, (_, part) => nameOf(name, part)));
    for (let from = 0; from < ids.length; from += page)
      await this.#parts.deleteMany({ _id: { $in: ids.slice(from, from + page) } });
  }

  /** Removes what was written for documents that failed. Resolves how many parts. */
  async tidy(): Promise<number> {
    this.#tidied = performance.now();
    const { localTime } = await this.#db.command({ hello: 1 });
    const old = { $lt: new Date((localTime as Date).getTime() - orphanAge) };
    // from the index alone: the parts are large
    const index = { at: 1, _id: 1 } as const;
    const found = this.#parts
      .find({ at: old }, { projection: { _id: 1 } })
      .sort(index)
      .batchSize(page);
    let removed = 0;
    let ids: string[] = [];
    const look = async (): Promise<void> => {
      const named = await this.#named([...new Set(ids.map(wholeOf))]);
      const orphans = ids.filter((id) => !named.has(wholeOf(id)));
      // what a writer has just named again is young, and stays
      if (orphans.length > 0)
        removed += (await this.#parts.deleteMany({ _id: { $in: orphans }, at: old })).deletedCount;
      ids = [];
    };
    for await (const { _id } of found) {
      ids.push(_id);
      if (ids.length === page) await look();
    }
    await look();
    return removed;
  }

  /** Does so beside other work; what fails is done another time. */
  tidySoon(): void {
    this.#tidying = this.tidy().catch(() => undefined);
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    await this.#tidying;
  }
}

export function partsOf(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / bytesOfPart);
}

function nameOf(name: string, part: number): string {
  return `${name}/${String(part).padStart(4, '0')}`;
}

function wholeOf(id: string): string {
  return id.slice(0, -5);
}

/** Where the chains of all runs stood not long ago, in sealed documents that all processes change by compare-and-set. */
import type { Collection } from 'mongodb';
import { type ChainEnd, keyedHash } from '../audit-chain.js';
import { isDuplicateError } from './mongo-errors.js';

/** The ends of the runs from `_id` × 1,000 on. The first document also tells how many there are. */
export interface StoredAnchor {
  readonly _id: number;
  readonly revision: number;
  readonly documents: number;
  readonly ends: readonly (ChainEnd & { readonly run: number })[];
  readonly seal: string;
}

const runsOfOne = 1_000;

export class AuditAnchors {
  readonly #collection: Collection<StoredAnchor>;
  readonly #key: Uint8Array;

  constructor(collection: Collection<StoredAnchor>, key: Uint8Array) {
    this.#collection = collection;
    this.#key = key;
  }

  /** Anchors the end of a run; the ends of the others stay. */
  async put(run: number, end: ChainEnd): Promise<void> {
    const at = Math.floor(run / runsOfOne);
    await this.#change(at, (before) => ({
      documents: before.documents,
      ends: [...before.ends.filter((other) => other.run !== run), { run, number: end.number, chain: end.chain }],
    }));
    await this.#change(0, (first) => (first.documents > at ? undefined : { documents: at + 1, ends: first.ends }));
  }

  /** The ends of all runs; not `whole` where an anchor is missing or was changed by someone else. */
  async read(): Promise<{ readonly ends: ReadonlyMap<number, ChainEnd>; readonly whole: boolean }> {
    const found = await this.#collection.find().sort({ _id: 1 }).toArray();
    const ends = new Map(found.flatMap((anchor) => anchor.ends.map((end) => [end.run, end] as const)));
    const there = new Set(found.map(({ _id }) => _id));
    const complete = Array.from({ length: found[0]?.documents ?? 0 }, (_, at) => there.has(at)).every(Boolean);
    const sealed = found.every((anchor) => anchor.seal === this.#sealOf(anchor));
    return { ends, whole: complete && sealed && (found.length === 0 || there.has(0)) };
  }

  async #change(
    _id: number,
    decide: (before: Pick<StoredAnchor, 'documents' | 'ends'>) => Pick<StoredAnchor, 'documents' | 'ends'> | undefined,
  ): Promise<void> {
    for (;;) {
      const before = await this.#collection.findOne({ _id });
      const decided = decide(before ?? { documents: 0, ends: [] });
      if (decided === undefined) return;
      const after = { ...decided, _id, revision: (before?.revision ?? 0) + 1 };
      const sealed = { ...after, seal: this.#sealOf(after) };
      if (before === null) {
        try {
          await this.#collection.insertOne(sealed);
          return;
        } catch (error) {
          if (!isDuplicateError(error)) throw error;
          continue;
        }
      }
      const { matchedCount } = await this.#collection.replaceOne({ _id, revision: before.revision }, sealed);
      if (matchedCount === 1) return;
    }
  }

  #sealOf({ _id, revision, documents, ends }: Omit<StoredAnchor, 'seal'>): string {
    const text = ends.map(({ run, number, chain }) => `${run} ${number} ${chain}`).join('\n');
    return keyedHash(this.#key, `anchor\n${_id}\n${revision}\n${documents}\n${text}`).toString('base64url');
  }
}

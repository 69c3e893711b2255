/**
 * Which numbers of each run are not settled. A run is one document with its open ranges, changed by compare-and-set; all else in it is
 * settled. What has become of messages is not taken over when they settle, which would make all workers write one document, but when
 * somebody looks for unsettled ones: whoever reads the open ranges closes what has an outcome by now. So a look costs what is
 * open or was settled since the last one, never what the archive holds.
 */
import { lastNumber, numberOf, rowId } from '../archive-ids.js';
import { type ArchiveCollections, type StoredMessage, type StoredRun, withoutPayload } from './archive-documents.js';
import { isDuplicateError } from './mongo-errors.js';

type Range = readonly [first: number, last: number];
type MessageWithoutPayload = Omit<StoredMessage, 'payload' | 'digest' | 'once'>;

/** A run while one look goes over it. */
interface Look {
  readonly _id: number;
  revision: number;
  open: readonly Range[];
  /** Somebody else changed it meanwhile: this look closes nothing more. */
  changed: boolean;
  /** Its process is gone. */
  readonly gone: boolean;
}

const page = 2_000;
/** A process says that it lives so often before it writes; one that has not for `ended` is gone. In milliseconds. */
const lives = 60_000;
const usuallyEnded = 600_000;

export class ArchiveRuns {
  readonly #collections: ArchiveCollections;
  readonly #ended: number;
  #said = Number.NEGATIVE_INFINITY;
  /** The sign of life of each run that was read last, and since when (monotonic clock) it is the same. */
  readonly #signs = new Map<number, { readonly seen: number; readonly since: number }>();

  /** `ended`: milliseconds without a sign of life after which a run's process is gone; 600,000 by default. */
  constructor(collections: ArchiveCollections, ended = usuallyEnded) {
    this.#collections = collections;
    this.#ended = ended;
  }

  /** Says that the process of a run lives and writes numbers from `next` on: they are open whatever was thought of the run. */
  async live(run: number, next: number): Promise<void> {
    if (performance.now() - this.#said < lives) return;
    // before the change, so that it is never thought to be younger than it is
    const said = performance.now();
    await this.#change(run, (open) => withTail(open, next), { seen: Date.now() });
    this.#said = said;
  }

  /**
   * To be called when numbers from `next` on are written, before anybody is told so: a process that was put to sleep in between
   * for so long that it was thought to be gone opens them again.
   */
  async stillLive(run: number, next: number): Promise<void> {
    if (performance.now() - this.#said < this.#ended / 2) return;
    this.#said = Number.NEGATIVE_INFINITY;
    await this.live(run, next);
  }

  /** Opens one number again. */
  async open(run: number, number: number): Promise<void> {
    await this.#change(run, (open) =>
      open.some(([first, last]) => first <= number && number <= last)
        ? open
        : [...open, [number, number] as const].sort(([a], [b]) => a - b),
    );
  }

  /** Opens numbers of a run, which need not be known. */
  async openAll(run: number, numbers: readonly number[]): Promise<void> {
    const some = numbers.map((number): Range => [number, number]);
    await this.#change(run, (open) => joined([...open, ...some].sort(([a], [b]) => a - b)));
  }

  /** Messages without an outcome, by run and number, beginning with a number of a run; closes what has one on the way. */
  async *unsettled(fromRun = 0, fromNumber = 0): AsyncGenerator<MessageWithoutPayload> {
    const runs = await this.#collections.runs
      .find({ _id: { $gte: fromRun } })
      .sort({ _id: 1 })
      .toArray();
    for (const run of runs) {
      const begin = run._id === fromRun ? fromNumber : 0;
      const look = { ...run, changed: false, gone: this.#isGone(run) };
      for (const [first, last] of run.open) {
        if (last >= begin) yield* this.#ofRange(look, [Math.max(first, begin), last]);
      }
    }
  }

  /** Ids below `before` of messages without an outcome, highest first. */
  async *idsDescending(before: number): AsyncGenerator<number> {
    const { messages, runs } = this.#collections;
    for (const run of await runs.find().sort({ _id: -1 }).toArray()) {
      for (const [first, last] of run.open.toReversed()) {
        const lowest = idOf(run, first);
        let below = Math.min(before, idOf(run, last) + 1);
        for (;;) {
          const found = await messages
            .find({ _id: { $gte: lowest, $lt: below }, kind: 'message' }, { projection: { _id: 1 } })
            .sort({ _id: -1 })
            .limit(page)
            .toArray();
          const settled = await this.#settledOf(found.map(({ _id }) => _id));
          for (const { _id } of found) if (!settled.has(_id)) yield _id;
          const lastFound = found.at(-1);
          if (lastFound === undefined || found.length < page) break;
          below = lastFound._id;
        }
      }
    }
  }

  async *#ofRange(run: Look, [first, last]: Range): AsyncGenerator<MessageWithoutPayload> {
    const { messages } = this.#collections;
    let from = first;
    while (from <= last) {
      const found = await messages
        .find({ _id: { $gte: idOf(run, from), $lte: idOf(run, last) } }, { projection: withoutPayload })
        .sort({ _id: 1 })
        .limit(page)
        .toArray();
      const settled = await this.#settledOf(found.map(({ _id }) => _id));
      const whole = found.length < page;
      const reached = whole ? last : numberOf(found.at(-1)?._id ?? 0);
      const unsettled = found.filter(({ _id, kind }) => kind === 'message' && !settled.has(_id));
      const stay = openAmong(
        run.gone ? undefined : Date.now() - this.#ended,
        [from, reached],
        found,
        new Set(unsettled.map(({ _id }) => numberOf(_id))),
      );
      if (stay.length !== 1 || stay[0]?.[0] !== from || stay[0]?.[1] !== reached)
        await this.#close(run, replaced(run.open, [from, reached], stay));
      yield* unsettled;
      from = reached + 1;
    }
  }

  /**
   * True when a run gave no sign of life for as long as it takes, as this process saw it: clocks of hosts may differ, and jump, so
   * the time that it wrote is only compared with itself.
   */
  #isGone({ _id, seen }: StoredRun): boolean {
    const known = this.#signs.get(_id);
    if (known?.seen === seen) return performance.now() - known.since >= this.#ended;
    this.#signs.set(_id, { seen, since: performance.now() });
    return false;
  }

  /** Only over the run as this look found it: what it closes may be open again since, for a message that just came. */
  async #close(run: Look, open: readonly Range[]): Promise<void> {
    if (run.changed) return;
    const { _id, revision } = run;
    const set = { open, revision: revision + 1 };
    const { matchedCount } = await this.#collections.runs.updateOne({ _id, revision }, { $set: set });
    if (matchedCount === 0) run.changed = true;
    else {
      run.open = open;
      run.revision = revision + 1;
    }
  }

  async #settledOf(ids: readonly number[]): Promise<Set<number>> {
    if (ids.length === 0) return new Set();
    const found = this.#collections.outcomes.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } });
    return new Set((await found.toArray()).map(({ _id }) => _id));
  }

  async #change(_id: number, decide: (open: readonly Range[]) => readonly Range[], more: { seen?: number } = {}) {
    const { runs } = this.#collections;
    for (;;) {
      const before = await runs.findOne({ _id });
      const open = decide(before?.open ?? []);
      if (before === null) {
        try {
          await runs.insertOne({ _id, revision: 1, open, seen: more.seen ?? 0 });
          return;
        } catch (error) {
          if (!isDuplicateError(error)) throw error;
          continue;
        }
      }
      const set = { ...more, open, revision: before.revision + 1 };
      const { matchedCount } = await runs.updateOne({ _id, revision: before.revision }, { $set: set });
      if (matchedCount === 1) return;
    }
  }
}

/**
 * Of a part of an open range what stays open: messages without an outcome, and numbers without a message, which may still be
 * on their way unless a later one came before `long` (epoch ms); undefined: the run's process is gone, nothing comes any more.
 */
function openAmong(
  long: number | undefined,
  [from, to]: Range,
  found: readonly MessageWithoutPayload[],
  unsettled: ReadonlySet<number>,
): Range[] {
  const stay: [number, number][] = [];
  const keep = (first: number, last: number): void => {
    const before = stay.at(-1);
    if (before !== undefined && before[1] === first - 1) before[1] = last;
    else stay.push([first, last]);
  };
  let next = from;
  for (const { _id, arrival } of found) {
    const number = numberOf(_id);
    if (number > next && long !== undefined && arrival > long) keep(next, number - 1);
    if (unsettled.has(number)) keep(number, number);
    next = number + 1;
  }
  if (next <= to && long !== undefined) keep(next, to);
  return stay;
}

/** The ranges with a part of them in another state; what others closed meanwhile stays closed. */
function replaced(open: readonly Range[], [from, to]: Range, stay: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [first, last] of open) {
    if (last < from || first > to) {
      result.push([first, last]);
      continue;
    }
    if (first < from) result.push([first, from - 1]);
    for (const [begin, end] of stay) {
      const [a, b] = [Math.max(begin, first), Math.min(end, last)];
      if (a <= b) result.push([a, b]);
    }
    if (last > to) result.push([to + 1, last]);
  }
  return joined(result);
}

/** All numbers from `next` on are open. */
function withTail(open: readonly Range[], next: number): Range[] {
  const before = open.flatMap(([first, last]): Range[] => (first >= next ? [] : [[first, Math.min(last, next - 1)]]));
  return joined([...before, [next, lastNumber]]);
}

/** Ranges that touch become one. */
function joined(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [first, last] of ranges) {
    const before = result.at(-1);
    if (before !== undefined && before[1] >= first - 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

function idOf(run: Pick<StoredRun, '_id'>, number: number): number {
  return rowId({ run: run._id, number });
}

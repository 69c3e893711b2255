/** The archive as all but intake see it: reading, settling, listing. Any thread may hold one. */

import { join } from 'node:path';
import type { Sequence } from '../../core/stamp.js';
import { lastNumber, rowId, runOf } from '../archive-ids.js';
import {
  type ArchivePort,
  type ArchiveRow,
  type MessageFilter,
  type MessageSummary,
  parkedForTenant,
  type SettleOutcome,
} from '../archive-port.js';
import type { KeyOf } from '../archive-seal.js';
import { states } from './archive-files.js';
import { ArchiveReader, type ArchiveRowWithPayload } from './archive-reader.js';
import { mergeDescending } from './merge-descending.js';
import { closeNumbers, nextRange, previousRange } from './open-ranges.js';
import { SettleLedger } from './settle-ledger.js';

type Place = Pick<Sequence, 'run' | 'number'>;
type ListedState = NonNullable<MessageFilter['states']>[number];

export interface ArchiveLedgerOptions {
  /** This process's run: every other one has ended. */
  readonly run: number;
  readonly keyOf: KeyOf;
}

export interface PrunableRow {
  readonly id: number;
  /** Bytes of the message as it arrived. */
  readonly size: number;
}

/** What the archive port does without writing archive rows. */
export interface ArchiveLedger
  extends Pick<
    ArchivePort,
    'read' | 'settle' | 'unsettled' | 'list' | 'get' | 'release' | 'counts' | 'bytes' | 'close'
  > {
  /** Up to `limit` rows of a tenant older than `before` that may go, oldest first: settled and not parked, or never processed. */
  prunable(tenant: string | null, before: number, limit: number): Promise<readonly PrunableRow[]>;
  /** Drops what is known of removed rows. */
  forget(ids: readonly number[]): Promise<void>;
}

/** Opens the ledger over the archive files in `folder`. */
export function openArchiveLedger(folder: string, options: ArchiveLedgerOptions): ArchiveLedger {
  return new EmbeddedArchiveLedger(folder, options);
}

class EmbeddedArchiveLedger implements ArchiveLedger {
  readonly #reader: ArchiveReader;
  readonly #ledger: SettleLedger;
  readonly #run: number;

  constructor(folder: string, options: ArchiveLedgerOptions) {
    this.#run = options.run;
    this.#reader = new ArchiveReader(folder, options.keyOf);
    this.#ledger = new SettleLedger(join(folder, 'settle.db'));
    this.#ledger.knowRuns(
      this.#reader.runs(runOf, (run) => rowId({ run, number: 0 })),
      options.run,
    );
    this.#parkWithoutTenant();
  }

  async read(sequences: readonly Place[]): Promise<readonly ArchiveRowWithPayload[]> {
    return sequences.flatMap((sequence) => this.#reader.rowWithPayload(rowId(sequence)) ?? []);
  }

  async settle(outcomes: readonly SettleOutcome[]): Promise<void> {
    this.#ledger.settle(outcomes);
  }

  async unsettled(limit: number, after?: Place): Promise<readonly ArchiveRow[]> {
    const found: ArchiveRow[] = [];
    const neverProcessed: ArchiveRow[] = [];
    const { db } = this.#ledger;
    let [run, number] = after === undefined ? [0, 0] : [after.run, after.number + 1];
    while (found.length < limit) {
      const range = nextRange(db, run, number);
      if (range === undefined) break;
      for (const row of this.#reader.range(
        rowId({ ...range, number: range.first }),
        rowId({ ...range, number: range.last }),
        false,
      )) {
        if (isProcessed(row)) found.push(row);
        else neverProcessed.push(row);
        if (found.length >= limit) break;
      }
      if (range.last === lastNumber) [run, number] = [range.run + 1, 0];
      else [run, number] = [range.run, range.last + 1];
    }
    if (neverProcessed.length > 0) {
      this.#ledger.settle(neverProcessed.filter(isMessage).map(({ sequence }) => parkedForTenant(sequence)));
      db.transaction(() => {
        for (const { sequence } of neverProcessed) closeNumbers(db, sequence.run, sequence.number);
      });
    }
    return found;
  }

  async list(filter: MessageFilter): Promise<readonly MessageSummary[]> {
    const found: MessageSummary[] = [];
    for (const id of this.#candidates(filter)) {
      if (found.length >= filter.limit) break;
      const row = this.#reader.row(id);
      if (row === undefined || !passes(row, filter)) continue;
      const summary = this.#summary(row, id);
      if (filter.states === undefined || filter.states.includes(stateOf(summary))) found.push(summary);
    }
    return found;
  }

  async get(sequence: Place): Promise<(MessageSummary & { payload: Uint8Array }) | undefined> {
    const found = this.#reader.rowWithPayload(rowId(sequence));
    if (found === undefined) return undefined;
    const { payload, ...row } = found;
    return { ...this.#summary(row, rowId(sequence)), payload };
  }

  async release(sequence: Place): Promise<boolean> {
    const row = this.#reader.row(rowId(sequence));
    return row !== undefined && isProcessed(row) && this.#ledger.release(sequence);
  }

  async counts(tenant?: string): ReturnType<ArchivePort['counts']> {
    const rows = this.#reader.tally(tenant);
    const settled = this.#ledger.tally(tenant);
    const ofState = (state: (typeof states)[number]): number => settled.get(state) ?? 0;
    const all = states.reduce((sum, state) => sum + ofState(state), 0);
    return {
      applied: ofState('applied'),
      filtered: ofState('filtered'),
      unmapped: ofState('unmapped'),
      parked: ofState('parked'),
      unsettled: Math.max(0, (rows.get('message') ?? 0) - all),
      truncated: rows.get('truncated') ?? 0,
      rejected: rows.get('rejected') ?? 0,
    };
  }

  async bytes(tenant: string | null): Promise<number> {
    return this.#reader.bytes(tenant);
  }

  async prunable(tenant: string | null, before: number, limit: number): Promise<readonly PrunableRow[]> {
    const found: PrunableRow[] = [];
    for (const row of this.#reader.arrivedBefore(tenant, before)) {
      const id = rowId(row.sequence);
      const state = isMessage(row) ? this.#ledger.state(id) : 'filtered';
      if (state !== undefined && state !== 'parked') found.push({ id, size: row.size });
      if (found.length >= limit) break;
    }
    return found;
  }

  async forget(ids: readonly number[]): Promise<void> {
    this.#ledger.forget(ids);
  }

  async close(): Promise<void> {
    this.#reader.close();
    this.#ledger.close();
  }

  /** Messages without a tenant that a run before has left unsettled, or forgotten. Looks for them only where one is missing. */
  #parkWithoutTenant(): void {
    const settled = [...this.#ledger.tally('').values()].reduce((sum, rows) => sum + rows, 0);
    if ((this.#reader.tally('').get('message') ?? 0) <= settled) return;
    for (const row of this.#reader.arrivedBefore(null, Number.MAX_SAFE_INTEGER)) {
      if (!isMessage(row) || this.#ledger.state(rowId(row.sequence)) !== undefined) continue;
      this.#ledger.settle([parkedForTenant(row.sequence)]);
    }
  }

  #summary(row: ArchiveRow, id: number): MessageSummary {
    const outcome = this.#ledger.outcome(id);
    return outcome === undefined ? { row } : { row, outcome };
  }

  /** Ids of rows that may pass, newest first, each once: from the narrowest index that the filter allows. */
  #candidates(filter: MessageFilter): Generator<number> {
    const before = filter.before === undefined ? rowId({ run: this.#run + 1, number: 0 }) : rowId(filter.before);
    const tenants = filter.tenant === undefined ? this.#ledger.tenants() : [filter.tenant];
    const { key } = filter;
    if (key !== undefined)
      return mergeDescending(tenants.map((tenant) => this.#ledger.idsWithKey(tenant, key, before)));
    const wanted = (state: ListedState): boolean => filter.states === undefined || filter.states.includes(state);
    const sources: Generator<number>[] = [];
    for (const tenant of tenants) {
      for (const state of states) if (wanted(state)) sources.push(this.#ledger.idsInState(tenant, state, before));
    }
    for (const kind of ['truncated', 'rejected'] as const) {
      if (wanted(kind)) sources.push(this.#reader.idsOfKind(kind, before));
    }
    if (wanted('unsettled')) sources.push(this.#openIds(before));
    return mergeDescending(sources);
  }

  /** Ids below `before` of messages in open ranges, highest first. */
  *#openIds(before: number): Generator<number> {
    let [run, number] = placeBelow(before);
    for (;;) {
      const range = previousRange(this.#ledger.db, run, number);
      if (range === undefined) return;
      for (const row of this.#reader.range(
        rowId({ ...range, number: range.first }),
        rowId({ ...range, number: range.last }),
        true,
      )) {
        if (row.kind === 'message') yield rowId(row.sequence);
      }
      [run, number] = [range.run, range.first - 1];
    }
  }
}

function placeBelow(id: number): [number, number] {
  const run = runOf(id);
  const number = id - rowId({ run, number: 0 });
  return number === 0 ? [run - 1, lastNumber] : [run, number - 1];
}

function isMessage(row: ArchiveRow): boolean {
  return row.kind === 'message';
}

function isProcessed(row: ArchiveRow): boolean {
  return isMessage(row) && row.tenant !== null;
}

function stateOf({ row, outcome }: MessageSummary): ListedState {
  if (row.kind !== 'message') return row.kind;
  return outcome?.state ?? 'unsettled';
}

function passes(row: ArchiveRow, filter: MessageFilter): boolean {
  return (
    (filter.tenant === undefined || row.tenant === filter.tenant) &&
    (filter.listener === undefined || row.listener === filter.listener) &&
    (filter.type === undefined || row.type === filter.type) &&
    (filter.controlId === undefined || row.controlId === filter.controlId) &&
    (filter.from === undefined || row.sequence.arrival >= filter.from) &&
    (filter.to === undefined || row.sequence.arrival < filter.to)
  );
}

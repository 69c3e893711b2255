/** What the archive in MongoDB holds, read from the database itself: the check does not rest on the program that it checks. */
import { MongoClient } from 'mongodb';
import type { Journal } from './journal.js';

interface Row {
  readonly _id: number;
  readonly controlId: string;
  readonly arrival: number;
}

export interface ArchiveReader {
  /** States of each message by its control id; `unsettled` where nothing became of it yet. */
  states(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** How far the counts that operators see are from what is there: 0 when they are right. */
  miscounted(): Promise<number>;
  /** The latest arrival of a message, in epoch ms. */
  latest(): Promise<number>;
  /** Tells the journal of what has settled, again and again until the reader is closed. */
  watch(journal: Journal): void;
  close(): Promise<void>;
}

const lookEvery = 150;

/** `prefix` names the installation's database. */
export function openArchiveReader(url: string, prefix: string): ArchiveReader {
  // a server that is paused must not keep a look waiting for long
  const client = new MongoClient(url, {
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: 2_000,
    socketTimeoutMS: 2_000,
    connectTimeoutMS: 1_000,
  });
  const db = client.db(prefix);
  const messages = db.collection<Row & { kind: string }>('messages');
  const outcomes = db.collection<{ _id: number; state: string; tenant: string | null }>('messageOutcomes');
  let closed = false;
  let watching: Promise<void> = Promise.resolve();

  const look = async (journal: Journal): Promise<void> => {
    const open = journal.unsettled();
    for (let at = 0; at < open.length; at += 500) {
      const controlId = { $in: open.slice(at, at + 500) };
      const rows = await messages.find({ controlId }, { projection: { controlId: 1 } }).toArray();
      const ids = rows.map(({ _id }) => _id);
      const settled = await outcomes.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
      const done = new Set(settled.map(({ _id }) => _id));
      for (const { _id, controlId: id } of rows) if (done.has(_id)) journal.settled(id);
    }
  };

  return {
    async states() {
      const found = new Map<string, string[]>();
      const became = new Map<number, string>();
      for await (const { _id, state } of outcomes.find({}, { projection: { state: 1 } })) became.set(_id, state);
      for await (const { _id, controlId } of messages.find({ kind: 'message' }, { projection: { controlId: 1 } })) {
        const state = became.get(_id) ?? 'unsettled';
        const known = found.get(controlId);
        if (known === undefined) found.set(controlId, [state]);
        else known.push(state);
      }
      return found;
    },
    async miscounted() {
      const tallies = await db.collection<{ _id: string; rows: number }>('messageTallies').find().toArray();
      const off = new Map(tallies.map(({ _id, rows }) => [_id, rows]));
      for await (const { state, tenant } of outcomes.find({}, { projection: { state: 1, tenant: 1 } })) {
        const name = `${state} ${tenant ?? ''}`;
        off.set(name, (off.get(name) ?? 0) - 1);
      }
      return [...off.values()].reduce((sum, rows) => sum + Math.abs(rows), 0);
    },
    async latest() {
      const [last] = await messages.find().sort({ arrival: -1 }).limit(1).toArray();
      return last?.arrival ?? 0;
    },
    watch(journal) {
      watching = (async () => {
        while (!closed) {
          // servers come and go in these runs: the next look finds what this one missed
          await look(journal).catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, lookEvery));
        }
      })();
    },
    async close() {
      closed = true;
      await watching;
      await client.close();
    },
  };
}

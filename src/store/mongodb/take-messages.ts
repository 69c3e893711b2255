/**
 * Brings messages of the same installation into its restored archive, under the numbers that they have: those that an archive holds
 * which outlived the backup. They are unsettled then, and applied like any other; what persons decided about them is taken along.
 */
import { type Db, type Document, MongoBulkWriteError } from 'mongodb';
import { fault } from '../../core/errors.js';
import { numberOf, runOf } from '../archive-ids.js';
import { parkedByHand, type SettleState } from '../archive-port.js';
import type { TakenMessages } from '../backup/taken-messages.js';
import {
  type ArchiveCollections,
  archiveCollections,
  type StoredMessage,
  type StoredOutcome,
} from './archive-documents.js';
import { ArchiveRuns } from './archive-runs.js';
import { ArchiveSettlements } from './archive-settlements.js';
import type { CollectionSource } from './collection-source.js';
import { fromMongo, isDuplicateError } from './mongo-errors.js';

const page = 500;
/** Bytes of messages that are brought in together. */
const mostBytes = 16 * (1 << 20);
const waiting: readonly SettleState[] = ['parked', 'unmapped'];

/**
 * From `source` into the database. `tenants`: those that the restored registry knows. May be run again: what is there already is left
 * alone.
 * @throws Fault `conflict` for another installation's archive, `store-unavailable`
 */
export function takeMongoMessages(
  db: Db,
  source: CollectionSource,
  tenants: ReadonlySet<string>,
  told: (done: number) => void,
): Promise<TakenMessages> {
  return fromMongo(async () => {
    const collections = archiveCollections(db);
    const result: TakenMessages = { taken: 0, known: 0, ofUnknownTenants: 0, released: 0 };
    await takeParts(db, collections, source);
    let some: StoredMessage[] = [];
    let bytes = 0;
    const take = async (): Promise<void> => {
      await takeSome(collections, some, tenants, result);
      told(result.taken + result.known);
      some = [];
      bytes = 0;
    };
    for await (const { document } of source.documents(['messages'])) {
      const message = document as StoredMessage;
      some.push(message);
      bytes += message.payload?.length() ?? 0;
      if (some.length === page || bytes > mostBytes) await take();
    }
    await take();
    await takeDecisions(collections, source, result);
    return result;
  });
}

/** What is too large for a message's document comes before it. */
async function takeParts(db: Db, { messages }: ArchiveCollections, source: CollectionSource): Promise<void> {
  const parts = db.collection<Document & { _id: string }>('messageParts');
  for await (const { document } of source.documents(['messageParts'])) {
    const id = Number(String(document['_id']).split('/')[0]);
    if ((await messages.findOne({ _id: id }, { projection: { _id: 1 } })) !== null) continue;
    await parts.replaceOne({ _id: document['_id'] }, { ...document, at: new Date() }, { upsert: true });
  }
}

async function takeSome(
  collections: ArchiveCollections,
  some: readonly StoredMessage[],
  tenants: ReadonlySet<string>,
  result: TakenMessages,
): Promise<void> {
  const found = await collections.messages
    .find({ _id: { $in: some.map(({ _id }) => _id) } }, { projection: { digest: 1, tenant: 1 } })
    .toArray();
  const known = new Map(found.map((message) => [message._id, message]));
  const fresh = some.filter((message) => {
    const there = known.get(message._id);
    if (there !== undefined) isSame(there, message);
    if (there !== undefined) result.known++;
    else if (message.tenant !== null && !tenants.has(message.tenant)) result.ofUnknownTenants++;
    else return true;
    return false;
  });
  const runs = new ArchiveRuns(collections);
  // open before they are there: a message that nobody looks for would be lost, an open number without one costs nothing
  for (const run of new Set(fresh.map(({ _id }) => runOf(_id)))) {
    const numbers = fresh.flatMap(({ _id }) => (runOf(_id) === run ? [numberOf(_id)] : []));
    await runs.openAll(run, numbers);
  }
  if (fresh.length === 0) return;
  try {
    await collections.messages.insertMany([...fresh], { ordered: false });
    result.taken += fresh.length;
  } catch (error) {
    // its sender has sent one again, and the restored installation has it under another number
    if (!(error instanceof MongoBulkWriteError) || !isDuplicateError(error)) throw error;
    result.taken += error.insertedCount;
    result.known += fresh.length - error.insertedCount;
  }
}

function isSame(there: Pick<StoredMessage, '_id' | 'tenant' | 'digest'>, { _id, tenant, digest }: StoredMessage): void {
  if (there.tenant === tenant && Buffer.compare(there.digest.value(), digest.value()) === 0) return;
  throw fault(
    'conflict',
    `message ${runOf(_id)}-${numberOf(_id)} is another one there: this is no archive of the same installation`,
  );
}

/** What became of messages by persons and not by the engine, where outcomes outlived the backup, too. */
async function takeDecisions(
  collections: ArchiveCollections,
  source: CollectionSource,
  result: TakenMessages,
): Promise<void> {
  const settlements = new ArchiveSettlements(collections, new ArchiveRuns(collections));
  const runs = new Set<number>();
  const stillWaiting = new Set<number>();
  for await (const { name, document } of source.documents(['messageRuns', 'messageOutcomes'])) {
    if (name === 'messageRuns') {
      runs.add(Number(document['_id']));
      continue;
    }
    const outcome = document as StoredOutcome;
    if (waiting.includes(outcome.state)) stillWaiting.add(outcome._id);
    if (outcome.tenant !== null && !(outcome.state === 'parked' && outcome.reason === parkedByHand)) continue;
    const known = (await settlements.of([outcome._id])).get(outcome._id);
    const isNews = outcome.tenant === null ? known?.state !== outcome.state : known === undefined;
    const { _id, ...rest } = outcome;
    if (isNews && (await collections.messages.findOne({ _id }, { projection: { _id: 1 } })) !== null)
      await settlements.settle([{ ...rest, sequence: { arrival: 0, run: runOf(_id), number: numberOf(_id) } }]);
  }
  for await (const id of settlements.idsInStates(waiting, undefined, Number.MAX_SAFE_INTEGER)) {
    if (!stillWaiting.has(id) && runs.has(runOf(id)) && (await settlements.release(id))) result.released++;
  }
}

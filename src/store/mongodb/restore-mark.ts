/** Says that what lies in a database is a restore that has not ended. */
import type { Db } from 'mongodb';

interface Mark {
  readonly _id: string;
  readonly at: Date;
}

const name = 'restore';
const _id = 'unfinished';

/** True where a restore has begun and not ended. */
export async function restoreMark(db: Db): Promise<boolean> {
  return (await db.collection<Mark>(name).findOne({ _id })) !== null;
}

export async function markRestore(db: Db): Promise<void> {
  await db.collection<Mark>(name).updateOne({ _id }, { $set: { at: new Date() } }, { upsert: true });
}

export async function unmarkRestore(db: Db): Promise<void> {
  await db.dropCollection(name);
}

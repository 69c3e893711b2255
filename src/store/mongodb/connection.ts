/** Connections to MongoDB, and what its errors mean to the rest of the program. */
import { MongoClient, MongoError } from 'mongodb';
import { Fault, fault } from '../../core/errors.js';

/** A primary that was lost has a successor by then. */
const usualPatience = 15_000;

/**
 * A client whose writes are acknowledged by a majority and journalled, and whose reads see only what such writes wrote. It connects
 * when it is first used. `url` is MongoDB's connection string; what it says of credentials and TLS holds, of write concern not.
 * `patience`: milliseconds in which a server has to be found, 15,000 by default.
 */
export function connectMongo(url: string, patience = usualPatience): MongoClient {
  return new MongoClient(url, {
    appName: 'wardline',
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: patience,
    connectTimeoutMS: 5_000,
    ignoreUndefined: true,
  });
}

/** Runs a call. @throws Fault `store-unavailable` for what the server or the way to it refused; other faults as they are */
export async function fromMongo<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw fault('store-unavailable', 'the database does not answer', { cause: error });
  }
}

/** True where a unique index, that of `_id` too, has the value already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoError && error.code === 11_000;
}

/** Connections to MongoDB. */
import { MongoClient } from 'mongodb';

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

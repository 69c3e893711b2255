/** Connections to MongoDB. */
import { MongoClient } from 'mongodb';

/** A primary that was lost has a successor by then. */
const usualPatience = 15_000;
/** How often nodes are asked how they are; one that does not answer for five seconds more has its calls made anew elsewhere. */
const heartbeat = 5_000;
/**
 * A call without an answer for so long is given up, whatever heartbeats say: the way of its one connection may be gone. Counting all of a large
 * archive takes less; an index that takes longer goes on being built, and who asks for it again waits for the same.
 */
const usualSilence = 600_000;

/**
 * A client whose writes are acknowledged by a majority and journalled, and whose reads see only what such writes wrote. It connects
 * when it is first used. `url` is MongoDB's connection string; what it says of credentials and TLS holds, of write concern not.
 * `patience`: milliseconds in which a server has to be found, 15,000 by default. `silence`: milliseconds for which a call may wait for
 * its answer, 600,000 by default.
 */
export function connectMongo(url: string, patience = usualPatience, silence = usualSilence): MongoClient {
  return new MongoClient(url, {
    appName: 'wardline',
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: patience,
    connectTimeoutMS: 5_000,
    heartbeatFrequencyMS: heartbeat,
    socketTimeoutMS: silence,
    ignoreUndefined: true,
  });
}

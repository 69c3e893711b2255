/** Errors of the catalogue for what the driver throws. Their texts hold names and numbers alone: a server's text may quote a document. */
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { Fault, fault } from '../../core/errors.js';

// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
const outOfTime = 50;
/** OutOfDiskSpace, QuotaExceeded. */
const outOfSpace: ReadonlySet<number | string> = new Set([14031, 12501]);
/** An Atlas error of many kinds, one of which is a full disk: only its text tells. */
const atlasError = 8000;
const duplicateKey = 11000;
/** $sample met only documents that it had drawn already. */
const noSample = 28799;
const badValue = 2;
/** What the configuration of server or user must put right. */
const refused: ReadonlySet<number> = new Set([13, 18, 8000]);

/** True for an insert of what is there already. */
export function isDuplicate(code: number | string | undefined): boolean {
  return code === duplicateKey;
}

/** The same of what a call threw. */
export function isDuplicateError(error: unknown): boolean {
  return error instanceof MongoError && isDuplicate(error.code);
}

/** The places of a bulk's operations that failed because the document was there; throws what else went wrong. */
export function duplicatesOf(error: unknown): ReadonlySet<number> {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  const other = failures.find(({ code }) => !isDuplicate(code));
  if (failures.length === 0 || other !== undefined || error.result.getWriteConcernError() !== undefined) throw error;
  return new Set(failures.map(({ index }) => index));
}

/** Runs a call of the installation's own database. @throws Fault as `mongoFault` makes it; other faults as they are */
export async function fromMongo<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw mongoFault(error, 'the database');
  }
}

/** True when the index that a query names may not be there (yet). */
export function mayLackIndex(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === badValue;
}

/** True when a command was given up because its time was over. */
export function isOutOfTime(error: unknown): boolean {
  return error instanceof Fault ? error.code === 'too-costly' : error instanceof MongoError && error.code === outOfTime;
}

/** True when no documents could be drawn at random, which may pass. */
export function isWithoutSample(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === noSample;
}

/** `where` names a database or collection, never its content. */
export function mongoFault(thrown: unknown, where: string): Fault {
  if (thrown instanceof Fault) return thrown;
  // what kept a bulk from being carried out stands in the bulk's own error
  const error = thrown instanceof MongoBulkWriteError && isOther(thrown) ? thrown.errorResponse : thrown;
  if (isOfSocket(error)) return fault('store-unavailable', `${where} cannot be reached (${error.code})`);
  if (!(error instanceof MongoError)) {
    const name = error instanceof Error ? error.name : typeof error;
    return fault('internal', `${where}: unexpected error (${name})`);
  }
  const about = `${error.name}${error.code === undefined ? '' : ` ${error.code}`}`;
  if (error.code === outOfTime) return fault('too-costly', 'the search takes too long: narrow it down');
  if (isOutOfSpace(error)) return fault('disk-full', `no space left for ${where} (${about})`);
  if (typeof error.code === 'number' && refused.has(error.code)) {
    return fault('store-unavailable', `${where} may not be used by this user (${about})`);
  }
  if (isPassing(error)) return fault('store-unavailable', `${where} cannot be reached (${about})`);
  return fault('internal', `${where}: MongoDB refuses a command (${about})`);
}

/** A write to a connection that broke meanwhile fails with the error of the socket, which the driver hands on as it is. */
function isOfSocket(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || error instanceof MongoError) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && (syscall !== undefined || code.startsWith('ERR_STREAM_'));
}

function isOutOfSpace(error: MongoError): boolean {
  // what a write concern failed of has a code of its own
  const codes =
    error instanceof MongoWriteConcernError ? [error.code, error.result.writeConcernError.code] : [error.code];
  if (codes.some((code) => outOfSpace.has(code ?? 0))) return true;
  return error.code === atlasError && /space quota/i.test(error.message);
}

function isOther({ errorResponse, writeErrors }: MongoBulkWriteError): boolean {
  return errorResponse instanceof Error && [writeErrors].flat().length === 0;
}

const passing = [
  MongoClientClosedError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
];

/** Codes of a node that stops, starts, or is no longer the primary; and of a write that the majority has not yet confirmed. */
const passingCodes: ReadonlySet<number | string> = new Set([
  6, 7, 64, 89, 91, 100, 133, 134, 189, 262, 317, 358, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436,
]);

function isPassing(error: MongoError): boolean {
  if (passing.some((known) => error instanceof known)) return true;
  // the driver does not export its class
  if (error.name === 'MongoWaitQueueTimeoutError') return true;
  return error.hasErrorLabel('RetryableWriteError') || passingCodes.has(error.code ?? 0);
}

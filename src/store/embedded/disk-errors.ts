import { Fault, fault } from '../../core/errors.js';

// https://www.sqlite.org/rescode.html: the low byte is the primary result code
const full = 13;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const cannotOpen = 14;
const notADatabase = 26;
const busy = 5;
const locked = 6;
const ioErrorWrite = ioError | (3 << 8);
const ioErrorShmSize = ioError | (19 << 8);

/** The error of the catalogue for what a file or the SQLite driver threw; `where` names the file, never its content. */
export function diskFault(error: unknown, where: string): Fault {
  if (error instanceof Fault) return error;
  const { code, errcode } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    errcode?: unknown;
  };
  const cause = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT') return fault('disk-full', `no space left for ${where}`, cause);
  if (typeof errcode !== 'number') {
    return typeof code === 'string' && code.startsWith('E') && !code.startsWith('ERR_')
      ? fault('store-unavailable', `${where} cannot be used (${code})`, cause)
      : fault('internal', `${where}: unexpected error`, cause);
  }
  if ([full, ioErrorWrite, ioErrorShmSize].includes(errcode))
    return fault('disk-full', `no space left for ${where}`, cause);
  switch (errcode & 0xff) {
    case corrupt:
    case notADatabase:
      return fault('store-corrupt', `${where} is damaged (SQLite ${errcode})`, cause);
    case ioError:
    case cannotOpen:
    case readOnly:
    case busy:
    case locked:
      return fault('store-unavailable', `${where} cannot be used (SQLite ${errcode})`, cause);
    default:
      return fault('internal', `${where}: SQLite error ${errcode}`, cause);
  }
}

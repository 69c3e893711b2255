/**
 * A consistent copy of a SQLite file that is being written, read straight from it and without a second file.
 *
 * In WAL mode nothing that was committed after a reader began is carried over into the file while it reads. So where the reader begins
 * with everything carried over, the file itself is what the reader sees, and stays so: it can be read as bytes. Writers are held up for
 * the moment in which that is made so, and go on writing to the WAL afterwards.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { fault } from '../../core/errors.js';
import { noteClosed } from './collect-closed.js';
import { diskFault } from './disk-errors.js';
import { openDatabase } from './open-database.js';

const chunkSize = 1 << 20;
/** Milliseconds in which a moment is found where nobody else reads an older state. */
const patience = 60_000;
const pause = 20;

/** A file as it was at one moment; to be closed. */
export interface FileSnapshot {
  readonly bytes: number;
  readonly rows: number;
  chunks(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Takes hold of a file as it is now; `count` asks it for a number of rows. To be called in a process that does not work on the file
 * otherwise: closing what is read takes the locks of all connections of the process.
 * @throws Fault `store-unavailable`, `store-corrupt`, `format-too-new`
 */
export async function takeSnapshot(
  path: string,
  { kind, format, count }: { readonly kind: string; readonly format: number; readonly count: string },
): Promise<FileSnapshot> {
  const name = basename(path);
  let file: FileHandle | undefined;
  const reader = openDatabase(path, { kind, format, schema: '', readOnly: true });
  try {
    await stand(
      path,
      name,
      () => {
        reader.exec('BEGIN');
        reader.get('SELECT count(*) AS n FROM sqlite_schema');
      },
      () => reader.exec('ROLLBACK'),
    );
    const pages = Number(reader.get('PRAGMA page_count')?.page_count);
    const bytes = pages * Number(reader.get('PRAGMA page_size')?.page_size);
    const rows = Number(Object.values(reader.get(count) ?? {})[0] ?? 0);
    const opened = await open(path, 'r');
    file = opened;
    return {
      bytes,
      rows,
      chunks: () => chunksOf(opened, bytes, name),
      async close() {
        reader.exec('ROLLBACK');
        reader.close();
        noteClosed();
        await opened.close();
      },
    };
  } catch (error) {
    reader.close();
    await file?.close();
    throw diskFault(error, name);
  }
}

/** Begins reading at a moment when all that is committed stands in the file itself. */
async function stand(path: string, name: string, begin: () => void, end: () => void): Promise<void> {
  const writer = connect(path);
  const carrier = connect(path);
  const until = performance.now() + patience;
  try {
    for (;;) {
      // most of it while writers go on
      carryOver(carrier);
      writer.exec('BEGIN IMMEDIATE');
      let whole = false;
      try {
        begin();
        whole = carryOver(carrier);
      } finally {
        writer.exec('ROLLBACK');
      }
      if (whole) return;
      end();
      if (performance.now() > until)
        throw fault('store-unavailable', `${name} is being read by something else all the time: another backup?`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } finally {
    for (const db of [writer, carrier]) {
      db.close();
      noteClosed();
    }
  }
}

function connect(path: string): DatabaseSyncInstance {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA busy_timeout = 5000');
  return db;
}

/** Carries the WAL over into the file; true when nothing is left of it. */
function carryOver(db: DatabaseSyncInstance): boolean {
  const done = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as Record<'busy' | 'log' | 'checkpointed', number>;
  return done.busy === 0 && done.log === done.checkpointed;
}

async function* chunksOf(file: FileHandle, bytes: number, name: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; ) {
    const chunk = Buffer.alloc(Math.min(chunkSize, bytes - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) throw fault('store-corrupt', `${name} is shorter than it says`);
    yield chunk.subarray(0, bytesRead);
    at += bytesRead;
  }
}

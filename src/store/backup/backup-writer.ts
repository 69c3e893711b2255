/** Writes a backup file, part by part, under a temporary name; only a whole one gets its own. */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fault } from '../../core/errors.js';
import { SealedFrames } from '../../core/sealed-frames.js';
import { diskFault } from '../embedded/disk-errors.js';
import { pack } from '../packed.js';
import {
  type BackupHeader,
  type BackupManifest,
  type BackupSecret,
  backupKey,
  lastFrameBit,
  type PartRecord,
  printHeader,
  recordKinds,
} from './backup-format.js';

export class BackupWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #frames: SealedFrames;
  readonly #parts: PartRecord[] = [];
  #bytes = 0;

  private constructor(path: string, file: FileHandle, frames: SealedFrames) {
    this.#path = path;
    this.#file = file;
    this.#frames = frames;
  }

  /** Begins `path`, which must not be there. @throws Fault `conflict`, `disk-full`, `store-unavailable` */
  static async begin(path: string, header: BackupHeader, secret: BackupSecret): Promise<BackupWriter> {
    if (existsSync(path)) throw fault('conflict', `${path} is there already: name another file`);
    const head = printHeader(header);
    const about = createHash('sha256').update(head).digest();
    return guarded(path, async () => {
      await rm(temporary(path), { force: true });
      const file = await open(temporary(path), 'wx', 0o600);
      const writer = new BackupWriter(path, file, new SealedFrames(backupKey(secret, header.seal.salt), about));
      await writer.#write(head);
      return writer;
    });
  }

  /** Bytes of the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes a part. `rows` is asked at its end. */
  async part(name: string, chunks: AsyncIterable<Uint8Array>, rows: () => number): Promise<void> {
    const hash = createHash('sha256');
    let bytes = 0;
    await this.#record(recordKinds.part, Buffer.from(name, 'utf8'));
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      await this.#record(recordKinds.data, chunk);
    }
    const record: PartRecord = { name, bytes, sha256: hash.digest('hex'), rows: rows() };
    this.#parts.push(record);
    await this.#record(recordKinds.end, Buffer.from(JSON.stringify(record), 'utf8'));
  }

  /** Writes the manifest, syncs, and gives the file its name. Resolves with what stands in the manifest. */
  async finish(rest: Omit<BackupManifest, 'parts'>): Promise<BackupManifest> {
    const manifest: BackupManifest = { parts: this.#parts, ...rest };
    await this.#record(recordKinds.manifest, Buffer.from(JSON.stringify(manifest), 'utf8'), true);
    await guarded(this.#path, async () => {
      await this.#file.sync();
      const { ino } = await this.#file.stat();
      await this.#file.close();
      // another backup under the same name has begun, whose file is not whole yet
      const isOwn = statSync(temporary(this.#path), { throwIfNoEntry: false })?.ino === ino;
      if (!isOwn || existsSync(this.#path))
        throw fault('conflict', `${this.#path} was made by somebody else meanwhile`);
      await rename(temporary(this.#path), this.#path);
      await syncFolder(dirname(this.#path));
    });
    return manifest;
  }

  /** Gives up: nothing stays. */
  async abort(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(temporary(this.#path), { force: true });
  }

  async #record(kind: string, body: Uint8Array, last = false): Promise<void> {
    const sealed = this.#frames.seal(pack(Buffer.concat([Buffer.from(kind, 'latin1'), body])), last);
    const length = Buffer.alloc(4);
    // the highest bit makes it a number above 2^31, never a negative one
    length.writeUInt32BE(sealed.length + (last ? lastFrameBit : 0));
    await guarded(this.#path, () => this.#write(Buffer.concat([length, sealed])));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes);
    this.#bytes += bytes.length;
  }
}

/** The name of a backup while it is written: nothing takes it for a whole one. */
function temporary(path: string): string {
  return `${path}.part`;
}

/** Makes names of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFault(error, path);
  }
}

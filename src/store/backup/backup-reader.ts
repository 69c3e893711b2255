/** Reads a backup file from its beginning to its end, and believes nothing that it has not checked. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Fault, fault } from '../../core/errors.js';
import { SealedFrames } from '../../core/sealed-frames.js';
import { diskFault } from '../embedded/disk-errors.js';
import { unpack } from '../packed.js';
import {
  type BackupHeader,
  type BackupManifest,
  type BackupSecret,
  backupFormat,
  backupKey,
  headerAt,
  lastFrameBit,
  longestFrame,
  magic,
  type PartRecord,
  parseHeader,
  recordKinds,
} from './backup-format.js';

const longestHeader = 65_536;

/** What comes out of a backup: each part with its name, its content in pieces, and its end. */
export type BackupEvent =
  | { readonly kind: 'part'; readonly name: string }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly part: PartRecord };

/** An open backup file. */
export class BackupReader {
  readonly header: BackupHeader;
  /** Bytes of the file. */
  readonly size: number;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #begin: number;
  readonly #about: Uint8Array;
  #at = 0;

  private constructor(path: string, file: FileHandle, size: number, beginning: Uint8Array, header: BackupHeader) {
    this.#path = path;
    this.#file = file;
    this.size = size;
    this.#begin = beginning.length;
    this.#about = createHash('sha256').update(beginning).digest();
    this.header = header;
  }

  /** Opens the file and reads its header. @throws Fault `not-found`, `backup-damaged`, `format-too-new` */
  static async open(path: string): Promise<BackupReader> {
    const file = await open(path, 'r').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw fault('not-found', `there is no file ${path}`);
      throw diskFault(error, path);
    });
    try {
      const { size } = await file.stat();
      const start = await readAt(file, 0, headerAt);
      if (start.subarray(0, magic.length).toString('latin1') !== magic)
        throw fault('backup-damaged', `${path} is no backup of Wardline`);
      if (start.length < headerAt) throw damaged(path, 0);
      const length = start.readUInt32BE(magic.length);
      if (length > longestHeader || headerAt + length > size) throw damaged(path, 0);
      const beginning = await readAt(file, 0, headerAt + length);
      const header = parseHeader(beginning);
      if (header === undefined) throw damaged(path, 0);
      const reader = new BackupReader(path, file, size, beginning, header);
      if (reader.header.format > backupFormat) {
        throw fault(
          'format-too-new',
          `${path} has format ${reader.header.format} and this program reads up to ${backupFormat}: use Wardline ${reader.header.wardline}`,
        );
      }
      return reader;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  /** Fails where the secret does not open the first frame. @throws Fault `seal-broken`, `backup-damaged` */
  async tryKey(secret: BackupSecret): Promise<void> {
    const { bytes, last } = await this.#frame(this.#begin);
    const frames = new SealedFrames(backupKey(secret, this.header.seal.salt), this.#about);
    if (frames.open(bytes, last) !== undefined) return;
    const by = secret.by === 'passphrase' ? 'passphrase' : 'master key';
    throw fault(
      'seal-broken',
      `the ${by} does not open ${this.#path}: it is another one, or the file is damaged at its start`,
    );
  }

  /**
   * Everything in the file, in its order; returns the manifest at the end. What was given before a failure may be a part of a
   * damaged file: nothing of it counts before the manifest.
   * @throws Fault `backup-damaged` where anything is not as it was written
   */
  async *read(secret: BackupSecret): AsyncGenerator<BackupEvent, BackupManifest> {
    const frames = new SealedFrames(backupKey(secret, this.header.seal.salt), this.#about);
    const parts: PartRecord[] = [];
    let open: { readonly name: string; readonly hash: Hash; bytes: number } | undefined;
    this.#at = this.#begin;
    for (;;) {
      const at = this.#at;
      const { bytes, last, next } = await this.#frame(at);
      const packed = frames.open(bytes, last);
      if (packed === undefined) throw damaged(this.#path, at);
      const record = Buffer.from(unpack(packed));
      const kind = record.subarray(0, 1).toString('latin1');
      const body = record.subarray(1);
      this.#at = next;
      if (last !== (kind === recordKinds.manifest)) throw damaged(this.#path, at);
      if (kind === recordKinds.manifest) {
        const manifest = JSON.parse(body.toString('utf8')) as BackupManifest;
        if (open !== undefined || next !== this.size || !isDeepStrictEqual(manifest.parts, parts))
          throw damaged(this.#path, at);
        return manifest;
      }
      if (kind === recordKinds.part && open === undefined) {
        open = { name: body.toString('utf8'), hash: createHash('sha256'), bytes: 0 };
        yield { kind: 'part', name: open.name };
      } else if (kind === recordKinds.data && open !== undefined) {
        open.hash.update(body);
        open.bytes += body.length;
        yield { kind: 'data', bytes: body };
      } else if (kind === recordKinds.end && open !== undefined) {
        const part = JSON.parse(body.toString('utf8')) as PartRecord;
        const { name, bytes: length, hash } = open;
        if (part.name !== name || part.bytes !== length || part.sha256 !== hash.digest('hex'))
          throw damaged(this.#path, at);
        parts.push(part);
        open = undefined;
        yield { kind: 'end', part };
      } else throw damaged(this.#path, at);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #frame(at: number): Promise<{ readonly bytes: Buffer; readonly last: boolean; readonly next: number }> {
    if (at + 4 > this.size) throw damaged(this.#path, at);
    const word = (await readAt(this.#file, at, 4)).readUInt32BE(0);
    const last = word >= lastFrameBit;
    const length = last ? word - lastFrameBit : word;
    const next = at + 4 + length;
    if (length > longestFrame || next > this.size) throw damaged(this.#path, at);
    return { bytes: await readAt(this.#file, at + 4, length), last, next };
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function damaged(path: string, at: number): Fault {
  return fault(
    'backup-damaged',
    `${path} is damaged, or was cut short: byte ${at} and what follows is not as it was written`,
  );
}

/**
 * What a backup file looks like: a line that names it, a header in the clear behind its length and SHA-256, then sealed frames. Each
 * frame is four bytes of length, whose highest bit marks the last one, and a compressed record: a letter for its kind and a body.
 */
import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { deriveKey, keyLength } from '../../core/seal.js';

export const magic = 'WARDLINE BACKUP\n';
/** Bytes before the header: the line, four of length, 32 of its hash. */
export const headerAt = magic.length + 36;
/** The format that this program writes; it reads that and those before. */
export const backupFormat = 1;
/** No frame is longer: a document of MongoDB has 16 MiB at most. */
export const longestFrame = 40 * (1 << 20);
export const lastFrameBit = 0x8000_0000;

/**
 * So many run numbers stay free: the lost installation may have gone on after the backup, and what it archived keeps its numbers when
 * it is brought in, even after the restored one has started.
 */
export const runsLeftFree = 1000;

/** In the clear, and bound into every frame: nothing of a patient. */
export interface BackupHeader {
  readonly format: number;
  /** Version of the program that wrote it. */
  readonly wardline: string;
  /** ISO 8601, when it was begun. */
  readonly createdAt: string;
  readonly store: 'embedded' | 'mongodb';
  /** `archive`: messages, their outcomes and the registry; no resources and no audit. */
  readonly contents: 'all' | 'archive';
  readonly seal: { readonly by: 'master-key' | 'passphrase'; readonly salt: string };
  /** The master key is one of the parts. */
  readonly holdsMasterKey: boolean;
  /** Tells whether a master key is that of the installation; empty where it has none yet. */
  readonly masterKeyCheck: string;
}

/** The beginning of a file: all that is in the clear. */
export function printHeader(header: BackupHeader): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([Buffer.from(magic, 'latin1'), length, createHash('sha256').update(text).digest(), text]);
}

/** The header of a beginning that has its whole length; undefined where a byte of it was changed. */
export function parseHeader(beginning: Buffer): BackupHeader | undefined {
  const text = beginning.subarray(headerAt);
  const isWhole = createHash('sha256')
    .update(text)
    .digest()
    .equals(beginning.subarray(headerAt - 32, headerAt));
  return isWhole ? (JSON.parse(text.toString('utf8')) as BackupHeader) : undefined;
}

/** One file, or collection. */
export interface PartRecord {
  readonly name: string;
  readonly bytes: number;
  /** Of its content, hexadecimal. */
  readonly sha256: string;
  /** Documents, messages, records … that it holds. */
  readonly rows: number;
}

/** The last record: what a whole backup holds. */
export interface BackupManifest {
  readonly parts: readonly PartRecord[];
  /** Tenants to be rebuilt after a restore: what their ids are made from changed, or may have changed, while it was written. */
  readonly rebuild: readonly string[];
  /** The mapping version that was live when the resources were copied. */
  readonly mappingVersion: number;
}

/** Letters of records. */
export const recordKinds = { part: 'p', data: 'd', end: 'e', manifest: 'm' } as const;

/** What a backup is sealed with: the master key of its installation, or a passphrase. */
export type BackupSecret =
  | { readonly by: 'master-key'; readonly master: Uint8Array }
  | { readonly by: 'passphrase'; readonly passphrase: string };

// a guess takes 128 MiB and half a second
const scryptCost = { N: 1 << 17, r: 8, p: 1, maxmem: 256 * (1 << 20) };

export function newSalt(): string {
  return randomBytes(32).toString('base64url');
}

/** The key of one file: its salt makes it another for each. */
export function backupKey(secret: BackupSecret, salt: string): Uint8Array {
  if (secret.by === 'master-key') return deriveKey(deriveKey(secret.master, 'backup'), salt);
  return scryptSync(secret.passphrase.normalize('NFC'), salt, keyLength, scryptCost);
}

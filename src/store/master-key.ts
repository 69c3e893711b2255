/**
 * The master key: it wraps every tenant's keys, the signing keys and upstream secrets. It comes from a variable or a file;
 * without either the first start makes one in the data folder, readable by its owner only.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../core/errors.js';
import { keyLength, newKey, sealText, unsealText } from '../core/seal.js';
import { isOpenToOthers } from '../core/secret-file.js';
import type { RegistryPort } from './registry-port.js';

/** The registry's setting that tells whether a master key is the right one. */
export const masterKeyCheck = 'master-key-check';
const checkText = 'wardline master key';

/** Where the key is looked for: `value` (32 bytes in base64, base64url or hex) before `file` before the data folder. */
export interface MasterKeySource {
  readonly value?: string;
  readonly file?: string;
  readonly folder: string;
}

/**
 * The master key of this installation. The first start makes it when no source names one, and leaves a sealed check in
 * the registry; every later start compares. Throws `config-invalid` for a key of another form or a missing file and
 * `seal-broken` when the key is not the one that this installation's data was sealed with.
 */
export async function openMasterKey(registry: RegistryPort, source: MasterKeySource): Promise<Uint8Array> {
  const check = await registry.setting(masterKeyCheck);
  if (check !== undefined) return verifyMasterKey(check, source);
  const { key } = findKey(source, true);
  await registry.putSetting(masterKeyCheck, sealText(key, checkText, masterKeyCheck));
  return key;
}

/**
 * The master key, compared with the sealed check that the registry holds; never makes one.
 * Throws as `openMasterKey` does.
 */
export function verifyMasterKey(check: string, source: MasterKeySource): Uint8Array {
  const { key, from } = findKey(source, false);
  try {
    if (unsealText(key, check, masterKeyCheck) === checkText) return key;
  } catch {
    // told below, in one sentence
  }
  throw fault('seal-broken', `the master key from ${from} is not the one that this installation was made with`);
}

function findKey(source: MasterKeySource, mayMake: boolean): { key: Uint8Array; from: string } {
  if (source.value !== undefined) return { key: parseKey(source.value, 'the variable'), from: 'the variable' };
  if (source.file !== undefined) {
    if (!existsSync(source.file)) throw fault('config-invalid', `the master key file ${source.file} does not exist`);
    return { key: readKey(source.file), from: source.file };
  }
  const path = join(source.folder, 'master.key');
  if (existsSync(path)) return { key: readKey(path), from: path };
  if (!mayMake) {
    throw fault('seal-broken', `${path} is missing: put back the master key that this installation was made with`);
  }
  return { key: makeKey(path), from: path };
}

function readKey(path: string): Uint8Array {
  if (isOpenToOthers(path)) {
    throw fault('config-invalid', `the master key file ${path} can be read by others: set its mode to 0600`);
  }
  return parseKey(readFileSync(path, 'utf8'), path);
}

function parseKey(text: string, from: string): Uint8Array {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (key.length !== keyLength) {
    throw fault('config-invalid', `the master key from ${from} is not 32 bytes in base64 or hex`);
  }
  return key;
}

function makeKey(path: string): Uint8Array {
  const key = newKey();
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${Buffer.from(key).toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}

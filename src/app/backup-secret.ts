/** What opens a backup, and whether it belongs to the master key at hand. */
import { readFileSync } from 'node:fs';
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import type { BackupHeader, BackupSecret } from '../store/backup/backup-format.js';
import { type MasterKeySource, verifyMasterKey } from '../store/master-key.js';
import { masterKeySource } from './master-key-source.js';

/** Where keys are looked for beside the configuration. */
export interface KeyWish {
  readonly passphraseFile?: string;
  /** Instead of the one that the configuration names. */
  readonly masterKeyFile?: string;
}

const shortest = 12;

/** The passphrase of a file: its first line. @throws Fault `usage` for one that is missing or too short */
export function readPassphrase(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fault('usage', `the passphrase file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const [passphrase = ''] = text.split(/\r?\n/, 1);
  if (passphrase.length >= shortest) return passphrase;
  throw fault('usage', `the first line of ${file} is to be a passphrase of ${shortest} characters at least`);
}

export function keySource(config: Config, { masterKeyFile }: KeyWish): MasterKeySource {
  return masterKeyFile === undefined ? masterKeySource(config) : { folder: config.dataFolder, file: masterKeyFile };
}

/** What a file with this header is opened with. @throws Fault `usage`, `seal-broken`, `config-invalid` */
export function secretFor({ seal, masterKeyCheck }: BackupHeader, config: Config, wish: KeyWish): BackupSecret {
  if (seal.by === 'passphrase') {
    if (wish.passphraseFile !== undefined) return { by: 'passphrase', passphrase: readPassphrase(wish.passphraseFile) };
    throw fault('usage', 'this backup is sealed with a passphrase: name its file by --passphrase-file');
  }
  return { by: 'master-key', master: verifyMasterKey(masterKeyCheck, keySource(config, wish)) };
}

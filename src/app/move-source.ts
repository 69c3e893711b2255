/** An embedded installation that moves away: held by this process, and only read. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../core/config.js';
import { Fault, fault } from '../core/errors.js';
import { deriveKey } from '../core/seal.js';
import type { KeyOf } from '../store/archive-seal.js';
import { startAuditThread } from '../store/embedded/audit-client.js';
import { type DataFolder, openDataFolder } from '../store/embedded/data-folder.js';
import { OutgoingArchive } from '../store/embedded/outgoing-archive.js';
import { type OutgoingTenant, openOutgoingTenant } from '../store/embedded/outgoing-documents.js';
import { type OutgoingAudit, openOutgoingAudit, readOutgoingRegistry } from '../store/embedded/outgoing-registry.js';
import { type MasterKeySource, masterKeyCheck, verifyMasterKey } from '../store/master-key.js';
import type { MovedRegistry } from '../store/moved-rows.js';
import { archiveKeys } from './archive-keys.js';
import { masterKeySource } from './master-key-source.js';

export interface MoveSource {
  readonly folder: DataFolder;
  /** Tells this installation from others, and nothing else. */
  readonly id: string;
  readonly registry: MovedRegistry;
  readonly archive: OutgoingArchive;
  /** undefined where nothing was ever audited. */
  readonly audit: OutgoingAudit | undefined;
  readonly keyOf: KeyOf;
  readonly auditKey: Uint8Array;
  /** undefined for a tenant of which nothing is stored. */
  tenant(id: string): OutgoingTenant | undefined;
  /** Runs of the audit whose chain does not hold. */
  brokenChains(): Promise<readonly { readonly run: number; readonly number: number }[]>;
  close(): void;
}

/**
 * Takes the data folder and opens all that is in it for reading.
 * @throws Fault `data-folder-unusable` where there is no installation, `data-folder-locked` while it runs, `seal-broken` for another
 * master key, `format-too-new`, `store-corrupt`
 */
export function openMoveSource(config: Config): MoveSource {
  const { dataFolder } = config;
  if (!existsSync(join(dataFolder, 'registry.db')))
    throw fault('data-folder-unusable', `there is no embedded installation in ${dataFolder}`);
  const folder = takeFolder(dataFolder);
  const opened: { close(): void }[] = [];
  try {
    const registry = readOutgoingRegistry(folder.file('registry.db'));
    const check = registry?.settings.find(({ name }) => name === masterKeyCheck)?.value;
    if (registry === undefined || check === undefined)
      throw fault('data-folder-unusable', `the installation in ${dataFolder} was never started`);
    const master = verifyMasterKey(check, statedKey(config));
    const keys = archiveKeys(master);
    keys.update({ ...registry, mappingVersion: 0 });
    const archive = new OutgoingArchive(folder.file('archive'), keys.keyOf);
    opened.push(archive);
    const audit = openOutgoingAudit(folder.file('audit.db'));
    if (audit !== undefined) opened.push(audit);
    const auditKey = deriveKey(master, 'audit');
    return {
      ...{ folder, registry, archive, audit, auditKey },
      id: createHash('sha256').update(check).digest('hex').slice(0, 32),
      keyOf: keys.keyOf,
      tenant: (id) => openOutgoingTenant(folder.file('tenants'), id),
      brokenChains: () => (audit === undefined ? Promise.resolve([]) : brokenChains(folder.file('audit.db'), auditKey)),
      close() {
        for (const part of opened) part.close();
        folder.release();
      },
    };
  } catch (error) {
    for (const part of opened) part.close();
    folder.release();
    throw error;
  }
}

/** The key's place in the new installation may be stated before the key lies there. */
function statedKey(config: Config): MasterKeySource {
  const source = masterKeySource(config);
  const inFolder = join(config.dataFolder, 'master.key');
  if (source.value === undefined && source.file !== undefined && !existsSync(source.file) && existsSync(inFolder)) {
    const missing = `the master key file ${source.file} does not exist`;
    throw fault('config-invalid', `${missing}: put a copy of ${inFolder} there, with mode 0600`);
  }
  return source;
}

function takeFolder(path: string): DataFolder {
  try {
    return openDataFolder(path);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'data-folder-locked') throw error;
    throw fault(error.code, `${error.message}: stop the system there, and begin again`);
  }
}

/** In a thread of its own: it reads all that was ever audited. */
async function brokenChains(file: string, key: Uint8Array) {
  const audit = await startAuditThread(file, { run: 0, key });
  try {
    return await audit.verify();
  } finally {
    await audit.close();
  }
}

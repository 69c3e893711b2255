/**
 * Copies a data folder that a system is working on. Each file is copied as it was at one moment, one after the other, in an order in
 * which what says that work is done is never newer than the work, and the work never newer than the messages that it rests on: settle
 * marks, resources, messages, audit, registry. What is done twice after a restore changes nothing.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupManifest } from '../backup/backup-format.js';
import type { BackupWriter } from '../backup/backup-writer.js';
import { toRebuild } from '../backup/rebuild-marks.js';
import { takeSnapshot } from './file-snapshot.js';
import { type StoreFile, storeFiles } from './inspect-store.js';
import { readRegistryMarks } from './registry-marks.js';

const registryFile = 'registry.db';
/** Small files of the demo hospital. */
const plainFiles = ['demo-tenant', 'demo-hospital.json'];

const rowsOf: Readonly<Record<string, string>> = {
  settle: 'SELECT sum(rows) FROM tally',
  resources: 'SELECT count(*) FROM document',
  archive: 'SELECT sum(rows) FROM tally',
  audit: 'SELECT max(id) FROM record',
  registry: 'SELECT count(*) FROM tenant',
};

/** Bytes that a backup of the folder reads, about. */
export function sizeOfFolder(folder: string, contents: 'all' | 'archive'): number {
  return storeFiles(folder)
    .filter((store) => isWanted(store, contents))
    .reduce((sum, { file }) => sum + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Writes all parts, and gives what the manifest says of them. `read` is told of the bytes that were read. */
export async function backUpFolder(
  folder: string,
  contents: 'all' | 'archive',
  writer: BackupWriter,
  read: (bytes: number) => void,
): Promise<Omit<BackupManifest, 'parts'>> {
  const before = readRegistryMarks(join(folder, registryFile));
  const copy = async (stores: readonly StoreFile[]): Promise<void> => {
    for (const store of stores) await copyStore(folder, store, writer, read);
  };
  const ofKind = (kind: string): StoreFile[] =>
    storeFiles(folder).filter((store) => store.kind === kind && isWanted(store, contents));
  await copy(ofKind('settle'));
  await copy(ofKind('resources'));
  // the newest month first: where it has messages, none comes to an older one any more, so that what is copied has no gap
  await copy(ofKind('archive').reverse());
  await copy(ofKind('audit'));
  await copy(ofKind('registry'));
  for (const name of plainFiles) await copyPlain(folder, name, contents, writer);
  const after = readRegistryMarks(join(folder, registryFile));
  return { rebuild: toRebuild(before, after), mappingVersion: before.mappingVersion };
}

async function copyStore(
  folder: string,
  { file, kind, format }: StoreFile,
  writer: BackupWriter,
  read: (bytes: number) => void,
): Promise<void> {
  const path = join(folder, file);
  // a month that retention has just emptied
  if (!existsSync(path)) return;
  const snapshot = await takeSnapshot(path, { kind, format, count: rowsOf[kind] ?? 'SELECT 0' });
  try {
    await writer.part(file.replaceAll('\\', '/'), counted(snapshot.chunks(), read), () => snapshot.rows);
  } finally {
    await snapshot.close();
  }
}

async function copyPlain(folder: string, name: string, contents: string, writer: BackupWriter): Promise<void> {
  const path = join(folder, name);
  if (contents === 'all' && existsSync(path)) await writer.part(name, createReadStream(path), () => 0);
}

async function* counted(chunks: AsyncIterable<Uint8Array>, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    read(chunk.length);
    yield chunk;
  }
}

function isWanted({ kind }: StoreFile, contents: 'all' | 'archive'): boolean {
  return contents === 'all' || (kind !== 'resources' && kind !== 'audit');
}

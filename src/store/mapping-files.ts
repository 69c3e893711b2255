import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault } from '../core/errors.js';
import type { PackedTree } from '../mapping/packed-tree.js';

/** The folder of the mapping files that come with Wardline. */
export const shippedMappings = fileURLToPath(new URL('../../../mappings', import.meta.url));

/** What the build made of these files, see `packed-tree.ts`. */
export const parsedMappings = fileURLToPath(new URL('../../parsed-mappings.json', import.meta.url));

let parsed: Readonly<Record<string, PackedTree>> | undefined;

/** The tree of a file that comes with Wardline; of none where they were not made, as after the compiler alone. */
export function parsedTree(text: string): PackedTree | undefined {
  try {
    parsed ??= JSON.parse(readFileSync(parsedMappings, 'utf8')) as Readonly<Record<string, PackedTree>>;
  } catch {
    parsed = {};
  }
  return parsed[textDigest(text)];
}

/** SHA-256 of a file's text, base64url: a tree is found by what its file says. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** SHA-256 of a set of files, texts by path, base64url; their order does not count. */
export function filesDigest(files: Readonly<Record<string, string>>): string {
  return textDigest(JSON.stringify(Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))));
}

/**
 * Reads the mapping files (`.yaml`, `.yml`) of a folder and those below it: texts by path, with `/`, in order of path.
 * `prefix` stands before every path. Hidden files and folders are left out: editors and mounted volumes keep theirs there.
 * @throws Fault `mapping-invalid` when the folder cannot be read.
 */
export function readMappingFiles(folder: string, prefix = ''): Readonly<Record<string, string>> {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isMappingFile);
    return Object.fromEntries(
      names.sort().map((name) => [prefix + name.split(sep).join('/'), readFileSync(join(folder, name), 'utf8')]),
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw fault('mapping-invalid', `mapping folder ${folder} cannot be read (${code})`);
  }
}

/** A text that changes whenever a mapping file of the folder is written, replaced, added, renamed or removed. Never rejects. */
export async function stateOfMappingFiles(folder: string): Promise<string> {
  try {
    const names = (await readdir(folder, { recursive: true, encoding: 'utf8' })).filter(isMappingFile).sort();
    const states = await Promise.all(names.map((name) => stateOfFile(folder, name)));
    return states.join('\n');
  } catch (error) {
    return `not readable: ${(error as NodeJS.ErrnoException).code}`;
  }
}

async function stateOfFile(folder: string, name: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(join(folder, name), { bigint: true });
  return [name, ino, size, mtimeNs, ctimeNs].join(' ');
}

function isMappingFile(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.split(sep).some((part) => part.startsWith('.'));
}

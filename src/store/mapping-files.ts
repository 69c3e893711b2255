import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault } from '../core/errors.js';

/** The folder of the mapping files that come with Wardline. */
export const shippedMappings = fileURLToPath(new URL('../../../mappings', import.meta.url));

/**
 * Reads the mapping files (`.yaml`, `.yml`) of a folder and those below it: texts by path, with `/`, in order of path.
 * `prefix` stands before every path.
 * @throws Fault `mapping-invalid` when the folder cannot be read.
 */
export function readMappingFiles(folder: string, prefix = ''): Readonly<Record<string, string>> {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
    return Object.fromEntries(
      names.sort().map((name) => [prefix + name.split(sep).join('/'), readFileSync(join(folder, name), 'utf8')]),
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw fault('mapping-invalid', `mapping folder ${folder} cannot be read (${code})`);
  }
}

import { relative } from 'node:path';
import { type Compilation, compileMapping } from '../mapping/compile.js';
import { readMappingFiles } from '../store/mapping-files.js';

/** Compiles the files of these folders together; their names are paths as an editor here opens them. */
export function compileFolders(folders: readonly string[]): Compilation & { readonly files: number } {
  const files = Object.assign({}, ...folders.map((folder) => readMappingFiles(folder, prefixOf(folder)))) as Record<
    string,
    string
  >;
  return { ...compileMapping(files), files: Object.keys(files).length };
}

function prefixOf(folder: string): string {
  const path = relative('.', folder);
  return path === '' ? '' : `${path}/`;
}

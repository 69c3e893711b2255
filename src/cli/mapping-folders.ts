import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Option } from 'commander';
import { fault } from '../core/errors.js';
import { type Compilation, type CompiledMapping, compileMapping } from '../mapping/compile.js';
import { printProblem } from '../mapping/problem.js';
import { parsedTree, readMappingFiles, shippedMappings } from '../store/mapping-files.js';

/** Folders of mapping files, the base first. */
export function mappingsOption(): Option {
  return new Option('--mappings <folder...>', 'mapping folders, the base first').default([shippedMappings]);
}

/**
 * The folders to compile when these are named: a whole mapping (it has an `identity.yaml` of its own) stands in place of
 * the base, anything else goes on top of it.
 */
export function withBase(base: string | undefined, folders: readonly string[]): readonly string[] {
  if (base !== undefined) return [base, ...folders];
  return folders.some((folder) => existsSync(join(folder, 'identity.yaml'))) ? folders : [shippedMappings, ...folders];
}

/** Compiles the files of these folders together; their names are paths as an editor here opens them. */
export function compileFolders(folders: readonly string[]): Compilation & { readonly files: number } {
  const files = Object.assign({}, ...folders.map((folder) => readMappingFiles(folder, prefixOf(folder)))) as Record<
    string,
    string
  >;
  return { ...compileMapping(files, { treeOf: parsedTree }), files: Object.keys(files).length };
}

/** The mapping of these folders. @throws Fault `mapping-invalid` with a line for each problem */
export function mappingOf(folders: readonly string[]): CompiledMapping {
  const { mapping, problems } = compileFolders(folders);
  if (mapping === undefined) throw fault('mapping-invalid', problems.map(printProblem).join('\n'));
  return mapping;
}

function prefixOf(folder: string): string {
  const path = relative('.', folder);
  return path === '' ? '' : `${path}/`;
}

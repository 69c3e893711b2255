import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../core/config.js';
import { area, type Finding, reasonOf } from './finding.js';

const here = area('directories');

/** The watched directories: there, a folder, ours to write; and whether files wait in `failed`. */
export function checkDirectories({ directories }: Config): Finding[] {
  return directories.flatMap(({ name, path }) => {
    try {
      if (!statSync(path).isDirectory()) {
        return [here.problem(`${name}: ${path} is no folder`, 'state a folder that senders write to')];
      }
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const todo = 'make the folder, and let the user that Wardline runs as read and write it';
      return [here.problem(`${name}: ${path} cannot be used (${reasonOf(error)})`, todo)];
    }
    const failed = failedFiles(path);
    if (failed === 0) return [here.ok(`${name}: ${path} can be read and written`)];
    const todo = `look at the .reason.json beside each in ${join(path, 'failed')}, mend them, put them back or delete them`;
    return [here.warning(`${name}: ${failed === 1 ? 'a file' : `${failed} files`} in failed`, todo)];
  });
}

function failedFiles(path: string): number {
  const folder = join(path, 'failed');
  if (!existsSync(folder)) return 0;
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.reason.json')).length;
  } catch {
    return 0;
  }
}

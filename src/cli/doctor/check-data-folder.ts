import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { accessFileName } from '../../admin/access-file.js';
import type { Config } from '../../core/config.js';
import { area, type Finding, reasonOf, sizeOf } from './finding.js';

const here = area('data folder');

/** The data folder: there, writable, closed to others; and how much room there is. */
export function checkDataFolder({ dataFolder, minFreeDisk }: Config): Finding[] {
  if (!existsSync(dataFolder)) {
    const parent = nearest(dataFolder);
    try {
      accessSync(parent, constants.W_OK | constants.X_OK);
    } catch (error) {
      return [here.problem(`${dataFolder} cannot be made (${reasonOf(error)})`, `let Wardline write to ${parent}`)];
    }
    return [here.ok(`${dataFolder} is made at the first start`), disk(parent, minFreeDisk)];
  }
  try {
    accessSync(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      here.problem(`${dataFolder} cannot be written (${reasonOf(error)})`, 'give it to the user Wardline runs as'),
    ];
  }
  return [here.ok(`${dataFolder} can be read and written`), ...modes(dataFolder), disk(dataFolder, minFreeDisk)];
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

/** Who may read what: the folder holds messages, the files keys. */
function modes(folder: string): Finding[] {
  if (process.platform === 'win32') return [];
  const found: Finding[] = [];
  if ((statSync(folder).mode & 0o077) !== 0) {
    const mode = (statSync(folder).mode & 0o777).toString(8);
    found.push(here.warning(`others may look into ${folder} (mode ${mode})`, `chmod 700 ${folder}`));
  }
  for (const name of ['master.key', accessFileName]) {
    const file = join(folder, name);
    if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) {
      found.push(here.problem(`${file} can be read by others`, `chmod 600 ${file}`));
    }
  }
  return found;
}

function disk(folder: string, least: number): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const said = `${sizeOf(free)} free, intake stops below ${sizeOf(least)}`;
  const todo = 'make room, or shorten retention';
  if (free < least) return area('disk').problem(said, todo);
  return free < least * 4 ? area('disk').warning(said, todo) : area('disk').ok(said);
}

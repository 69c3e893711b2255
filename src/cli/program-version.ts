import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that the program lies in: the nearest one upwards with a package.json. */
export const programFolder: string = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

export const programVersion: string = (
  JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8')) as { version: string }
).version;

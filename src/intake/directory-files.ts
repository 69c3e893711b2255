import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { isCode } from './file-place.js';

export interface WaitingFile {
  readonly name: string;
  readonly size: number;
  /** Epoch ms of its last change. */
  readonly changed: number;
}

/**
 * The files of a folder, in order; with a pattern those that a sender may have finished: none that is empty, hidden or has the
 * name of an unfinished one. Folders and links are passed over.
 */
export async function filesOf(folder: string, order: 'name' | 'time', pattern?: string): Promise<WaitingFile[]> {
  const matches = pattern === undefined ? () => true : patternCheck(pattern);
  const found: WaitingFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !matches(entry.name)) continue;
    const at = await stat(join(folder, entry.name)).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (at === undefined || (pattern !== undefined && at.size === 0)) continue;
    found.push({ name: entry.name, size: at.size, changed: at.mtimeMs });
  }
  const byName = (a: WaitingFile, b: WaitingFile) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return found.sort(order === 'name' ? byName : (a, b) => a.changed - b.changed || byName(a, b));
}

const unfinished = /^\.|(\.tmp|\.part|\.filepart|~)$/i;

function patternCheck(pattern: string): (name: string) => boolean {
  const text = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const whole = new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  return (name) => whole.test(name) && !unfinished.test(name);
}

/** Tells from one look to the next which files have not changed for long enough. */
export class SettledFiles {
  readonly #settle: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #seen = new Map<string, { readonly file: WaitingFile; readonly since: number }>();

  /** `settle`: milliseconds. */
  constructor(settle: number, clock: Pick<Clock, 'monotonic'>) {
    this.#settle = settle;
    this.#clock = clock;
  }

  /** The settled files up to the first that is not: what is written later must not be overtaken. */
  among(files: readonly WaitingFile[]): WaitingFile[] {
    const now = this.#clock.monotonic();
    const before = this.#seen;
    this.#seen = new Map(
      files.map((file) => {
        const known = before.get(file.name);
        const same = known?.file.size === file.size && known.file.changed === file.changed;
        return [file.name, { file, since: same ? known.since : now }];
      }),
    );
    const unsettled = files.findIndex(({ name }) => now - (this.#seen.get(name)?.since ?? now) < this.#settle);
    return unsettled === -1 ? [...files] : files.slice(0, unsettled);
  }
}

import { stat } from 'node:fs/promises';
import { stateOfMappingFiles } from '../store/mapping-files.js';

interface WatchOptions {
  /** A text that is another whenever what is watched is. */
  state(): Promise<string>;
  /** What `state` said when it was last taken over. */
  readonly since: string;
  /** Called when something changed and nothing has changed since for a while. The next look comes when it has resolved. */
  changed(): Promise<void>;
  /** Milliseconds between two looks, and without a further change before `changed`. */
  readonly every?: number;
  readonly quiet?: number;
}

interface FolderWatchOptions extends Omit<WatchOptions, 'state'> {
  /** Asked at each look. */
  folders(): readonly string[];
}

/** A text that is another whenever a mapping file in one of the folders is. */
export async function stateOfFolders(folders: readonly string[]): Promise<string> {
  return (await Promise.all(folders.map(stateOfMappingFiles))).join('\n\n');
}

/** The same of one file, wherever its name leads: a mounted secret or configuration is exchanged by a link. */
export async function stateOfFile(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** Looks at mapping folders until it is stopped; as `watchState`. */
export function watchFolders({ folders, ...options }: FolderWatchOptions): () => Promise<void> {
  return watchState({ ...options, state: () => stateOfFolders(folders()) });
}

/**
 * Looks until it is stopped. It looks instead of asking the system for notices: those do not come from
 * network volumes, and differ with how an editor saves. Gives the way to stop, which waits for a `changed` under way.
 */
export function watchState(options: WatchOptions): () => Promise<void> {
  const { state, since, changed, every = 1000, quiet = 400 } = options;
  let seen = since;
  let pending = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const step = async (): Promise<void> => {
    const now = await state();
    const same = now === seen;
    seen = now;
    if (same && pending) await changed();
    pending = !same;
    next(pending ? quiet : every);
  };
  const next = (pause: number): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = step();
    }, pause);
  };
  next(every);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}

import { mkdir, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Acceptor, type AcceptParts } from './accept.js';
import { filesOf, SettledFiles, type WaitingFile } from './directory-files.js';
import type { DirectorySettings } from './directory-settings.js';
import { isCode, moveInto } from './file-place.js';
import { type FileReport, takeFile } from './take-file.js';

export interface DirectoryParts extends AcceptParts {
  /** Names this installation in the work folder, the same after every start. */
  readonly owner: string;
}

/** What can be seen of a watched directory. */
export interface WatchedDirectory {
  readonly name: string;
  readonly path: string;
  /** Files that lie there and are not done. */
  readonly waiting: number;
  /** Why it cannot be used now, as the operating system calls it; null when it can. */
  readonly trouble: string | null;
}

/**
 * A folder that senders put files into. A file is renamed into a work folder of this installation before it is read, so that
 * two processes never take the same one; it leaves that folder when all of it is durable. What lies there after a crash is
 * taken again: its archived messages are repeats.
 */
export class DirectorySource {
  readonly #settings: DirectorySettings;
  readonly #parts: DirectoryParts;
  readonly #acceptor: Acceptor;
  readonly #settled: SettledFiles;
  readonly #work: string;
  /** Files that are done, but could not be put away yet. */
  readonly #reports = new Map<string, FileReport>();
  #waiting = 0;
  #trouble: string | null = null;
  #stopped = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(settings: DirectorySettings, parts: DirectoryParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#acceptor = new Acceptor(settings, parts);
    this.#settled = new SettledFiles(settings.settle, parts.clock);
    this.#work = join(settings.path, 'work', parts.owner);
  }

  /** Looks now, and again and again until `stop`. What cannot be used is tried again. */
  start(): void {
    this.#running = this.#run();
  }

  get state(): WatchedDirectory {
    const { name, path } = this.#settings;
    return { name, path, waiting: this.#waiting, trouble: this.#trouble };
  }

  /** Lets the durable write under way finish; a file that is not done stays in the work folder for the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
    await this.#acceptor.idle();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#look();
        this.#works();
      } catch (error) {
        this.#fails(error);
      }
      await this.#pause();
    }
  }

  async #look(): Promise<void> {
    const { path, order, pattern } = this.#settings;
    await this.#makeFolders();
    const left = await filesOf(this.#work, order);
    for (const file of left) {
      if (this.#stopped) return;
      this.#waiting = left.length;
      await this.#process(file);
    }
    const found = await filesOf(path, order, pattern);
    this.#waiting = found.length;
    for (const file of this.#settled.among(found)) {
      if (this.#stopped) return;
      const name = await moveInto(join(path, file.name), this.#work, file.name);
      if (name !== undefined) await this.#process({ ...file, name });
      this.#waiting--;
    }
  }

  async #makeFolders(): Promise<void> {
    const { path, processed } = this.#settings;
    await stat(path);
    const folders = [join(path, 'work'), this.#work, join(path, 'failed')];
    if (processed === 'keep') folders.push(join(path, 'done'));
    for (const folder of folders) {
      await mkdir(folder).catch((error: unknown) => {
        if (!isCode(error, 'EEXIST')) throw error;
      });
    }
  }

  async #process(file: WaitingFile): Promise<void> {
    const report = this.#reports.get(file.name) ?? (await this.#read(file));
    if (report === undefined) return;
    this.#reports.set(file.name, report);
    await this.#putAway(file.name, report);
    this.#reports.delete(file.name);
    const { metrics, log } = this.#parts;
    const listener = this.#settings.name;
    const outcome = report.problemCount === 0 ? 'done' : report.taken > 0 ? 'partly' : 'failed';
    metrics.files.add({ directory: listener, outcome });
    if (outcome === 'done') log.debug('a file is done', { listener, count: report.taken });
    else log.warn('a file is in failed, with its reason beside it', { listener, count: report.problemCount });
  }

  async #read({ name, size }: WaitingFile): Promise<FileReport | undefined> {
    const path = join(this.#work, name);
    // A place that was reserved before a crash; a file is never taken while it is empty.
    if (size === 0) {
      await unlink(path);
      return undefined;
    }
    const file = await open(path, 'r').catch((error: unknown) => {
      if (isCode(error, 'EACCES', 'EPERM')) return undefined;
      throw error;
    });
    if (file === undefined) return unreadable;
    try {
      return await takeFile(file, {
        ...{ acceptor: this.#acceptor, limit: this.#settings.maxFrameBytes, size },
        wait: async () => {
          if (!this.#stopped) await this.#pause();
          return !this.#stopped;
        },
      });
    } finally {
      await file.close();
    }
  }

  async #putAway(name: string, report: FileReport): Promise<void> {
    const { path, processed } = this.#settings;
    const from = join(this.#work, name);
    if (report.problemCount > 0) {
      const content = () => this.#reason(report);
      await moveInto(from, join(path, 'failed'), name, { suffix: '.reason.json', content });
    } else if (processed === 'delete') await unlink(from);
    else await moveInto(from, join(path, 'done'), name);
  }

  /** For who looks after the sender: what, where, and what would be right. */
  #reason({ taken, repeated, refused, problems, problemCount }: FileReport): string {
    const at = new Date(this.#parts.clock.now()).toISOString();
    const messages = { taken, repeated, refused };
    return `${JSON.stringify({ at, directory: this.#settings.name, messages, problemCount, problems }, null, 2)}\n`;
  }

  #fails(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === this.#trouble) return;
    this.#trouble = code;
    const fields = { listener: this.#settings.name, state: code, error };
    this.#parts.log.error('a directory cannot be used, it is tried again', fields);
  }

  #works(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#parts.log.info('a directory can be used again', { listener: this.#settings.name });
  }

  #pause(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#settings.poll);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const unreadable: FileReport = {
  ...{ taken: 0, repeated: 0, refused: 0, problemCount: 1 },
  problems: [{ line: 0, what: 'the file may not be read', right: 'let the user that Wardline runs as read it' }],
};

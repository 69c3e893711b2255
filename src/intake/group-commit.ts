import { isTransient } from '../core/errors.js';
import type { AppendResult, ArchiveEntry, ArchivePort } from '../store/archive-port.js';

interface Waiting {
  readonly entries: readonly ArchiveEntry[];
  readonly bytes: number;
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One write takes no more than this, unless a single message is larger. */
const mostEntries = 512;
const mostBytes = 8 * 1024 * 1024;

/**
 * Archives what arrives together in one durable write. An entry that finds no write under way starts one at the end of its
 * turn; what arrives meanwhile forms the next. Order of calls is order in the archive. Each promise settles with its own write.
 */
export class GroupCommit {
  readonly #archive: Pick<ArchivePort, 'append'>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(archive: Pick<ArchivePort, 'append'>) {
    this.#archive = archive;
  }

  /** Resolves when the entries are durable; rejects as `ArchivePort.append` does. */
  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      const bytes = entries.reduce((sum, entry) => sum + entry.payload.length, 0);
      this.#waiting.push({ entries, bytes, resolve, reject });
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Resolves when nothing waits or is being written. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#write(this.#take());
    this.#running = undefined;
  }

  #take(): Waiting[] {
    let count = 0;
    let entries = 0;
    let bytes = 0;
    for (const next of this.#waiting) {
      entries += next.entries.length;
      bytes += next.bytes;
      if (count > 0 && (entries > mostEntries || bytes > mostBytes)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#archive.append(group.flatMap(({ entries }) => entries));
      let at = 0;
      for (const { entries, resolve } of group) {
        resolve(results.slice(at, at + entries.length));
        at += entries.length;
      }
    } catch (error) {
      // What one entry cannot have must not cost the others theirs; a row that was written all the same shows as a repeat.
      if (group.length > 1 && !isTransient(error)) for (const member of group) await this.#write([member]);
      else for (const { reject } of group) reject(error);
    }
  }
}

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
 * Archives what arrives together, in one turn of the event loop, in one durable write. A write waits for no other: the archive
 * commits together what came while it was at work. Order of calls is order in the archive. Each promise settles with its own write.
 */
export class GroupCommit {
  readonly #archive: Pick<ArchivePort, 'append'>;
  #waiting: Waiting[] = [];
  #scheduled = false;
  readonly #running = new Set<Promise<void>>();
  /** Those of a write that failed are written one by one; what came behind them waits. */
  #apart = false;

  constructor(archive: Pick<ArchivePort, 'append'>) {
    this.#archive = archive;
  }

  /** Resolves when the entries are durable; rejects as `ArchivePort.append` does. */
  append(entries: readonly ArchiveEntry[]): Promise<readonly AppendResult[]> {
    return new Promise((resolve, reject) => {
      let bytes = 0;
      for (const { payload } of entries) bytes += payload.length;
      this.#waiting.push({ entries, bytes, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#start());
    });
  }

  /** Resolves when nothing waits or is being written. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.size > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      await Promise.all(this.#running);
    }
  }

  #start(): void {
    this.#scheduled = false;
    while (this.#waiting.length > 0 && !this.#apart) {
      const running = this.#write(this.#take()).then(() => {
        this.#running.delete(running);
      });
      this.#running.add(running);
    }
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
        resolve(entries.length === results.length ? results : results.slice(at, at + entries.length));
        at += entries.length;
      }
    } catch (error) {
      // What one entry cannot have must not cost the others theirs; a row that was written all the same shows as a repeat.
      // Where more is on its way, these would come behind it: they are not taken, and their senders send them again.
      if (group.length > 1 && !isTransient(error) && this.#running.size <= 1) await this.#writeApart(group);
      else for (const { reject } of group) reject(error);
    }
  }

  async #writeApart(group: readonly Waiting[]): Promise<void> {
    this.#apart = true;
    for (const member of group) await this.#write([member]);
    this.#apart = false;
    this.#start();
  }
}

/**
 * Gathers what is asked to be written for one tenant while other writes are under way, so that under load many messages'
 * writes are one bulk, and alone a write waits for nobody.
 */
import { Fault } from '../../core/errors.js';
import type { DocumentWrite, Touch } from '../resource-port.js';
import { writeDocuments } from './document-writer.js';
import type { IndexChoice } from './indexes.js';
import type { KnownDocuments } from './known-documents.js';
import { mongoFault } from './mongo-errors.js';
import type { TenantDatabase } from './tenant-databases.js';
import { writeTouches } from './touch-writer.js';

interface Call {
  readonly writes: readonly DocumentWrite[];
  readonly touches: readonly Touch[];
  readonly resolve: (flags: readonly boolean[]) => void;
  readonly reject: (error: Fault) => void;
}

/** Groups under way at a time: while one waits for the disk the other is made ready. */
const mostUnderWay = 2;

export class WriteLane {
  readonly #open: () => Promise<TenantDatabase>;
  readonly #known: KnownDocuments;
  readonly #choice: IndexChoice;
  #waiting: Call[] = [];
  #scheduled = false;
  readonly #underWay = new Set<Promise<void>>();

  constructor(open: () => Promise<TenantDatabase>, known: KnownDocuments, choice: IndexChoice) {
    this.#open = open;
    this.#known = known;
    this.#choice = choice;
  }

  write(writes: readonly DocumentWrite[]): Promise<readonly boolean[]> {
    return this.#add(writes, []);
  }

  touch(touches: readonly Touch[]): Promise<readonly boolean[]> {
    return this.#add([], touches);
  }

  /** Resolves when all that was asked for is written, or failed. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#underWay.size > 0) {
      this.#start();
      await Promise.all(this.#underWay);
    }
  }

  #add(writes: readonly DocumentWrite[], touches: readonly Touch[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, touches, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#start();
      });
    });
  }

  #start(): void {
    if (this.#waiting.length === 0 || this.#underWay.size >= mostUnderWay) return;
    const calls = this.#waiting;
    this.#waiting = [];
    const run = this.#run(calls).finally(() => {
      this.#underWay.delete(run);
      this.#start();
    });
    this.#underWay.add(run);
  }

  /** Never rejects: each call is told what became of it. */
  async #run(calls: readonly Call[]): Promise<void> {
    try {
      const database = await this.#open();
      const [written, touched] = await Promise.all([
        writeDocuments(
          database,
          this.#known,
          calls.flatMap(({ writes }) => writes),
          this.#choice,
        ),
        writeTouches(
          database,
          this.#known,
          calls.flatMap(({ touches }) => touches),
        ),
      ]);
      for (const { writes, touches, resolve, reject } of calls) {
        const flags = [...written.splice(0, writes.length), ...touched.splice(0, touches.length)];
        const failed = flags.find((flag) => flag instanceof Fault);
        if (failed instanceof Fault) reject(failed);
        else resolve(flags.filter((flag) => typeof flag === 'boolean'));
      }
    } catch (error) {
      for (const { reject } of calls) reject(mongoFault(error, 'a tenant’s database'));
    }
  }
}

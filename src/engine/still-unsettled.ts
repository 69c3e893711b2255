/**
 * What other processes may be applying since before a replay began: they had nobody to tell, and may map it by the rules of before. A message
 * counts until it is settled, or was not for so long that whoever had it is gone.
 */
import { type Sequence, sequenceName } from '../core/stamp.js';
import type { ArchivePort } from '../store/archive-port.js';

/** The name of a message, as `sequenceName` writes it. */
export type MessageName = Pick<Sequence, 'run' | 'number'>;

/** Milliseconds for which a message of another process is waited for until it is settled. */
export const patience = 30_000;
/** The oldest are those that may be under way. */
const most = 5000;
/** Milliseconds between two looks. */
const every = 100;

export class StillUnsettled {
  readonly #archive: Pick<ArchivePort, 'unsettled'>;
  #messages: ReadonlyMap<string, MessageName> = new Map();
  #since = 0;
  #looked = 0;

  constructor(archive: Pick<ArchivePort, 'unsettled'>) {
    this.#archive = archive;
  }

  /** Takes down what is unsettled now. To be called before the first message is looked for. */
  async expect(): Promise<void> {
    this.#messages = await this.#unsettled();
    this.#since = performance.now();
    this.#looked = this.#since;
  }

  get waits(): boolean {
    return this.#messages.size > 0;
  }

  /** Those that have been settled since the last call, each once; after a while all that are left. */
  async settled(): Promise<readonly MessageName[]> {
    const now = performance.now();
    if (!this.waits || now - this.#looked < every) return [];
    this.#looked = now;
    const before = this.#messages;
    const unsettled = now - this.#since < patience ? await this.#unsettled() : new Map<string, MessageName>();
    this.#messages = new Map([...before].filter(([name]) => unsettled.has(name)));
    return [...before].filter(([name]) => !unsettled.has(name)).map(([, message]) => message);
  }

  async #unsettled(): Promise<ReadonlyMap<string, MessageName>> {
    const rows = await this.#archive.unsettled(most);
    const messages = rows.filter(({ tenant, kind }) => tenant !== null && kind === 'message');
    return new Map(messages.map(({ sequence }) => [sequenceName(sequence), sequence]));
  }
}

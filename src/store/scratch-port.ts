import type { Sequence } from '../core/stamp.js';
import type { SettleOutcome } from './archive-port.js';
import type { DocumentStore, ResourcePort } from './resource-port.js';

type Place = Pick<Sequence, 'run' | 'number'>;

/** A message that was applied to the scratch. */
export interface ScratchMessage {
  /** How it had ended before; undefined while it was not settled. */
  readonly before: SettleOutcome | undefined;
  /** How it ends under the mapping of today. */
  readonly now: SettleOutcome;
}

/** Lists of names that grow while they are worked through; a name stands in each only once. */
export type ScratchList = 'key' | 'patient' | 'document' | 'passed' | 'kept' | 'again' | 'changed';

/**
 * A store beside the tenants' for building something anew: documents without history and search values, and lists of
 * what is still to do, all on disk, so that memory does not grow with what is built. Nothing in it outlives its use.
 */
export interface ScratchStore {
  /** Whatever tenant is named: a scratch holds one tenant's documents at a time. */
  readonly documents: DocumentStore & Pick<ResourcePort, 'readAll'>;
  /** Notes a message, or how it ended after all. */
  note(message: ScratchMessage): void;
  noted(place: Place): boolean;
  /** Messages noted since the last `clear`, in archive order; `after` continues. */
  messages(after: Place | undefined, limit: number): readonly ScratchMessage[];
  /** Adds names to a list; gives those that are new in it. */
  add(list: ScratchList, names: readonly string[]): readonly string[];
  has(list: ScratchList, name: string): boolean;
  /** Names of a list in the order they came, each with its place; `after` is the last place seen, 0 at first. */
  names(list: ScratchList, after: number, limit: number): readonly { readonly at: number; readonly name: string }[];
  /** Takes the first names out of a list. */
  take(list: ScratchList, limit: number): readonly string[];
  /** Empties everything, but remembers which messages it held: `covered`. */
  clear(): void;
  /** True for a message that was noted before the last `clear`. */
  covered(place: Place): boolean;
  /** Closes and removes it. */
  close(): void;
}

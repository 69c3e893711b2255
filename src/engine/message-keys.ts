/** By what a message is found again: keyed hashes, since ids are made under the tenant's key and say nothing. */
import { sharedTypes } from '../mapping/run.js';
import type { Contribution } from './contribution.js';

/**
 * `Type/id` of every document that a message speaks of, the sources of merges and the other ends of links included. What has
 * its patient in its key is found by the patient, and what every partition writes (Location …) is nobody's.
 */
export function messageKeys(contributions: readonly Contribution[]): string[] {
  const own = contributions.filter(({ type, patient }) => patient === '' && !sharedTypes.has(type));
  return [...new Set(own.map(({ type, id }) => `${type}/${id}`))];
}

/** True for `Type/id` of a document that every partition writes. */
export function isSharedName(name: string): boolean {
  return sharedTypes.has(name.slice(0, name.indexOf('/')));
}

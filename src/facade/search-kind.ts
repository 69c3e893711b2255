import type { Parameters } from './interaction.js';

/** What a search goes by, for its latency: what costs alike. */
type SearchKind = 'page' | 'id' | 'patient' | 'text' | 'other';

const ids = new Set(['_id', 'identifier']);
const patients = new Set(['patient', 'subject', 'encounter', 'context']);
const texts = new Set(['name', 'family', 'given', 'address', 'address-city', 'phonetic']);

/**
 * By the names of the parameters alone: a further page, ids and identifiers, a patient or a visit, the text of a name or an
 * address, or nothing of these.
 */
export function searchKind(parameters: Parameters): SearchKind {
  const names = parameters.map(([name]) => /^[^:.]*/.exec(name)?.[0] ?? '');
  if (names.includes('_cursor')) return 'page';
  if (names.some((name) => ids.has(name))) return 'id';
  if (names.some((name) => patients.has(name))) return 'patient';
  return names.some((name) => texts.has(name)) ? 'text' : 'other';
}

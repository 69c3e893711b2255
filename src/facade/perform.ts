import { fault } from '../core/errors.js';
import type { Ask } from './facade-parts.js';
import type { FhirAnswer } from './fhir-answer.js';
import { readHistory } from './history.js';
import type { Interaction } from './interaction.js';
import { readResource, readVersion } from './read.js';
import { searchResources } from './search-execution.js';
import { searchKind } from './search-kind.js';

/** Carries out one interaction of a request or of a batch entry. Throws faults of the catalogue. */
export async function perform(ask: Ask, interaction: Interaction): Promise<FhirAnswer> {
  switch (interaction.kind) {
    case 'read':
      return readResource(ask, interaction);
    case 'vread':
      return readVersion(ask, interaction);
    case 'history':
      return readHistory(ask, interaction);
    case 'search':
      return timed(ask, interaction);
    case 'metadata':
    case 'batch':
      throw fault('not-supported', 'this interaction is not served inside a batch');
  }
}

async function timed(ask: Ask, search: Extract<Interaction, { readonly kind: 'search' }>): Promise<FhirAnswer> {
  const { clock, metrics } = ask.parts;
  const start = clock.monotonic();
  try {
    return await searchResources(ask, search);
  } finally {
    const labels = { version: ask.version, type: search.type.name, kind: searchKind(search.parameters) };
    metrics.search.observe(labels, (clock.monotonic() - start) / 1000);
  }
}

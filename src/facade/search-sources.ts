import { fault } from '../core/errors.js';
import type { SearchQuery } from '../fhir/search-query.js';
import type { Ask } from './facade-parts.js';
import { orderViews } from './medication-statements.js';
import { onlyShown } from './only-shown.js';
import { searchedByRoles } from './practitioner-roles.js';
import { provenances } from './provenance.js';
import { expandClasses } from './reference-classes.js';
import { type Source, storePage } from './search-source.js';
import { serveDocuments } from './serve-resource.js';

/** What a search is answered from, one source after the other. */
export async function sourcesOf(ask: Ask, asked: SearchQuery): Promise<readonly Source[]> {
  const shown = onlyShown(await expandClasses(ask.parts.resources, ask.principal.tenant, asked));
  const query = await searchedByRoles(ask, shown);
  switch (query.type) {
    case 'MedicationStatement':
      return [stored(ask, query), orderViews(ask, query)];
    case 'MessageHeader':
      throw fault('not-supported', 'MessageHeader is not searched: read it by the id that Provenance names');
    case 'Provenance':
      return [provenances(ask, query)];
    default:
      return [stored(ask, query)];
  }
}

function stored(ask: Ask, query: SearchQuery): Source {
  return async (count, after, counting) => {
    const { documents, ...page } = await storePage(ask, query, count, after, counting);
    return { ...page, served: await serveDocuments(ask, documents), taken: documents.length };
  };
}

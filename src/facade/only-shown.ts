import type { Condition, SearchQuery } from '../fhir/search-query.js';
import type { SearchKind } from '../fhir/search-values.js';

/**
 * Types of which a version cannot show some records (an encounter entered in error, an order not to do something), each with a
 * parameter that every record has that it does show. A rendering that is none gives no search values.
 */
const sometimesHidden: Readonly<Record<string, readonly [parameter: string, kind: SearchKind]>> = {
  'DSTU2 Encounter': ['status', 'token'],
  'DSTU2 MedicationDispense': ['patient', 'reference'],
  'DSTU2 MedicationRequest': ['patient', 'reference'],
  'DSTU2 ServiceRequest': ['subject', 'reference'],
  'STU3 MedicationRequest': ['subject', 'reference'],
};

/** The query without what its version cannot show: left out inside it, so that totals and pages agree. */
export function onlyShown(query: SearchQuery): SearchQuery {
  const [parameter, kind] = sometimesHidden[`${query.version} ${query.type}`] ?? [];
  if (parameter === undefined || kind === undefined) return query;
  const same = kind === 'reference' ? ['patient', 'subject'] : [parameter];
  const says = (condition: Condition): boolean =>
    same.includes(condition.parameter) && !('missing' in condition) && !condition.negate;
  // the only token is a status
  const coded = kind === 'token' ? ({ coded: true } as const) : {};
  return query.where.some(says)
    ? query
    : { ...query, where: [...query.where, { parameter, kind, missing: false, ...coded }] };
}

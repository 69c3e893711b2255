/**
 * Searches made from the definitions: each parameter of a type in its version, with each modifier and prefix, alone, within a
 * patient, and as an order.
 */
import { type SearchParameter, searchParametersOf } from '../../src/fhir/search-parameters.js';
import type { FhirVersion } from '../../src/fhir/version.js';
import { ids } from './sample-resources.js';

const prefixes = ['', 'ne', 'gt', 'le', 'sa', 'eb', 'ap'];

const partForms: Readonly<Record<string, string>> = {
  quantity: 'ge1',
  number: 'ge1',
  date: '2026',
  reference: `Patient/${ids.anna}`,
};

/** What may stand behind the name of a parameter, modifiers included. */
function forms({ kind, composite, targets }: SearchParameter): string[] {
  if (composite !== null) return [`=${composite.parts.map(([, part]) => partForms[part] ?? 'a').join('$')}`];
  const missing = [':missing=true', ':missing=false'];
  switch (kind) {
    case 'token':
      return ['=a', '=urn:s|a', '=|a', '=urn:s|', '=a,b', ':not=a', ...missing];
    case 'string':
      return ['=a', '=ann', ':exact=Ann', ':contains=n', ':contains=nna', '=a,b', ...missing];
    case 'date':
      return [...prefixes.map((prefix) => `=${prefix}2026-03-01`), '=2025,2026', ...missing];
    case 'number':
      return [...prefixes.map((prefix) => `=${prefix}5`), ...missing];
    case 'quantity':
      return [...prefixes.map((prefix) => `=${prefix}5|http://unitsofmeasure.org|mg`), '=5', ...missing];
    case 'reference': {
      const [target = 'Patient'] = targets;
      return [`=${target}/${ids.anna}`, `=${ids.anna}`, `=${ids.anna},${ids.annaOld}`, ...missing];
    }
    case 'uri':
      return ['=urn:x', ...missing];
    default:
      return [];
  }
}

/** Every search of a type (as the version names it), as a client writes it: what stands after the question mark. */
export function searchesOf(version: FhirVersion, type: string): string[] {
  const parameters = [...searchParametersOf(version, type).values()];
  // within a patient all versions ask in the same shapes
  const patient = version === 'R4' && parameters.some(({ name }) => name === 'patient') ? `&patient=${ids.anna}` : '';
  const wanted = parameters.flatMap((parameter) => forms(parameter).map((form) => `${parameter.name}${form}`));
  const orders = parameters.filter(({ composite }) => composite === null).map(({ name }) => name);
  return [
    '',
    ...['_id', '-_id', '_lastUpdated', '-_lastUpdated'].map((order) => `_sort=${order}`),
    ...prefixes.map((prefix) => `_lastUpdated=${prefix}2026-03-01`),
    ...wanted,
    ...orders.map((name) => `_sort=${name}`),
    ...(patient === undefined
      ? []
      : [...wanted, ...orders.map((name) => `_sort=-${name}`)].map((one) => one + patient)),
  ];
}

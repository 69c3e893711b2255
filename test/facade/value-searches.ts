/** Searches for a value that a resource shows. */
import { latest } from '../../src/fhir/search-date.js';
import type { SearchAtom, SearchValue } from '../../src/fhir/search-values.js';
import { type FhirVersion, typeInVersion } from '../../src/fhir/version.js';

function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&');
}

function instant(time: number): string {
  return new Date(time).toISOString();
}

/** A value as a client writes it; undefined for one that no text says (an open end, a concept without a code). */
function written(version: FhirVersion, atom: SearchAtom): string | undefined {
  switch (atom.kind) {
    case 'token':
      if (atom.code === null) return undefined;
      return `${atom.system === null ? '' : `${escaped(atom.system)}|`}${escaped(atom.code)}`;
    case 'string':
      return escaped(atom.exact);
    case 'date':
      return `ge${instant(atom.from)}`;
    case 'number':
      return atom.low === atom.high ? String(atom.low) : undefined;
    case 'quantity':
      if (atom.low !== atom.high) return undefined;
      return `${atom.low}|${escaped(atom.system ?? '')}|${escaped(atom.code ?? atom.unit ?? '')}`;
    case 'reference':
      // a word where a URL belongs reads as an id
      if (atom.url !== null) return atom.url.includes(':') ? escaped(atom.url) : undefined;
      return atom.type === null || atom.id === null ? undefined : `${typeInVersion(version, atom.type)}/${atom.id}`;
    case 'uri':
      return escaped(atom.value);
  }
}

/** Searches that find a resource by one of its values: what stands after the question mark. */
export function queriesFor(version: FhirVersion, value: SearchValue): string[] {
  const parameter = encodeURIComponent(value.parameter);
  const texts =
    value.kind === 'composite' ? value.parts.map((part) => written(version, part)) : [written(version, value)];
  if (texts.includes(undefined)) return [];
  const query = `${parameter}=${encodeURIComponent(texts.join('$'))}`;
  const end = value.kind === 'date' && value.to < latest ? `&${parameter}=le${instant(value.to - 1)}` : '';
  const exact = value.kind === 'string' ? [`${parameter}:exact=${encodeURIComponent(escaped(value.exact))}`] : [];
  const part =
    value.kind === 'string' ? [`${parameter}:contains=${encodeURIComponent(escaped(value.exact.slice(1, 4)))}`] : [];
  return [query + end, ...exact, ...part, `${parameter}:missing=false`];
}

/** For every resource served and every search parameter of its version, a search for the value shown finds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { extractSearchValues } from '../../src/fhir/extract-search-values.js';
import { latest } from '../../src/fhir/search-date.js';
import type { SearchAtom, SearchValue } from '../../src/fhir/search-values.js';
import { type FhirVersion, fhirVersions, typeInVersion, versionBit } from '../../src/fhir/version.js';
import { openFacade } from './open-facade.js';
import { ids, sampleResources } from './sample-resources.js';

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
      if (atom.url !== null) return escaped(atom.url);
      return atom.type === null || atom.id === null ? undefined : `${typeInVersion(version, atom.type)}/${atom.id}`;
    case 'uri':
      return escaped(atom.value);
  }
}

function queriesFor(version: FhirVersion, value: SearchValue): string[] {
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

test('a search for every value that is served finds it, in three versions', async (t) => {
  const facade = await openFacade(t);
  const views: JsonObject[] = [{ resourceType: 'MedicationStatement', id: `order-${ids.order}` }];
  let asked = 0;
  for (const version of fhirVersions) {
    for (const { resourceType, id } of [...sampleResources, ...views]) {
      const type = typeInVersion(version, String(resourceType));
      const served = await facade.get(version, `/${type}/${id}`);
      if (served.status === 410) continue;
      assert.equal(served.status, 200);
      // What a coverage of DSTU2 does not show is asked of R4's rendering.
      const r4 = (await facade.get('R4', `/${resourceType}/${id}`)).body;
      const values = extractSearchValues({ R4: r4, [version]: served.body });
      for (const value of values.filter(({ versions }) => (versions & versionBit[version]) !== 0)) {
        for (const query of queriesFor(version, value)) {
          const found = await facade.get(version, `/${type}?${query}`, { prefer: 'handling=strict' });
          assert.equal(found.status, 200, `${version} ${type}?${query} ${found.text}`);
          // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
          const entries: any[] = found.body.entry ?? [];
          assert.ok(
            entries.some((entry) => entry.resource.id === id),
            `${version} ${type}?${decodeURIComponent(query)} does not find ${id}`,
          );
          asked++;
        }
      }
    }
  }
  assert.ok(asked > 500, `only ${asked} searches`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.js';
import { patientKeyedTypes, searchIndexOf } from '../../src/engine/search-index.js';
import { fullResource } from '../support/full-resource.js';

const types = ['Patient', 'Practitioner', 'Location', 'Organization', 'MedicationStatement', ...patientKeyedTypes];
const full = new Map(types.map((type) => [type, fullResource(type, 'a', (other) => `${other}/b`)]));

/** The resource with some of its parts, by chance, left out or said otherwise. */
function varied(value: Json, chance: () => number, depth = 0): Json {
  if (Array.isArray(value)) return value.map((item) => varied(item, chance, depth + 1));
  if (!isJsonObject(value)) return typeof value === 'string' && chance() < 0.1 ? `${value}x` : value;
  const kept = Object.entries(value).filter(([name]) => (depth === 0 && name === 'resourceType') || chance() > 0.1);
  return Object.fromEntries(
    kept.map(([name, member]) => [name, name === 'resourceType' ? member : varied(member, chance, depth + 1)]),
  );
}

test('what a resource is found by is the same whether it is worked out anew or from what it was before', () => {
  const of = (resource: JsonObject, before?: JsonObject) =>
    searchIndexOf({ resource, standsFor: '', source: '1-1', moved: [] }, before);
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (type, all) => {
        const chance = (): number => all.next().value ?? 0;
        let before: JsonObject | undefined;
        for (let version = 0; version < 3; version++) {
          const shown = { ...(varied(full.get(type) ?? {}, chance) as JsonObject), resourceType: type };
          // as versions of a document share what they have in common
          const resource = before !== undefined && chance() < 0.5 ? { ...before, ...shown } : shown;
          const again = of(resource, before);
          assert.deepEqual(again, of(structuredClone(resource)));
          before = resource;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('values that stay are the same objects', () => {
  const first: JsonObject = { resourceType: 'Patient', id: 'a', name: [{ family: 'Berg' }], birthDate: '1970-01-01' };
  const second: JsonObject = { ...first, birthDate: '1970-01-02' };
  const valuesOf = (resource: JsonObject, before?: JsonObject) =>
    searchIndexOf({ resource, standsFor: '', source: '1-1', moved: [] }, before).values;
  const [before, after] = [valuesOf(first), valuesOf(second, first)];
  const kept = after.filter((value) => before.includes(value)).map(({ parameter }) => parameter);
  assert.ok(kept.includes('family') && kept.includes('name'));
  assert.ok(!kept.includes('birthdate'));
});

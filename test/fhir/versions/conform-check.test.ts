import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../../src/core/json.js';
import { conforms, conformsAsRead } from '../../../src/fhir/conform-check.js';
import type { Conforming } from '../../../src/fhir/conform-values.js';
import { dstu2DataType } from '../../../src/fhir/dstu2/data-types.js';
import { renderResource } from '../../../src/fhir/render.js';
import { type Shape, shapeOf } from '../../../src/fhir/shape.js';
import { stu3DataType } from '../../../src/fhir/stu3/data-types.js';
import { fhirVersions } from '../../../src/fhir/version.js';
import { arbitraryResource, servedTypes } from './arbitrary-resource.js';

const resource = (inner: JsonObject): JsonObject | null => (inner.resourceType === 'Nothing' ? null : inner);
const ways: readonly Conforming[] = [
  { version: 'R4', fill: true, dataType: (_type, value) => value, resource },
  { version: 'STU3', fill: true, dataType: stu3DataType, resource },
  { version: 'STU3', fill: false, dataType: stu3DataType, resource },
  { version: 'DSTU2', fill: true, dataType: dstu2DataType, resource },
];

/** What stands in a place of a resource instead, or beside what is there. */
const faults: readonly ((there: Json | undefined) => Json | undefined)[] = [
  () => undefined,
  () => null,
  () => '',
  () => ' a',
  () => 1.5,
  () => true,
  () => [],
  () => [null],
  () => ({}),
  () => ({ id: 'a' }),
  () => ({ start: '2020-02-03', end: '2020-02-01' }),
  () => ({ code: 'a', system: 'http://loinc.org' }),
  () => ({ coding: [{ code: 'a' }], text: 'a' }),
  () => '2020-02-03T04:05:06Z',
  () => 'x'.repeat(70),
  (there) => [there ?? null, null],
  (there) => (Array.isArray(there) ? (there[0] ?? null) : there),
];

/** Objects within a value, itself among them. */
function objectsIn(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isJsonObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

/** A copy with a member of one of its objects changed. */
function broken(whole: JsonObject, at: number, member: number, fault: number): JsonObject {
  const copy = structuredClone(whole);
  const inside = objectsIn(copy);
  const object = inside[at % inside.length] ?? copy;
  const names = [...Object.keys(object).flatMap((name) => [name, `_${name}`]), 'unknown', 'text', 'period', 'language'];
  const name = names[member % names.length] ?? 'unknown';
  const value = faults[fault % faults.length]?.(object[name]);
  if (value === undefined) delete object[name];
  else object[name] = value;
  return copy;
}

/** A shape's check is written out once it was asked for often. */
function asked(shape: Shape, how: Conforming): void {
  for (let times = 0; times < 60; times++) conforms({}, shape, how);
}

test('what is written out of a shape says of any resource what walking the shape says', () => {
  const said = { yes: 0, no: 0 };
  for (const type of servedTypes) {
    const changes = fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(arbitraryResource(type), changes, (whole, places) => {
        const others = places.map(([at, member, fault]) => broken(whole, at, member, fault));
        const rendered = fhirVersions.map((version) => renderResource(version, whole)).filter((one) => one !== null);
        for (const how of ways) {
          const shape = shapeOf(how.version, type);
          if (shape === undefined) continue;
          asked(shape, how);
          for (const one of [whole, ...rendered, ...others]) {
            const is = conformsAsRead(one, shape, how);
            said[is ? 'yes' : 'no']++;
            assert.equal(conforms(one, shape, how), is, `${how.version} ${JSON.stringify(one)}`);
          }
        }
      }),
      { numRuns: 25 },
    );
  }
  assert.ok(said.yes > 1000 && said.no > 1000, 'both answers came often');
});

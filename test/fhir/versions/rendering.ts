import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/core/json.js';
import { renderResource } from '../../../src/fhir/render.js';
import { validateResource } from '../../../src/fhir/validate.js';
import { fhirVersions } from '../../../src/fhir/version.js';

/** One rule of the version conversion: what stands in the R4 resource, and what each old version must show of it. */
export interface RenderingCase {
  readonly rule: string;
  readonly r4: JsonObject;
  /** Members that must stand so; `undefined` for members that must be missing. Null: no place in the version. */
  readonly stu3?: Readonly<Record<string, unknown>> | null;
  readonly dstu2?: Readonly<Record<string, unknown>> | null;
}

export const absent = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
};

/** A test for each case; that every rendering is valid and the input left alone is part of every one. */
export function testRenderings(cases: readonly RenderingCase[]): void {
  for (const { rule, r4, stu3, dstu2 } of cases) {
    test(rule, () => {
      const before = JSON.stringify(r4);
      if (stu3 !== undefined) check(renderResource('STU3', r4), stu3);
      if (dstu2 !== undefined) check(renderResource('DSTU2', r4), dstu2);
      for (const version of fhirVersions) {
        const rendered = renderResource(version, r4);
        if (rendered !== null) assert.deepEqual(validateResource(version, rendered), [], version);
      }
      assert.equal(JSON.stringify(r4), before, 'the stored resource was changed');
    });
  }
}

function check(rendered: JsonObject | null, expected: Readonly<Record<string, unknown>> | null): void {
  if (expected === null) {
    assert.equal(rendered, null);
    return;
  }
  assert.ok(rendered !== null, 'no place in this version');
  const shown = Object.fromEntries(Object.keys(expected).map((name) => [name, rendered[name]]));
  assert.deepEqual(shown, expected);
}

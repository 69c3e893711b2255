import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { validateResource } from '../../src/fhir/validate.js';
import { map } from './mapped.js';

/** A message and all that is made of it: resources as they stand without other messages, what is said of the visit, facts. */
interface Case {
  readonly name: string;
  readonly message: readonly string[];
  readonly resources: readonly JsonObject[];
  readonly visit?: readonly JsonObject[];
  readonly facts?: readonly JsonObject[];
  readonly deleted?: readonly string[];
  /** Elements that the message takes away. */
  readonly removed?: readonly string[];
}

const folder = join('test', 'mapping', 'cases');

for (const file of readdirSync(folder).sort()) {
  const cases = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly Case[];
  for (const expected of cases) {
    test(`${file}: ${expected.name}`, () => {
      const { mapped, resources } = map(expected.message.join('\n'));
      assert.deepEqual(plain(resources), expected.resources);
      assert.deepEqual(plain(mapped.drafts.flatMap((draft) => draft.visit)), expected.visit ?? []);
      assert.deepEqual(plain(mapped.facts), expected.facts ?? []);
      assert.deepEqual(
        mapped.drafts.filter((draft) => draft.deleted).map((draft) => draft.label),
        expected.deleted ?? [],
      );
      const removed = mapped.drafts.flatMap((draft) =>
        draft.elements.filter((element) => element.value === null).map((element) => `${draft.type}.${element.path}`),
      );
      assert.deepEqual(removed, expected.removed ?? []);
      for (const resource of resources) {
        const whole =
          resource['resourceType'] === 'Encounter'
            ? { status: 'unknown', class: { code: 'AMB' }, ...resource }
            : resource;
        assert.deepEqual(
          validateResource('R4', { ...whole, id: 'a' }).filter((issue) => issue.severity === 'error'),
          [],
        );
      }
    });
  }
}

/** Without prototypes and undefined members. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

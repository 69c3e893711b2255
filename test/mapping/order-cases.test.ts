import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { map } from './mapped.js';

/** A message, by segments, and every resource of the listed types that it must become. Ids show the key. */
interface GoldCase {
  readonly name: string;
  readonly localCodes?: Readonly<Record<string, string>>;
  readonly message: readonly string[];
  readonly expected: readonly JsonObject[];
}

const folder = join('test', 'mapping', 'order-cases');

for (const file of readdirSync(folder).sort()) {
  const gold: GoldCase = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  test(`${file}: ${gold.name}`, () => {
    const tenant = { ...plainTenantSettings, zone: 'Europe/Berlin', localCodes: gold.localCodes ?? {} };
    const { resources } = map(gold.message.join('\n'), { tenant });
    const types = new Set(gold.expected.map((resource) => resource['resourceType']));
    assert.deepEqual(
      resources.filter((resource) => types.has(resource['resourceType'])),
      gold.expected,
    );
    for (const resource of gold.expected) {
      for (const version of fhirVersions) {
        // The keys' plain texts are longer than an id may be.
        const rendered = renderResource(version, { ...resource, id: 'x' });
        const issues = rendered === null ? [] : validateResource(version, rendered);
        assert.deepEqual(
          issues.filter((issue) => issue.severity === 'error'),
          [],
          `${resource['resourceType']} in ${version}`,
        );
      }
    }
  });
}

/** Holds the edition of search values: what is extracted of the same documents is another thing only under another number. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalJson, type Json } from '../../src/core/json.js';
import { searchIndexOf } from '../../src/engine/search-index.js';
import { type SearchValue, searchEdition } from '../../src/fhir/search-values.js';
import { changedRows } from '../../src/store/embedded/index-rows.js';
import { resourceFormat } from '../../src/store/embedded/resource-schema.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { indexFields } from '../../src/store/mongodb/index-fields.js';
import { shippedChoice } from '../../src/store/mongodb/indexes.js';
import { north } from '../conformance/archive-suite.js';
import { frozenResources, writeOlderTenant } from '../support/older-tenant.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** By edition: of search values, and of what MongoDB is told to index of them. One that was released never changes. */
const digests: Readonly<Record<number, string>> = {
  1: 'is4umXd3ft8GLfSGymhr04YtOB1ob5O7E8P6s7YSWSE',
};

/** By format of tenants' files: of the rows of their index tables. */
const rowDigests: Readonly<Record<number, string>> = {
  4: 'aqqVmBuMyIr86SQLrjDarytZ60h3CFbOxD9pDnpmK94',
};

interface Indexed {
  readonly name: string;
  readonly type: string;
  readonly values: readonly SearchValue[];
  readonly sortDate: number | null;
}

/** The documents of all samples and one of each type with every element, as they were made once: a change of the mapping changes nothing here. */
async function indexed(t: Parameters<typeof temporaryFolder>[0]): Promise<readonly Indexed[]> {
  const folder = temporaryFolder(t);
  writeOlderTenant(join(folder, 'tenants'), north);
  const resources = openEmbeddedResources(join(folder, 'tenants'));
  const samples = await resources.readAll(north, undefined, 1000);
  await resources.close();
  const full = frozenResources().map((resource) => ({
    ...{ type: String(resource['resourceType']), id: 'full', standsFor: '', source: '1-1', moved: [], resource },
  }));
  return [...samples, ...full].map((document) => ({
    name: `${document.type}/${document.id}`,
    type: document.type,
    ...searchIndexOf(document),
  }));
}

function digestOf(values: readonly unknown[]): string {
  const hash = createHash('sha256');
  // JSON has no infinity
  const text = (value: unknown): string =>
    canonicalJson(JSON.parse(JSON.stringify(value, (_, one) => (Math.abs(one) === Infinity ? `${one}` : one))) as Json);
  for (const value of values) hash.update(text(value));
  return hash.digest('base64url');
}

test('what is extracted for search changes with its edition alone', async (t) => {
  const all = await indexed(t);
  assert.ok(all.length > 140 && all.some(({ values }) => values.length > 50));
  const found = digestOf(
    all.map(({ name, type, values, sortDate }) => [
      name,
      values,
      sortDate,
      indexFields(type, { values }, shippedChoice),
    ]),
  );
  assert.equal(
    found,
    digests[searchEdition],
    'search values of the same documents have changed, so that stored documents are found by others than new ones. Raise searchEdition in ' +
      `src/fhir/search-values.ts by one, and add a digest for it here: ${found}. Documents are then indexed again by \`wardline upgrade\``,
  );
});

test('rows of the index tables change with the format of their file alone', async (t) => {
  const all = await indexed(t);
  const nothing = { values: [], sortKey: 0 };
  const codeOf = (parameter: string): string => parameter;
  const found = digestOf(
    all.map(({ name, values }) => [
      name,
      changedRows(nothing, { values, sortKey: 7 }, 1, codeOf as unknown as (parameter: string) => number),
    ]),
  );
  assert.equal(
    found,
    rowDigests[resourceFormat],
    'the same search values make other rows: rows of the older form would stay in files, as only those that this program makes are known to be ' +
      'removed. Raise resourceFormat in src/store/embedded/resource-schema.ts with statements that bring the tables up, and add a digest ' +
      `for it here: ${found}`,
  );
});

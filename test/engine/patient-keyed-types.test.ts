/** What is grouped anew when patients are merged is read by type: no type whose key may hold a patient is forgotten. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { programFolder } from '../../src/cli/program-version.js';
import { patientKeyedTypes } from '../../src/engine/search-index.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';

interface Way {
  readonly patient?: boolean;
  readonly parts?: readonly unknown[];
}

test('types whose keys hold a patient, their own or that of what they name, are those that are read for a class', () => {
  const files = readMappingFiles(join(programFolder, 'mappings'), 'mappings/');
  const { keys } = parse(files['mappings/identity.yaml'] ?? '') as { keys: Record<string, readonly Way[]> };
  const holds = ({ patient, parts = [] }: Way): boolean =>
    patient === true || parts.some((part) => typeof part === 'object' && part !== null && 'of' in part);
  const found = Object.entries(keys).flatMap(([type, ways]) => (ways.some(holds) ? [type] : []));
  assert.ok(found.length > 10);
  assert.deepEqual(
    found.filter((type) => !patientKeyedTypes.includes(type)),
    [],
  );
});

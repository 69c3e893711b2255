import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { programFolder } from '../../src/cli/program-version.js';
import type { JsonObject } from '../../src/core/json.js';

/**
 * A tenant's file of format 3, from before search values had editions, as the last program of that format made it of the messages in `samples/`:
 * 128 documents, of which searches find 119.
 */
export function writeOlderTenant(folder: string, tenant: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${tenant}.db`), fixture('tenant-of-format-3.db.br'));
}

/** Of each type a resource with every element, as `fullResource` made it once. */
export function frozenResources(): readonly JsonObject[] {
  return JSON.parse(fixture('full-resources.json.br').toString('utf8')) as JsonObject[];
}

function fixture(name: string): Buffer {
  return brotliDecompressSync(readFileSync(join(programFolder, 'test/fixtures', name)));
}

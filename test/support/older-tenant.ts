import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { programFolder } from '../../src/cli/program-version.js';

/**
 * A tenant's file of format 3, from before search values had editions, as the last program of that format made it of the messages in `samples/`:
 * 128 documents, of which searches find 119.
 */
export function writeOlderTenant(folder: string, tenant: string): void {
  mkdirSync(folder, { recursive: true });
  const packed = readFileSync(join(programFolder, 'test/fixtures/tenant-of-format-3.db.br'));
  writeFileSync(join(folder, `${tenant}.db`), brotliDecompressSync(packed));
}

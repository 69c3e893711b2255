import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestScope } from './needs.js';

/** A folder that is removed when the test ends. */
export function temporaryFolder(t: Pick<TestScope, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'wardline-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

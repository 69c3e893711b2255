import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTransform } from '../../src/app/start-transform.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('a transform thread that ends by itself is told once, with its cause, and its calls reject', async (t) => {
  const told: unknown[] = [];
  const dataFolder = join(temporaryFolder(t), 'not', 'there');
  const died = new Promise<void>((resolve) => {
    const data = { dataFolder, run: 1, master: new Uint8Array(32), logLevel: 'silent' as const, profiles: {} };
    const service = startTransform(
      data,
      () => {},
      (cause) => {
        told.push(cause);
        assert.rejects(service.depth(), { code: 'store-unavailable' }).then(resolve);
      },
    );
  });
  await died;
  assert.equal(told.length, 1);
  assert.ok(told[0] instanceof Error);
});

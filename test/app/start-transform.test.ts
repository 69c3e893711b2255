import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTransform } from '../../src/app/start-transform.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('a transform thread that cannot open its files says why, and is not tried again', async (t) => {
  const told: unknown[] = [];
  const dataFolder = join(temporaryFolder(t), 'not', 'there');
  const stores = { kind: 'embedded' as const, dataFolder };
  const data = { stores, run: 1, master: new Uint8Array(32), logLevel: 'silent' as const, profiles: {} };
  const service = startTransform(data, () => {}, { lost: (error) => told.push(error), back: () => told.push('back') });
  await assert.rejects(service.begin(), Error);
  await assert.rejects(service.depth(), { code: 'store-unavailable' });
  await service.end();
  assert.deepEqual(told, []);
});

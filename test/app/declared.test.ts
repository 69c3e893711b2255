import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { declareFromConfig } from '../../src/app/declared.js';
import { deleteClient } from '../../src/auth/clients.js';
import { systemClock } from '../../src/core/clock.js';
import { loadConfig } from '../../src/core/config.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('a client is held while the file names it; one that it names no more stays, and can be deleted', async (t) => {
  const folder = temporaryFolder(t);
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  t.after(() => registry.close());
  const declare = async (whole: object) => {
    const { file } = writeConfiguration(folder, {}, whole);
    const config = loadConfig({ file, env: {} });
    await declareFromConfig(config, registry, new Uint8Array(32), systemClock, async () => undefined);
    return (await registry.snapshot()).clients.map(({ id, fromConfiguration }) => [id, fromConfiguration]);
  };
  assert.deepEqual(await declare({}), [
    ['north-app', true],
    ['south-app', true],
  ]);
  await assert.rejects(deleteClient(registry, 'north-app'), { code: 'conflict' });
  assert.deepEqual(await declare({ clients: [] }), [
    ['north-app', undefined],
    ['south-app', undefined],
  ]);
  const { generation } = await registry.snapshot();
  await declare({ clients: [] });
  assert.equal(await registry.generation(), generation, 'nothing changed, nothing written');
  await deleteClient(registry, 'north-app');
});

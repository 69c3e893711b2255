import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReadThread } from '../../../src/store/embedded/read-client.js';
import { openEmbeddedReader, openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { resourceSuite } from '../../conformance/resource-suite.js';
import { writeResources } from '../../facade/open-facade.js';
import { ids, sampleResources } from '../../facade/sample-resources.js';
import { temporaryFolder } from './temporary-folder.js';

resourceSuite('embedded, read in a thread of its own', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedResources(folder.path);
  const reader = await startReadThread(folder.path);
  return {
    port,
    reader,
    end: async () => {
      await reader.close();
      await port.close();
      folder.remove();
    },
  };
});

test('a document that was read before is read anew from a file that has taken the place of the first', async () => {
  const folder = temporaryFolder();
  const tenant = '3f0c1f5a-0000-4000-8000-000000000001';
  const file = join(folder.path, `${tenant}.db`);
  const anna = sampleResources.filter(({ id }) => id === ids.anna);
  const other = anna.map((resource) => ({ ...resource, gender: 'other' }));
  const made = openEmbeddedResources(folder.path);
  await writeResources(made, tenant, other, 1);
  await made.close();
  renameSync(file, `${file}-other`);

  const port = openEmbeddedResources(folder.path);
  await writeResources(port, tenant, anna, 1);
  const [first] = await port.read(tenant, 'Patient', [ids.anna]);
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
  renameSync(`${file}-other`, file);
  const [second] = await port.read(tenant, 'Patient', [ids.anna]);
  assert.equal(second?.revision, first?.revision);
  assert.equal(second?.resource?.['gender'], 'other');
  await port.close();
  folder.remove();
});

test('a file that is damaged inside is read anew when a good one has taken its place', async () => {
  const folder = temporaryFolder();
  const tenant = '3f0c1f5a-0000-4000-8000-000000000001';
  const file = join(folder.path, `${tenant}.db`);
  const first = openEmbeddedResources(folder.path);
  await writeResources(first, tenant, sampleResources, 1);
  await first.close();
  copyFileSync(file, `${file}-copy`);
  const damaged = readFileSync(file);
  writeFileSync(file, damaged.fill(0xa5, 4096));

  const writer = openEmbeddedResources(folder.path);
  const reader = openEmbeddedReader(folder.path);
  const every = { code: 'store-corrupt' };
  for (let time = 0; time < 2; time++) {
    await assert.rejects(writer.read(tenant, 'Patient', [ids.anna]), every);
    await assert.rejects(reader.read(tenant, 'Patient', [ids.anna]), every);
    await assert.rejects(reader.history(tenant, {}, { count: 1 }), every);
    await assert.rejects(writeResources(writer, tenant, sampleResources, 1), every);
  }
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
  renameSync(`${file}-copy`, file);
  assert.equal((await writer.read(tenant, 'Patient', [ids.anna])).length, 1);
  assert.equal((await reader.read(tenant, 'Patient', [ids.anna])).length, 1);

  renameSync(file, `${file}-gone`);
  await assert.rejects(writer.read(tenant, 'Patient', [ids.anna]), { code: 'store-unavailable' });
  assert.ok(!existsSync(file), 'a file that is gone is not made anew');
  renameSync(`${file}-gone`, file);
  assert.equal((await writer.read(tenant, 'Patient', [ids.anna])).length, 1);
  await writer.dropTenant(tenant);
  assert.deepEqual(await writer.read(tenant, 'Patient', [ids.anna]), []);
  await Promise.all([writer.close(), reader.close()]);
  folder.remove();
});

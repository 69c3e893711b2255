import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archiveKeys } from '../../src/app/archive-keys.js';
import { newTenantRecord } from '../../src/store/tenant-record.js';

test('every tenant has an archive key of its own, and so have messages without a tenant', () => {
  const master = Buffer.alloc(32, 7);
  const tenants = ['North', 'South'].map((name) => newTenantRecord(master, { name }, 0));
  const keys = archiveKeys(master);
  assert.throws(() => keys.keyOf(tenants[0]?.id ?? ''), { code: 'store-unavailable' });
  keys.update({ tenants, clients: [], generation: 1, mappingVersion: 0, signingKeys: [] });
  const all = [null, ...tenants.map(({ id }) => id)].map((name) => Buffer.from(keys.keyOf(name)).toString('hex'));
  assert.equal(new Set([...all, master.toString('hex')]).size, 4);
});

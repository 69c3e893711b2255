import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { tenantNames } from '../../src/engine/tenant-names.js';

const key = Buffer.alloc(32, 9);
const keys = [
  ['Patient', ['NORTH', '4711']],
  ['Patient', ['', 'Zoë "the" \\ one']],
  ['Encounter', []],
] as const;

test('an id is a UUIDv8 made of the HMAC of type and key, the same in every run', () => {
  const names = tenantNames(key, plainTenantSettings);
  for (const [type, parts] of keys) {
    const id = names.idOf(type, parts);
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const digest = createHmac('sha256', key)
      .update(JSON.stringify(['id', type, ...parts]))
      .digest('hex');
    const plain = id.replaceAll('-', '');
    assert.deepEqual(
      [plain.slice(0, 12), plain.slice(13, 16), plain.slice(17)],
      [digest.slice(0, 12), digest.slice(13, 16), digest.slice(17, 32)],
    );
    assert.equal(tenantNames(key, plainTenantSettings).idOf(type, parts), id);
  }
});

test('another key or another tenant’s key names another document', () => {
  const ids = [Buffer.alloc(32, 9), Buffer.alloc(32, 8)].flatMap((each) =>
    keys.map(([type, parts]) => tenantNames(each, plainTenantSettings).idOf(type, parts)),
  );
  assert.equal(new Set(ids).size, ids.length);
});

test('the rest of a key is hashed apart from its id', () => {
  const names = tenantNames(key, plainTenantSettings);
  const expected = createHmac('sha256', key).update('["rest","Condition","x"]').digest().toString('base64url', 0, 16);
  assert.equal(names.restOf('Condition', ['x']), expected);
});

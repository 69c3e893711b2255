import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TenantTroubles } from '../../src/app/tenant-troubles.js';
import { fault } from '../../src/core/errors.js';
import { createLog } from '../../src/core/log.js';

function open() {
  const lines: string[] = [];
  const to = {
    write(line: string) {
      const { level, msg, tenant = '', count = '' } = JSON.parse(line);
      lines.push([level, msg, tenant, count].filter((part) => part !== '').join(' | '));
    },
  };
  const log = createLog({ level: 'info', plain: false, to });
  return { lines, troubles: new TenantTroubles(log, () => 1000) };
}

const batch = (tenant: string, partition: number) => ({ tenant, partition });

test('a tenant whose batches fail is told once, and again when all its partitions work', () => {
  const { lines, troubles } = open();
  const damaged = fault('store-corrupt', 'north.db is damaged');
  for (let time = 0; time < 10; time++) {
    troubles.failed(batch('north', 1), damaged);
    troubles.failed(batch('north', 2), damaged);
    troubles.worked(batch('south', 1));
  }
  troubles.worked(batch('north', 1));
  assert.deepEqual(troubles.list(), [
    { tenant: 'north', since: 1000, code: 'store-corrupt', reason: 'north.db is damaged' },
  ]);
  troubles.worked(batch('north', 2));
  troubles.worked(batch('north', 3));
  assert.deepEqual(troubles.list(), []);
  assert.deepEqual(lines, [
    'error | messages of a tenant wait and are tried again | north',
    'info | messages of a tenant are applied again | north | 20',
  ]);
});

test('a full disk is told once for all tenants', () => {
  const { lines, troubles } = open();
  const full = fault('disk-full', 'no space left for a file');
  const tenants = ['north', 'south', 'west'];
  for (let time = 0; time < 5; time++) for (const tenant of tenants) troubles.failed(batch(tenant, time), full);
  assert.deepEqual(
    troubles.list().map(({ tenant, code }) => [tenant, code]),
    tenants.map((tenant) => [tenant, 'disk-full']),
  );
  for (const tenant of tenants) for (let time = 0; time < 5; time++) troubles.worked(batch(tenant, time));
  assert.deepEqual(lines, [
    'error | the disk is full: messages wait and are tried again',
    'info | the disk has room again: messages are applied',
  ]);
});

test('another cause is told anew, and of what is no fault only that it happened', () => {
  const { lines, troubles } = open();
  troubles.failed(batch('north', 1), fault('store-unavailable', 'busy'));
  troubles.failed(batch('north', 1), new Error('Smith^John'));
  assert.equal(troubles.list()[0]?.reason, 'unexpected error');
  assert.equal(lines.length, 2);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import type { Json } from '../../src/core/json.js';
import { openAdmin } from './open-admin.js';

describe('dry runs of mapping files by the admin API', () => {
  it('show what differs; an audited read of the patients shown', async (t) => {
    const admin = await openAdmin(t);
    const answer = await adminClient(admin.folder).call<Record<string, Json>>('POST', '/mapping/dry-run', {
      files: { 'mappings/a.yaml': '' },
      last: 5,
    });
    assert.deepEqual([answer['messages'], answer['differ']], [5, 1]);
    const [shown] = answer['shown'] as Record<string, Json>[];
    assert.deepEqual([shown?.['message'], shown?.['patients']], ['1-1', undefined]);
    const [read] = admin.audited;
    assert.deepEqual(
      [read?.action, read?.subject, read?.outcome, read?.patients],
      ['message-read', 'mapping-dry-run', 'granted', ['p1']],
    );
  });

  it('show nothing while the audit cannot be written', async (t) => {
    const admin = await openAdmin(t);
    admin.auditDown = true;
    await assert.rejects(adminClient(admin.folder).call('POST', '/mapping/dry-run', {}), { code: 'audit-unavailable' });
  });

  it('refuse files that do not hold together, and what cannot be meant', async (t) => {
    const admin = await openAdmin(t);
    const { call } = adminClient(admin.folder);
    await assert.rejects(call('POST', '/mapping/dry-run', { files: { 'bad.yaml': '' } }), {
      code: 'mapping-invalid',
      message: 'bad.yaml:1:1 no mapping',
    });
    assert.equal(admin.audited[0]?.outcome, 'failed');
    for (const wish of [{ last: 0 }, { last: 10_001 }, { files: { 'a.txt': '' } }, { layers: { 'a.yaml': '' } }]) {
      await assert.rejects(call('POST', '/mapping/dry-run', wish), { code: 'invalid-request' });
    }
  });
});

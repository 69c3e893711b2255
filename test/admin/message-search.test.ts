import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import type { Json } from '../../src/core/json.js';
import { sequenceName } from '../../src/core/stamp.js';
import { runProgram } from '../cli/run-program.js';
import { entry, outcome } from '../conformance/archive-suite.js';
import { north, openAdmin } from './open-admin.js';

interface Page {
  readonly messages: readonly { readonly sequence: string; readonly state: string }[];
  readonly next?: string;
}

test('the messages of a patient are found by a body, and narrowed, paged and audited like all others', async (t) => {
  const admin = await openAdmin(t);
  const client = adminClient(admin.folder);
  const { id: tenant } = await client.call<{ id: string }>('POST', '/tenants', { name: 'North' });
  const rows = await admin.archive.append([1, 2, 3, 4].map(() => entry({ tenant })));
  const names = rows.map(({ sequence }) => sequenceName(sequence));
  const keys = ['Patient/p1'];
  await admin.archive.settle(
    rows.map((row, at) =>
      outcome(row, { tenant, ...(at === 1 ? {} : { keys }), ...(at === 2 ? { state: 'parked', reason: 'x' } : {}) }),
    ),
  );
  const search = (wish: Json) => client.call<Page>('POST', '/messages/search', wish);
  const found = async (wish: Json) => (await search(wish)).messages.map(({ sequence }) => sequence);
  const patient = 'NORTH|1';
  const [first, , third, fourth] = names;
  assert.deepEqual(await found({ patient }), [fourth, third, first]);
  assert.deepEqual(await found({ patient, tenant: north }), [fourth, third, first]);
  assert.deepEqual(await found({ patient, states: ['parked'] }), [third]);
  const page = await search({ patient, limit: 2 });
  assert.equal(page.next, third);
  assert.deepEqual(await found({ patient, limit: 2, before: third ?? '' }), [first]);
  assert.deepEqual(
    admin.audited.slice(-5).map(({ action, subject, tenant: of, parameters }) => [action, subject, of, parameters]),
    Array.from({ length: 5 }, () => ['admin', 'message-search', north, []]),
  );

  await assert.rejects(search({ patient: 'NORTH|2' }), { code: 'not-found', message: /no archived message names/ });
  assert.equal(admin.audited.at(-1)?.outcome, 'failed');
  await assert.rejects(search({}), { code: 'invalid-request', message: /patient/ });
  await assert.rejects(search({ patient, states: ['lost'] }), { code: 'invalid-request' });
  await assert.rejects(client.call('GET', '/messages?patient=NORTH%7C1'), { code: 'invalid-request' });
  await admin.registry.putTenant({
    ...(await admin.registry.snapshot()).tenants[0],
    id: '3f0c1f5a-0000-4000-8000-000000000002',
  } as Parameters<typeof admin.registry.putTenant>[0]);
  await assert.rejects(search({ patient }), { code: 'invalid-request', message: /^tenant: name it/ });

  const list = ['messages', 'list', '--patient', patient, '--tenant', north, '--data', admin.folder];
  const printed = await runProgram([...list, '--state', 'applied,parked', '--limit', '2']);
  assert.deepEqual(
    printed.stdout.split('\n').map((line) => line.split(' ')[0]),
    ['SEQUENCE', fourth, third, ''],
  );
  assert.equal(printed.stderr, `older ones: --before ${third}\n`);
  const json = await runProgram([...list, '--before', String(third), '--json']);
  assert.deepEqual(
    (JSON.parse(json.stdout) as Page).messages.map(({ sequence }) => sequence),
    [first],
  );
});

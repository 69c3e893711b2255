import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesIn } from '../../src/app/archived-messages.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';

test('a tenant sees its own messages, and of them no content', async (t) => {
  const folder = temporaryFolder();
  const archive = openEmbeddedArchive(folder.path, { run: 1, keyOf: () => Buffer.alloc(32, 1) });
  t.after(async () => {
    await archive.close();
    folder.remove();
  });
  const entry = {
    kind: 'message',
    arrival: 1,
    listener: 'adt',
    peer: '127.0.0.1',
    sender: 'HIS|NORTH',
    type: 'ADT^A01',
    sentAt: '20260301',
    controlId: '1',
    partition: 0,
    flags: [],
    payload: Buffer.from('MSH|^~\\&|HIS|NORTH'),
  } as const;
  const appended = await archive.append([
    { ...entry, tenant: 'north' },
    { ...entry, tenant: 'north', controlId: '2', kind: 'truncated', payload: Buffer.from('MSH') },
    { ...entry, tenant: null, controlId: '3' },
  ]);
  const messages = messagesIn(archive);
  const [first, cut, nobodys] = appended.map(({ sequence: { run, number } }) => ({ run, number }));
  assert.ok(first !== undefined && cut !== undefined && nobodys !== undefined);
  const seen = await messages.get('north', first);
  assert.deepEqual(seen, { arrival: seen?.arrival, listener: 'adt', sender: 'HIS|NORTH', type: 'ADT^A01', made: [] });
  for (const [tenant, message] of [
    ['south', first],
    ['north', cut],
    ['north', nobodys],
    ['', nobodys],
    ['north', { run: 9, number: 1 }],
  ] as const) {
    assert.equal(await messages.get(tenant, message), undefined);
  }
});

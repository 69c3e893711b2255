import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sweepStragglers } from '../../src/engine/sweep.js';
import { EmbeddedQueue } from '../../src/queue/embedded/queue.js';
import type { ArchiveEntry } from '../../src/store/archive-port.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const tenant = '11111111-2222-4333-8444-555555555555';
const start = Date.UTC(2026, 10, 1);

function entry(number: number, owner: string | null = tenant): ArchiveEntry {
  return {
    ...{ tenant: owner, kind: 'message', arrival: start + number, listener: 'adt', peer: '', sender: 'A|B' },
    ...{ type: 'ADT^A01', sentAt: '', controlId: `M${number}`, partition: number % 4, flags: [] },
    payload: Buffer.from(`MSH|${number}`),
  };
}

function archiveOf(t: TestContext) {
  const archive = openEmbeddedArchive(join(temporaryFolder(t), 'archive'), {
    run: 1,
    keyOf: () => Buffer.alloc(32, 1),
  });
  t.after(() => archive.close());
  return archive;
}

test('under load, messages that nobody enqueued are found at the second look; the others are left alone', async (t) => {
  const archive = archiveOf(t);
  const queue = new EmbeddedQueue();
  t.after(() => queue.close());
  // as from a host whose clock is far ahead
  const results = await archive.append([...Array.from({ length: 10 }, (_, n) => entry(n + 1e12)), entry(10, null)]);
  const sequences = results.map(({ sequence }) => sequence);
  const [first, second] = sequences;
  assert.ok(first !== undefined && second !== undefined);
  await queue.enqueue([{ tenant, partition: 0, sequence: first }]);
  const underWay = ({ number }: { number: number }) => number === second.number;
  const known = await sweepStragglers(archive, queue, new Set(), underWay);
  assert.equal(await queue.depth(), 1, 'nothing is old yet');
  await archive.append([entry(11)]);
  const next = await sweepStragglers(archive, queue, known, underWay);
  assert.equal(await queue.depth(), 9, 'one was there, one is being worked on, one has just come');
  await sweepStragglers(archive, queue, next, () => false);
  assert.equal(await queue.depth(), 11, 'each once, and none without a tenant');
});

test('a backlog of several pages is gone through', async (t) => {
  const archive = archiveOf(t);
  for (let from = 0; from < 4500; from += 500) {
    await archive.append(Array.from({ length: 500 }, (_, n) => entry(from + n)));
  }
  const found: number[] = [];
  const queue = { enqueue: async (items: readonly object[]) => void found.push(items.length) };
  const known = await sweepStragglers(archive, queue, new Set(), () => false);
  assert.equal(known.size, 4500);
  assert.deepEqual(found, []);
  await sweepStragglers(archive, queue, known, () => false);
  assert.deepEqual(found, [2000, 2000, 500]);
});

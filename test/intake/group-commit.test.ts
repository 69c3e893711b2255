import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { GroupCommit } from '../../src/intake/group-commit.js';
import type { AppendResult, ArchiveEntry } from '../../src/store/archive-port.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { adt, keyOf, temporaryFolder, tenant } from './installation.js';

function entry(controlId: string, size = 0): ArchiveEntry {
  return {
    ...{ tenant, kind: 'message', arrival: Date.now(), listener: 'adt', peer: '127.0.0.1', sender: 'A|B' },
    ...{ type: 'ADT^A01', sentAt: '', controlId, partition: 0, flags: [] },
    payload: size === 0 ? Buffer.from(adt(controlId)) : Buffer.alloc(size, controlId),
  };
}

/** The embedded archive, whose calls are noted; `refuse` throws for a call. */
function watched(
  t: Parameters<typeof temporaryFolder>[0],
  refuse: (entries: readonly ArchiveEntry[]) => void = () => undefined,
) {
  const archive = openEmbeddedArchive(temporaryFolder(t), { run: 1, keyOf });
  t.after(() => archive.close());
  const calls: string[][] = [];
  const commit = new GroupCommit({
    async append(entries) {
      calls.push(entries.map(({ controlId }) => controlId));
      refuse(entries);
      return archive.append(entries);
    },
  });
  return { calls, commit };
}

const numbers = (results: readonly (readonly AppendResult[])[]) =>
  results.flat().map(({ sequence }) => sequence.number);

test('what arrives in one turn is one write, that of the next turn another; order is kept', async (t) => {
  const { calls, commit } = watched(t);
  const first = ['A', 'B'].map((id) => commit.append([entry(id)]));
  await new Promise((resolve) => setImmediate(resolve));
  const second = [commit.append([entry('C'), entry('D')]), commit.append([entry('E')])];
  assert.deepEqual(numbers(await Promise.all([...first, ...second])), [1, 2, 3, 4, 5]);
  assert.deepEqual(calls, [
    ['A', 'B'],
    ['C', 'D', 'E'],
  ]);
  await commit.idle();
});

test('a write takes no more than 8 MiB, and a larger message one of its own', async (t) => {
  const { calls, commit } = watched(t);
  const mebibyte = 1024 * 1024;
  const sizes = [5, 2, 2, 9, 1];
  await Promise.all(sizes.map((size, n) => commit.append([entry(String(n), size * mebibyte)])));
  assert.deepEqual(calls, [['0', '1'], ['2'], ['3'], ['4']]);
});

test('what one message cannot have does not cost the others theirs', async (t) => {
  const { commit } = watched(t, (entries) => {
    if (entries.some(({ controlId }) => controlId === 'B')) throw fault('internal', 'no key');
  });
  const outcomes = await Promise.allSettled(['A', 'B', 'C'].map((id) => commit.append([entry(id)])));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('what comes while others are written one by one stays behind them; what failed before others on their way is not taken', async (t) => {
  const refused = fault('internal', 'no key');
  const { calls, commit } = watched(t, (entries) => {
    if (entries.some(({ controlId }) => controlId.startsWith('B'))) throw refused;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = ['A', 'B1', 'C'].map((id) => commit.append([entry(id)]));
  await turn();
  const later = commit.append([entry('D')]);
  await Promise.allSettled([...first, later]);
  assert.deepEqual(calls, [['A', 'B1', 'C'], ['A'], ['B1'], ['C'], ['D']]);
  calls.length = 0;
  const large = 7 * 1024 * 1024;
  const both = ['E', 'B2'].map((id) => commit.append([entry(id)]));
  both.push(commit.append([entry('F', large)]), commit.append([entry('G', large)]));
  const outcomes = await Promise.allSettled(both);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(calls, [['E', 'B2', 'F'], ['G']]);
  await commit.idle();
});

test('a full disk fails all that were to be written together, at once, and the next write is tried', async (t) => {
  let full = true;
  const { calls, commit } = watched(t, () => {
    if (full) throw fault('disk-full', 'no space is left');
  });
  const outcomes = await Promise.allSettled(['A', 'B'].map((id) => commit.append([entry(id)])));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(calls.length, 1);
  full = false;
  assert.deepEqual(numbers([await commit.append([entry('A')])]), [1]);
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ArchivePort } from '../../../src/store/archive-port.js';
import { composeArchive, openEmbeddedArchive } from '../../../src/store/embedded/archive.js';
import { startArchiveThread } from '../../../src/store/embedded/archive-client.js';
import { openArchiveLedger } from '../../../src/store/embedded/archive-ledger.js';
import type { ArchiveWriterOptions } from '../../../src/store/embedded/archive-writer.js';
import { type ArchiveUnderTest, archiveSuite, entry, outcome } from '../../conformance/archive-suite.js';
import { collectGarbage } from '../../support/collect-garbage.js';
import { temporaryFolder } from './temporary-folder.js';

const keyOf = (tenant: string | null): Uint8Array => Buffer.alloc(32, tenant ?? 'none');

function underTest(
  open: (folder: string, options: ArchiveWriterOptions) => Promise<ArchivePort>,
): () => Promise<ArchiveUnderTest> {
  return async () => {
    const folder = temporaryFolder();
    const opened: ArchivePort[] = [];
    const next = async (): Promise<ArchivePort> => {
      const port = await open(folder.path, { run: opened.length + 1, keyOf });
      opened.push(port);
      return port;
    };
    return {
      port: await next(),
      nextRun: next,
      end: async () => {
        for (const port of opened) await port.close();
        folder.remove();
      },
    };
  };
}

archiveSuite(
  'embedded',
  underTest(async (folder, options) => openEmbeddedArchive(folder, options)),
);

archiveSuite(
  'embedded, writing in a thread of its own',
  underTest(async (folder, options) =>
    composeArchive(folder, await startArchiveThread(folder, options), openArchiveLedger(folder, options)),
  ),
);

describe('the embedded archive', () => {
  test('holds no payload in the clear, and a month that is pruned empty is deleted', async () => {
    const folder = temporaryFolder();
    const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
    const payload = new TextEncoder().encode('MSH|^~\\&|||||||||SECRETNAME|'.repeat(3));
    const [row] = await port.append([entry({ payload, arrival: Date.UTC(2020, 5, 1) })]);
    const file = join(folder.path, 'archive-2020-06.db');
    assert.equal(readFileSync(`${file}-wal`).includes('SECRETNAME'), false);
    await port.settle([outcome(row ?? assert.fail())]);
    assert.equal(await port.prune(entry().tenant, Date.UTC(2021, 0, 1)), 1);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.startsWith('archive-2020')),
      [],
    );
    await port.close();
    folder.remove();
  });

  test('another tenant’s key does not open a row', async () => {
    const folder = temporaryFolder();
    const port = openEmbeddedArchive(folder.path, { run: 1, keyOf });
    const [row] = await port.append([entry()]);
    await port.close();
    const other = openEmbeddedArchive(folder.path, { run: 2, keyOf: () => Buffer.alloc(32, 9) });
    await assert.rejects(other.read([row?.sequence ?? assert.fail()]), { code: 'seal-broken' });
    await other.close();
    folder.remove();
  });

  test('a thread whose files cannot be opened says so at start', async () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'archive');
    const port = openEmbeddedArchive(path, { run: 1, keyOf });
    await port.close();
    const month =
      readdirSync(path).find((name) => name.endsWith('.db') && name.startsWith('archive-')) ?? assert.fail();
    writeFileSync(join(path, month), 'no database at all, and long enough to be looked at'.repeat(100));
    await assert.rejects(startArchiveThread(path, { run: 2, keyOf }), { code: 'store-corrupt' });
    folder.remove();
  });

  test('a writer that goes on with a run numbers on, and its arrivals do not go back', async () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'archive');
    const first = openEmbeddedArchive(path, { run: 1, keyOf });
    const [row] = await first.append([entry({ arrival: 2_000_000_000_000 })]);
    await first.close();
    const second = openEmbeddedArchive(path, { run: 1, keyOf });
    const [next] = await second.append([entry({ arrival: 1_900_000_000_000 })]);
    assert.deepEqual(next?.sequence, { ...row?.sequence, number: 2 });
    await second.close();
    folder.remove();
  });

  test('a call whose tenant has no key fails alone', async () => {
    const folder = temporaryFolder();
    const port = openEmbeddedArchive(folder.path, {
      run: 1,
      keyOf: (tenant) => {
        if (tenant === null) throw new Error('no key');
        return keyOf(tenant);
      },
    });
    const [good, bad] = await Promise.allSettled([port.append([entry()]), port.append([entry({ tenant: null })])]);
    assert.deepEqual([good?.status, bad?.status], ['fulfilled', 'rejected']);
    await port.close();
    folder.remove();
  });

  test('a call that cannot be committed does not cost those committed with it theirs, and they keep their order', async () => {
    const folder = temporaryFolder();
    let asked = 0;
    const port = openEmbeddedArchive(folder.path, {
      run: 1,
      keyOf: (tenant) => {
        if (tenant === null && ++asked > 1) throw new Error('the key has gone');
        return keyOf(tenant);
      },
    });
    const calls = [entry(), entry({ tenant: null }), entry()].map((one) => port.append([one]));
    const [first, bad, last] = await Promise.allSettled(calls);
    assert.equal(bad?.status, 'rejected');
    const numbers = [first, last].map((call) => (call?.status === 'fulfilled' ? call.value[0]?.sequence.number : 0));
    assert.deepEqual(numbers, [1, 2]);
    await port.close();
    folder.remove();
  });

  test('starts with 200,000 unsettled messages without holding them', async () => {
    const folder = temporaryFolder();
    const port = openEmbeddedArchive(folder.path, { run: 1, keyOf, durability: 'none' });
    const payload = new TextEncoder().encode('MSH|');
    for (let done = 0; done < 200_000; done += 2000) {
      await port.append(Array.from({ length: 2000 }, (_, at) => entry({ controlId: `${done + at}`, payload })));
    }
    await port.settle(
      Array.from({ length: 1000 }, (_, at) => outcome({ sequence: { arrival: 0, run: 1, number: at * 7 + 1 } })),
    );
    await port.close();

    const next = openArchiveLedger(folder.path, { run: 2, keyOf });
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    const first = await next.unsettled(1000);
    assert.ok(performance.now() - start < 5_000, 'the first sweep step answers at once');
    assert.equal(first[0]?.sequence.number, 2);
    let found = first.length;
    let last = first.at(-1);
    while (last !== undefined) {
      const rows = await next.unsettled(1000, last.sequence);
      found += rows.length;
      last = rows.at(-1);
    }
    assert.equal(found, 199_000);
    await collectGarbage();
    const grown = process.memoryUsage().heapUsed - before;
    assert.ok(grown < 50_000_000, `memory stays flat: ${grown}`);
    await next.close();
    folder.remove();
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveKeys } from '../../src/app/archive-keys.js';
import { PrepareAhead } from '../../src/app/prepare-ahead.js';
import { silentLog } from '../../src/core/log.js';
import { type Prepared, prepareBatch } from '../../src/engine/prepare-batch.js';
import { TenantContexts } from '../../src/engine/tenant-contexts.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { startProgram } from '../cli/run-program.js';
import { north, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function admission(number: number): Buffer {
  return Buffer.from(
    [
      `MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080000||ADT^A01|C${number}|P|2.5.1`,
      `PID|1||P${number}^^^NORTH^MR||Family^Given||19800101|F`,
      `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number}^^^NORTH^VN`,
      '',
    ].join('\r'),
  );
}

/** Without members that are undefined; maps as lists, since their order counts. */
function plain(prepared: readonly Prepared[]): unknown {
  return JSON.parse(JSON.stringify(prepared, (_name, value: unknown) => (value instanceof Map ? [...value] : value)));
}

test('a batch of a backlog is prepared in another thread as it is in this one', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const { file } = writeConfiguration(folder);
  const program = startProgram(t, ['start', '--config', file]);
  await program.printed(/\n$/);
  assert.equal(await program.stop(), 0);
  const dataFolder = join(folder, 'data');
  const registry = openEmbeddedRegistry(join(dataFolder, 'registry.db'));
  const master = await openMasterKey(registry, { folder: dataFolder });
  const snapshot = await registry.snapshot();
  const keys = archiveKeys(master);
  keys.update(snapshot);
  const run = await registry.openRun(Date.now());
  const archive = openEmbeddedArchive(join(dataFolder, 'archive'), { run, keyOf: keys.keyOf });
  const payloads = [...Array.from({ length: 60 }, (_, number) => admission(number)), Buffer.from('no message')];
  const appended = await archive.append(
    payloads.map((payload, number) => ({
      ...{ tenant: north, kind: 'message', arrival: 1_780_000_000_000, listener: 'north', peer: '', sender: '' },
      ...{ type: '', sentAt: '', controlId: `C${number}`, partition: 0, flags: [], payload },
    })),
  );
  const batch = { tenant: north, partition: 0, sequences: appended.map(({ sequence }) => sequence) };
  const contexts = new TenantContexts(master, registry);
  await contexts.update(snapshot);
  const profiles = { north: { zone: 'Europe/Berlin', authority: { ADT: 7 }, snapshot: [] } };
  const here = await prepareBatch(
    { archive, tenant: (id) => contexts.get(id), profile: () => profiles.north, log: silentLog },
    batch,
  );

  const ahead = new PrepareAhead(
    { stores: { kind: 'embedded', dataFolder }, run, master, logLevel: 'error', profiles },
    silentLog,
    0,
  );
  const { generation } = snapshot;
  const few = { ...batch, sequences: batch.sequences.slice(0, 3) };
  assert.equal(await ahead.prepare(few, generation), undefined, 'a few messages are not worth the way');
  const there = await ahead.prepare(batch, generation);
  assert.deepEqual(there && plain(there), plain(here));
  assert.equal(there?.filter((one) => 'outcome' in one).length, 1);
  assert.equal(await ahead.prepare(batch, generation + 1), undefined, 'by another mapping it is of no use');
  await ahead.end();
  assert.equal(await ahead.prepare(batch, generation), undefined);
  await archive.close();
  await registry.close();
});

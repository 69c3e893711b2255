import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mappingOf } from '../../src/cli/mapping-folders.js';
import { silentLog } from '../../src/core/log.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { mapperOver } from '../../src/engine/mapping-mapper.js';
import { type Prepared, prepareBatch } from '../../src/engine/prepare-batch.js';
import { printPrepared, readPrepared } from '../../src/engine/prepared-text.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import { shippedMappings } from '../../src/store/mapping-files.js';

test('what the samples come to is the same after the way as text', async () => {
  const folder = new URL('../../../samples', import.meta.url).pathname;
  const files = readdirSync(folder).filter((name) => name.endsWith('.hl7'));
  const messages = [...files.map((name) => readFileSync(join(folder, name))), Buffer.from('MSH|^~\\&|no message')];
  const archive: Pick<ArchivePort, 'read'> = {
    read: async (places) =>
      places.map(({ run, number }) => ({
        ...{ sequence: { arrival: 1_780_000_000_000 + number, run, number }, tenant: 'north', kind: 'message' },
        ...{ partition: 0, listener: 'adt', peer: '', sender: '', type: '', sentAt: '', controlId: '', flags: [] },
        ...{ size: 0, payload: messages[number] ?? Buffer.alloc(0) },
      })),
  };
  const settings = { ...plainTenantSettings, zone: 'Europe/Berlin' };
  const names = tenantNames(Buffer.alloc(32, 1), settings);
  const context = { settings, names, mapper: mapperOver(mappingOf([shippedMappings]), 3) };
  const prepared = await prepareBatch(
    {
      archive,
      tenant: () => context,
      profile: () => ({ authority: { ADT: 50, ORU: 20 }, snapshot: ['AL1'] }),
      log: silentLog,
    },
    { tenant: 'north', partition: 0, sequences: messages.map((_, number) => ({ run: 1, number })) },
  );
  assert.ok(prepared.filter((one) => 'message' in one).length > 15);
  assert.ok(prepared.some((one) => 'outcome' in one));
  assert.deepEqual(plain(readPrepared(printPrepared(prepared))), plain(prepared));
});

/** Without members that are undefined; maps as lists, since their order counts. */
function plain(prepared: readonly Prepared[]): unknown {
  return JSON.parse(JSON.stringify(prepared, (_name, value: unknown) => (value instanceof Map ? [...value] : value)));
}

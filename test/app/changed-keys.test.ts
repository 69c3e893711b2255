import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsRekey } from '../../src/app/changed-keys.js';
import { declareFromConfig } from '../../src/app/declared.js';
import { systemClock } from '../../src/core/clock.js';
import { loadConfig } from '../../src/core/config.js';
import { plainTenantSettings, type TenantSettings } from '../../src/core/tenant-settings.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { north, south, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const [a, b] = [
  { id: 'NORTH', oid: '1.2.3' },
  { id: 'REG', type: 'PI' },
];
const listed: Partial<TenantSettings> = { authorities: [a, b] };

const cases: readonly (readonly [
  what: string,
  before: Partial<TenantSettings>,
  after: Partial<TenantSettings>,
  rekeys: boolean,
])[] = [
  ['nothing', listed, listed, false],
  ['a list where there was none', {}, listed, true],
  ['one more at the end', { authorities: [a] }, listed, false],
  ['another order', listed, { authorities: [b, a] }, true],
  ['one less', listed, { authorities: [a] }, true],
  ['another type', listed, { authorities: [a, { ...b, type: 'MR' }] }, true],
  ['a default authority', listed, { ...listed, defaultAuthority: a }, true],
  ['the authority of visits', listed, { ...listed, visitAuthority: 'NORTH' }, true],
  ['accounts as visits', listed, { ...listed, accountsAreVisits: true }, true],
  ['the zone', { zone: 'UTC' }, { zone: 'Europe/Berlin' }, true],
  ['local codes', listed, { ...listed, localCodes: { 'L|HR': 'http://loinc.org|8867-4' } }, false],
];

for (const [what, before, after, rekeys] of cases) {
  test(`settings that ${rekeys ? 'change' : 'keep'} what ids are made from: ${what}`, () => {
    const whole = (some: Partial<TenantSettings>): TenantSettings => ({ ...plainTenantSettings, ...some });
    assert.equal(settingsRekey(whole(before), whole(after)), rekeys);
  });
}

test('a tenant whose settings change its keys is named, before and after they count', async (t) => {
  const folder = temporaryFolder(t);
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  t.after(() => registry.close());
  const declare = async (more: object): Promise<[tenant: string, zone: unknown][]> => {
    const { file } = writeConfiguration(folder, more);
    const named: [string, unknown][] = [];
    await declareFromConfig(
      loadConfig({ file, env: {} }),
      registry,
      new Uint8Array(32),
      systemClock,
      async (tenant) => {
        const stored = (await registry.snapshot()).tenants.find(({ id }) => id === tenant);
        named.push([tenant, stored?.settings['visitAuthority']]);
      },
    );
    return named;
  };
  assert.deepEqual(await declare({}), [], 'new tenants have nothing to rebuild');
  assert.deepEqual(await declare({ localCodes: { 'L|HR': 'http://loinc.org|8867-4' } }), []);
  assert.deepEqual(await declare({ visitAuthority: 'NORTH' }), [
    [north, undefined],
    [north, 'NORTH'],
  ]);
  assert.ok((await registry.snapshot()).tenants.some(({ id }) => id === south));
});

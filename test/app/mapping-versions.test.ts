import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type MappingSources, readAndCheck } from '../../src/app/mapping-files.js';
import { openMappingVersions } from '../../src/app/mapping-versions.js';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { createMetrics } from '../../src/core/metrics.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { readMappingFiles, shippedMappings } from '../../src/store/mapping-files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const tenant = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';
const broken = 'layer: site\nrules:\n  - { override: "PID[Patient]/PID-99", value: x }\n';
const overriding = (value: string) => `layer: site\nrules:\n  - { override: "PID[Patient]/PID-8", value: ${value} }\n`;

function installation(t: TestContext) {
  const folder = temporaryFolder(t);
  const sources: MappingSources = { base: join(folder, 'base'), tenants: { [tenant]: join(folder, 'north') } };
  cpSync(shippedMappings, sources.base, { recursive: true });
  mkdirSync(join(folder, 'north'));
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  t.after(() => registry.close());
  const metrics = createMetrics();
  let changes = 0;
  let rebuilds = 0;
  let data = false;
  const changed = async (): Promise<void> => {
    changes++;
  };
  return {
    registry,
    sources,
    metrics,
    changes: () => changes,
    rebuilds: () => rebuilds,
    holdData: () => {
      data = true;
    },
    open: () =>
      openMappingVersions({
        ...{ sources: () => sources, registry, clock: systemClock, log: silentLog, metrics, changed },
        firstCheck: async (...files) => readAndCheck(...files),
        hasData: () => data,
        rebuild: async () => {
          rebuilds++;
        },
      }),
    layer: (text: string) => writeFileSync(join(folder, 'north', 'site.yaml'), text),
  };
}

test('a valid edit is the next version, an invalid one is refused with its place until a good one comes', async (t) => {
  const { open, layer, changes, registry, metrics } = installation(t);
  const versions = await open();
  assert.deepEqual(await versions.publish(), { version: 1, changed: false });
  layer(overriding('other'));
  assert.deepEqual(await versions.publish(), { version: 2, changed: true });
  layer(broken);
  await assert.rejects(versions.publish(), { code: 'mapping-invalid' });
  assert.equal((await registry.snapshot()).mappingVersion, 2);
  const [problem] = versions.refusal()?.problems ?? [];
  assert.match(problem ?? '', new RegExp(`^tenants/${tenant}/site\\.yaml:3:\\d+ .*PID-99`));
  layer(overriding('unknown'));
  assert.deepEqual(await versions.publish(), { version: 3, changed: true });
  assert.equal(versions.refusal(), undefined);
  layer(overriding('other'));
  assert.deepEqual(await versions.publish(), { version: 4, changed: true }, 'files that come back get a new number');
  assert.equal(changes(), 3);
  const { text } = await metrics.scrape();
  assert.match(text, /wardline_mapping_version 4/);
  assert.match(text, /wardline_mapping_refusals_total 1/);
});

test('files that are live again settle a refusal without a new version', async (t) => {
  const { open, layer } = installation(t);
  layer(overriding('other'));
  const versions = await open();
  layer(broken);
  await assert.rejects(versions.publish(), { code: 'mapping-invalid' });
  layer(overriding('other'));
  assert.deepEqual(await versions.publish(), { version: 1, changed: false });
  assert.equal(versions.refusal(), undefined);
});

test('files that do not hold together prevent the first start only', async (t) => {
  const { open, layer } = installation(t);
  layer(broken);
  await assert.rejects(open(), { code: 'config-invalid', message: /site\.yaml:3:\d+ / });
  layer(overriding('other'));
  await open();
  layer(broken);
  const versions = await open();
  assert.equal(versions.refusal()?.problems.length, 1);
  layer(overriding('male'));
  assert.deepEqual(await versions.publish(), { version: 2, changed: true });
});

test('files of another folder take the place of the base ones, and are refused to who hands them in', async (t) => {
  const { open, sources, registry } = installation(t);
  const versions = await open();
  const files = { ...readMappingFiles(sources.base, 'mappings/') };
  await assert.rejects(versions.publish({ ...files, 'mappings/x.yaml': 'table:' }), { code: 'mapping-invalid' });
  assert.equal(versions.refusal(), undefined);
  const more = { ...files, 'mappings/x.yaml': 'layer: additions\n' };
  assert.deepEqual(await versions.publish(more), { version: 2, changed: true });
  assert.ok((await registry.mapping(2))?.files['mappings/x.yaml'] !== undefined);
  assert.deepEqual(await versions.publish(), { version: 3, changed: true });
});

const keyed = (ways: string): string => `layer: site\nkeys:\n  Coverage:\n${ways}\n`;
const otherKey = keyed('    - { id: plan, segment: IN1, patient: true, parts: [{ code: IN1-2 }] }');
const shippedKey = [
  '    - { id: renamed, segment: IN1, patient: true, parts: [{ code: IN1-2 }, { identifier: IN1-3, optional: true }, { path: IN1-36, optional: true }] }',
  '    - { id: PV1-20, segment: PV1, patient: true, parts: [{ text: financial-class }, { of: visit, optional: true }] }',
].join('\n');
const further = '    - { id: more, segment: IN1, patient: true, parts: [{ path: IN1-49 }] }';

test('files that change what ids are made from are refused without a rebuild, once there is data', async (t) => {
  const { open, layer, registry, rebuilds, holdData } = installation(t);
  const versions = await open();
  layer(otherKey);
  assert.deepEqual(await versions.publish(), { version: 2, changed: true }, 'nothing is stored yet');
  layer('layer: site\n');
  assert.deepEqual(await versions.publish(), { version: 3, changed: true });
  holdData();
  layer(otherKey);
  await assert.rejects(versions.publish(), { code: 'mapping-rekeys' });
  const place = `tenants/${tenant}/site.yaml:3:3`;
  assert.match(
    versions.refusal()?.problems.join() ?? '',
    new RegExp(`^${place} the key of Coverage changes.*--rebuild`),
  );
  assert.equal((await registry.snapshot()).mappingVersion, 3);
  assert.equal(rebuilds(), 0);

  const later = await open();
  assert.match(later.refusal()?.problems[0] ?? '', /key of Coverage/, 'nor is it taken at the next start');
  assert.equal((await registry.snapshot()).mappingVersion, 3);

  for (const same of [overriding('other'), keyed(shippedKey), keyed(`${shippedKey}\n${further}`)]) {
    layer(same);
    assert.equal((await later.publish()).changed, true, 'no way at all, the same ways, or one more for what had none');
    assert.equal(later.refusal(), undefined);
  }
  layer(keyed(`${further}\n${shippedKey}`));
  await assert.rejects(later.publish(), { code: 'mapping-rekeys' }, 'another way comes first');
  const before = (await registry.snapshot()).mappingVersion;
  assert.deepEqual(await later.publish(undefined, true), { version: before + 1, changed: true });
  assert.ok(rebuilds() > 0);
  assert.equal(later.refusal(), undefined);
});

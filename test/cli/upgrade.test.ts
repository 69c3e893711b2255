import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { north } from '../conformance/archive-suite.js';
import { writeOlderTenant } from '../support/older-tenant.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runProgram } from './run-program.js';

describe('wardline upgrade where nothing runs', () => {
  it('upgrades files by itself, and asks for a process where there is a database', async (t) => {
    const folder = temporaryFolder(t);
    const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
    await registry.putTenant({
      ...{ id: north, name: 'North', createdAt: 1, kind: 'own', settings: {}, sealedIdKey: '', sealedDataKey: '' },
      ...{ partitions: 1, fromConfiguration: false },
    });
    await registry.close();
    writeOlderTenant(join(folder, 'tenants'), north);
    const done = await runProgram(['upgrade', '--data', folder, '--json']);
    assert.equal(done.code, 0, done.stderr);
    const { state, documents, refused } = JSON.parse(done.stdout) as Record<string, unknown>;
    assert.deepEqual([state, documents, refused], ['done', 119, 0]);

    const config = join(folder, 'wardline.yaml');
    const servers = { mongodb: { url: 'mongodb://127.0.0.1:1' }, redis: { url: 'redis://127.0.0.1:1' } };
    writeFileSync(config, JSON.stringify({ ...servers, masterKey: { file: 'none' }, dataFolder: folder }));
    const [away, both] = await Promise.all([
      runProgram(['upgrade', '--config', config]),
      runProgram(['upgrade', '--data', folder, '--dry', '--stop']),
    ]);
    assert.match(
      away.stderr,
      /no such process runs on .*; run it with the data folder of a process of the role transform/,
    );
    assert.match(both.stderr, /state one of --dry, --status, --stop/);
    assert.ok(away.code !== 0 && both.code !== 0);
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import { loadConfig } from '../../src/core/config.js';
import { north, openAdmin } from '../admin/open-admin.js';
import { runProgram } from './run-program.js';

describe('wardline export', () => {
  it('prints what was made at run time so that the configuration can state it, and then nothing more', async (t) => {
    const { folder } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    await runProgram(['tenant', 'create', 'North: "the" hospital', '--id', north], { env });
    const scope = 'system/Patient.read hl7:send';
    const made = await runProgram(['client', 'create', 'App', '--id', 'app', '--tenant', north, '--scope', scope], {
      env,
    });
    assert.equal(made.code, 0, made.stderr);
    const { code, stdout, stderr } = await runProgram(['export'], { env });
    assert.equal(code, 0);
    assert.equal(stderr, 'app.secret: a secret of 32 characters at least; the present one is kept as a hash alone\n');

    const file = join(folder, 'wardline.yaml');
    writeFileSync(file, stdout);
    writeFileSync(join(folder, 'app.secret'), 'x'.repeat(32));
    const { tenants, clients } = loadConfig({ file, env: {}, files: true });
    assert.deepEqual(
      tenants.map(({ id, name }) => [id, name]),
      [[north, 'North: "the" hospital']],
    );
    assert.deepEqual(clients, [
      { id: 'app', name: 'App', tenants: [north], scopes: scope.split(' '), secretFile: join(folder, 'app.secret') },
    ]);

    const again = await runProgram(['export', '--config', file], { env });
    assert.deepEqual([again.code, again.stdout, again.stderr], [0, '', '']);
    const keys = { client_id: 'keys', client_name: 'K', tenants: [north], jwks_uri: 'https://example.org/keys' };
    await adminClient(folder).call('POST', '/clients', keys);
    const more = await runProgram(['export', '--config', file], { env });
    assert.match(more.stdout, /^clients:\n {2}- id: "keys"\n[\s\S]* {4}jwksUri: "https:\/\/example.org\/keys"\n$/);
    assert.equal(more.stderr, '');
    const json = JSON.parse((await runProgram(['export', '--json'], { env })).stdout);
    assert.deepEqual(
      json.clients.map(({ id, secretFile }: { id: string; secretFile: string }) => [id, secretFile]),
      [
        ['app', 'app.secret'],
        ['keys', undefined],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sequenceName } from '../../src/core/stamp.js';
import { north, openAdmin } from '../admin/open-admin.js';
import { entry, outcome } from '../conformance/archive-suite.js';
import { runProgram } from './run-program.js';

describe('commands on a running system', () => {
  it('make a tenant and a client, rotate, list, revoke; with the names of OAuth in JSON', async (t) => {
    const { folder } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    const tenant = await runProgram(['tenant', 'create', 'North', '--id', north], { env });
    assert.deepEqual([tenant.code, tenant.stdout], [0, `tenant ${north}  North\n`]);
    const made = await runProgram(['client', 'create', 'App', '--id', 'app', '--tenant', north, '--json'], { env });
    const { client_id: id, client_secret: secret, scope } = JSON.parse(made.stdout);
    assert.deepEqual([id, scope], ['app', 'system/*.read']);
    const rotated = await runProgram(['client', 'rotate', 'app', '--overlap', '24h'], { env });
    assert.match(rotated.stdout, /^client_id {6}app\nclient_secret {2}\S{32,}\nThe secret is shown this once/);
    assert.doesNotMatch(rotated.stdout, new RegExp(secret));
    const list = await runProgram(['client', 'list'], { env });
    assert.match(
      list.stdout,
      new RegExp(`^CLIENT +STATE .*\\napp +active +system/\\*\\.read +${north} +\\S+,\\S+ +App\\n$`),
    );
    assert.equal((await runProgram(['client', 'revoke', 'app'], { env })).stdout, 'client app disabled\n');
    const unknown = await runProgram(['client', 'rotate', 'none'], { env });
    assert.deepEqual([unknown.code, unknown.stderr], [1, 'wardline: no client none\n']);
  });

  it('give a client keys, and a secret an end', async (t) => {
    const { folder, registry } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    const run = (...args: string[]) => runProgram(['client', ...args], { env });
    await runProgram(['tenant', 'create', 'North', '--id', north], { env });
    const keys = join(folder, 'public.json');
    const jwks = { keys: [{ kty: 'RSA', n: 'n', e: 'AQAB', kid: 'k' }] };
    writeFileSync(keys, JSON.stringify(jwks));
    const made = await run('create', 'Smart', '--id', 'smart', '--tenant', north, '--jwks', keys);
    assert.deepEqual([made.code, made.stdout], [0, 'client_id      smart\n'], made.stderr);
    const kept = async () => (await registry.snapshot()).clients.find(({ id }) => id === 'smart');
    assert.deepEqual((await kept())?.jwks, jwks);
    const uri = await run('keys', 'smart', '--jwks-uri', 'https://app.example/jwks.json');
    assert.equal(uri.stdout, 'client smart has new keys\n');
    assert.deepEqual((await kept())?.jwks, { jwks_uri: 'https://app.example/jwks.json' });
    assert.equal((await run('keys', 'smart', '--none')).stdout, 'client smart has no keys any more\n');
    assert.equal((await kept())?.jwks, null);
    writeFileSync(keys, 'no JSON');
    for (const wrong of [['--jwks', keys], ['--jwks', join(folder, 'nowhere')], []]) {
      const { code, stderr } = await run('keys', 'smart', ...wrong);
      assert.ok(code !== 0 && /^wardline: /.test(stderr), stderr);
    }
    const grant = await run('grant', 'smart', '--scope', 'system/Patient.rs');
    assert.equal(grant.stdout, `client smart: system/Patient.rs, tenants ${north}\n`, grant.stderr);
    assert.deepEqual((await kept())?.scopes, ['system/Patient.rs']);
    const { generation = 0 } = (await kept()) ?? {};
    assert.equal((await run('revoke', 'smart', '--tokens')).stdout, 'the tokens of client smart are revoked\n');
    assert.equal((await kept())?.generation, generation + 1);
    await run('create', 'App', '--id', 'app', '--tenant', north, '--expires', '90d');
    const rotated = await run('rotate', 'app', '--overlap', '1h', '--expires', '2d', '--json');
    const now = Date.now() / 1000;
    assert.deepEqual(
      JSON.parse(rotated.stdout).secrets.map((one: { client_secret_expires_at: number }) =>
        Math.round((one.client_secret_expires_at - now) / 3600),
      ),
      [1, 48],
    );
  });

  it('look over archived messages for fields without a rule and codes without a row', async (t) => {
    const { folder, archive } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    await archive.append([entry({ controlId: 'C1' }), entry({ controlId: 'C2' }), entry({ controlId: 'C3' })]);
    const coverage = await runProgram(['mapping', 'coverage', '--last', '2'], { env });
    assert.equal(
      coverage.stdout.split('\n').slice(1).join('\n'),
      'PID-31  Identity Unknown Indicator  2      2         100.0%  A\n\n2 messages, 4 valued fields, 50.0% carried over\n',
    );
    const { stdout } = await runProgram(['codes', 'unmapped', '--json', '--tenant', north], { env });
    const [row] = JSON.parse(stdout).codes;
    assert.deepEqual(
      [row.sender, row.code, row.count, row.fields, row.yaml],
      [
        'APP|FAC',
        'ZW',
        3,
        ['PID-16'],
        'layer: sender\nsender: "APP|FAC"\ntables:\n  - table: HL70002.marital-status\n    codes:\n      "ZW": ~   # 3 times, PID-16\n',
      ],
    );
  });

  it('list, show, explain and release messages', async (t) => {
    const { folder, archive } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    const [row] = await archive.append([entry({ controlId: 'C77' })]);
    assert.ok(row);
    await archive.settle([outcome(row, { state: 'parked', reason: 'message-without-patient' })]);
    const name = sequenceName(row.sequence);
    const list = await runProgram(['messages', 'list', '--state', 'parked'], { env });
    assert.match(
      list.stdout,
      new RegExp(`\\n${name} +\\S+ +parked +ADT\\^A01 +C77 +APP\\|FAC +adt +message-without-patient\\n$`),
    );
    const shown = await runProgram(['messages', 'show', name], { env });
    assert.match(shown.stdout, /controlId +C77\n[\s\S]*\n\nMSH\|\^~\\&\|APP/);
    const why = await runProgram(['messages', 'why', name], { env });
    assert.match(
      why.stdout,
      /\npatient +gender +PID\[Patient\]\/PID-8 +PID\[1\]-8\[1\] +Administrative Sex\n\nUNMAPPED +FIELD +READ BY\nPID\[1\]-31\[1\] +Identity Unknown Indicator\n\nNOTED +AT +CODE +WHAT\nwarning +PID\[1\]-16\[1\] +code-unmapped +no row\n$/,
    );
    const released = await runProgram(['messages', 'release', name, '9-9'], { env });
    assert.deepEqual(
      [released.code, released.stdout, released.stderr],
      [1, `${name}  unsettled\n`, 'wardline: no message 9-9\n'],
    );
    assert.match(
      (await runProgram(['status'], { env })).stdout,
      /LISTENER +ADDRESS +CONNECTIONS\nadt +127\.0\.0\.1:2575 +1\nROLE +/,
    );
  });

  it('check archived messages as they came, newest kept, each read audited', async (t) => {
    const { folder, archive, audited } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    const rows = await archive.append([
      entry({ controlId: 'C1' }),
      entry({ controlId: 'C2' }),
      entry({ controlId: 'C3' }),
    ]);
    const { code, stdout } = await runProgram(['lint', '--last', '2', '--json'], { env });
    const { messages, findings } = JSON.parse(stdout);
    assert.equal(messages, 2);
    assert.deepEqual(
      [...new Set(findings.map((each: { source: string }) => each.source))],
      rows.slice(1).map(({ sequence }) => sequenceName(sequence)),
    );
    assert.equal(code, 1);
    const reads = audited.filter(({ action }) => action === 'message-read');
    assert.deepEqual(
      reads.map(({ subject }) => subject),
      ['message-show', 'message-show'],
    );
  });
});

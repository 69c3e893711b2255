import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ConfigFlags, type Environment, loadConfig, profileOf } from '../../src/core/config.js';
import { Fault } from '../../src/core/errors.js';

const north = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wardline-config-'));
});
after(() => rmSync(folder, { recursive: true }));

function load(yaml: string, env: Environment = {}, flags: ConfigFlags = {}) {
  const file = join(folder, 'wardline.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, env, flags });
}

function issuesOf(yaml: string, env: Environment = {}, flags: ConfigFlags = {}): string[] {
  try {
    load(yaml, env, flags);
  } catch (error) {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, 'config-invalid');
    return error.message.replaceAll(`${folder}/`, '').split('\n');
  }
  return [];
}

const whole = `
profiles:
  main: { ack: original, unavailable: AR, charset: utf-8, zone: Europe/Berlin, authority: { ADT: 50, ORU: 20 } }
listeners:
  - { name: adt, port: 2575, tenant: ${north.toUpperCase()}, maxFrameBytes: 2MiB, frameTimeout: 30s }
  - name: hub
    port: 2576
    senders: [{ msh3: LAB, msh4: X, tenant: ${north} }]
    tls: { cert: tls/cert.pem, key: tls/key.pem }
tenants:
  - { id: ${north}, name: North, authorities: [{ id: NORTH, oid: 1.2.3, type: MR }], visitAuthority: NORTH }
`;

describe('configuration', () => {
  it('has a value for everything when nothing is stated', () => {
    const config = loadConfig({ env: {} });
    assert.equal(config.http.host, '127.0.0.1');
    assert.equal(config.http.port, 8080);
    assert.equal(config.admin.port, 8081);
    assert.equal(config.profiles.main?.unavailable, 'AR');
    assert.equal(config.tokenLife, 15 * 60_000);
    assert.deepEqual(config.listeners, []);
  });

  it('reads the outline, units and paths resolved, ids in lower case', () => {
    const config = load(whole);
    const [adt, hub] = config.listeners;
    assert.equal(adt?.tenant, north);
    assert.equal(adt?.maxFrameBytes, 2 * 1024 * 1024);
    assert.equal(adt?.frameTimeout, 30_000);
    assert.equal(hub?.tls?.cert, join(folder, 'tls/cert.pem'));
    assert.ok(adt && profileOf(config, adt).zone === 'Europe/Berlin');
    assert.equal(config.dataFolder, join(folder, 'data'));
  });

  it('is frozen to the bottom', () => {
    const config = load(whole);
    assert.ok(Object.isFrozen(config.listeners[0]) && Object.isFrozen(config.profiles.main?.authority));
  });

  it('lays environment over the file, and flags over the environment', () => {
    const env = { WARDLINE_HTTP_PORT: '9000', WARDLINE_MLLP_PORT: '9001', WARDLINE_DATA: '/srv/one' };
    const config = load(whole, env, { httpPort: 9100, data: '/srv/two' });
    assert.equal(config.http.port, 9100);
    assert.equal(config.listeners[0]?.port, 9001);
    assert.equal(config.dataFolder, '/srv/two');
    assert.deepEqual(load(whole, { WARDLINE_MASTER_KEY: 'x' }).masterKey, { env: 'WARDLINE_MASTER_KEY' });
  });

  it('puts environment variables where the file names them', () => {
    assert.equal(load(whole.replaceAll(north, `"$\{HOSPITAL}"`), { HOSPITAL: north }).tenants[0]?.id, north);
  });

  const refused: readonly { name: string; yaml: string; env?: Environment; flags?: ConfigFlags; issues: string[] }[] = [
    {
      name: 'every issue of a file at once, with line and path',
      yaml: `http:\n  prot: 8080\nprofiles:\n  main: { ack: orignal, zone: Mars/Base }\n`,
      issues: [
        'wardline.yaml:2: http.prot: unknown key, did you mean port?',
        'wardline.yaml:4: profiles.main.ack: must be one of original, enhanced',
        'wardline.yaml:4: profiles.main.zone: must be an IANA time zone, such as Europe/Berlin',
      ],
    },
    {
      name: 'unknown profile and tenant of a listener',
      yaml: `profiles: { lab: {} }\nlisteners:\n  - name: a\n    port: 1\n    profile: lap\n    tenant: ${north}\n`,
      issues: [
        'wardline.yaml:5: listeners[0].profile: no profile lap, did you mean lab?',
        `wardline.yaml:6: listeners[0].tenant: tenant ${north} is not among tenants`,
      ],
    },
    {
      name: 'directories and listeners of HTTP that cannot be meant',
      yaml: `listeners:
  - { name: a, port: 5, tenant: ${north}, trustedProxies: [10.0.0.1] }
  - { name: b, kind: http, port: 6, host: 0.0.0.0, senders: [{ msh4: X, tenant: ${north} }] }
directories:
  - { name: a, path: /srv/in, profile: mian, tenant: ${north} }
  - { name: c, path: /srv/in }
tenants: [{ id: ${north}, name: N }]
`,
      issues: [
        'wardline.yaml:2: listeners[0].trustedProxies: is for listeners of kind http',
        'wardline.yaml:3: listeners[1].senders: is for MLLP; over HTTP the token names the tenant',
        'wardline.yaml:3: listeners[1].host: plain HTTP is served on loopback only; state tls, or trustedProxies behind a proxy',
        'wardline.yaml:5: directories[0].profile: no profile mian, did you mean main?',
        'wardline.yaml:5: directories[0].name: a is the name of a listener, too',
        'wardline.yaml:6: directories[1]: needs either tenant or senders',
        'wardline.yaml:6: directories[1].path: /srv/in is used twice',
      ],
    },
    {
      name: 'a listener without a tenant, and names and ports used twice',
      yaml: `listeners:\n  - { name: a, port: 5 }\n  - { name: a, port: 5, senders: [{ tenant: ${north} }] }\ntenants: [{ id: ${north}, name: N }]\n`,
      issues: [
        'wardline.yaml:2: listeners[0]: needs either tenant or senders',
        'wardline.yaml:3: listeners[1].senders[0]: needs at least one of msh3, msh4, msh5, msh6',
        'wardline.yaml:3: listeners[1].name: a is used twice',
        'wardline.yaml:3: listeners[1].port: 127.0.0.1:5 is used twice',
      ],
    },
    {
      name: 'plain HTTP in the open, and an admin API in the open',
      yaml: 'http: { host: 0.0.0.0 }\nadmin: { host: 0.0.0.0 }\n',
      issues: [
        'wardline.yaml:1: http.host: plain HTTP is served on loopback only; state http.tls, or http.trustedProxies behind a proxy that ends TLS',
        'wardline.yaml:2: admin.host: the admin API is served on loopback only',
      ],
    },
    {
      name: 'ports that are none, by flag and environment',
      yaml: whole,
      env: { WARDLINE_HTTP_PORT: 'http' },
      flags: { adminPort: 70000 },
      issues: [
        'wardline.yaml: WARDLINE_HTTP_PORT: must be a port, 0 to 65535',
        'wardline.yaml: --admin-port: must be a port, 0 to 65535',
      ],
    },
    {
      name: 'a variable that is not set',
      yaml: 'publicUrl: $' + '{NOT_THERE}\n',
      issues: [
        'wardline.yaml:1: publicUrl: environment variable NOT_THERE is not set',
        'wardline.yaml:1: publicUrl: must be an http or https URL',
      ],
    },
    {
      name: 'what is not YAML',
      yaml: 'http: [\n',
      issues: ['wardline.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    },
    {
      name: 'what is not a mapping',
      yaml: '- a\n',
      issues: ['wardline.yaml:1: must be a mapping of keys to values'],
    },
    {
      name: 'what the schema refuses together with what parts say of each other',
      yaml: `http: { prot: 1, tls: { cert: a }, host: 0.0.0.0 }
profiles: { lab: { charset: klingon }, x: 5 }
listeners:
  - { name: a, port: 1, profile: lap, tenant: ${north} }
  - { name: b, port: abc, tenant: xyz, allow: [10.0.0.0/99], profile: nono }
  - { port: 7 }
  - { name: c, port: 9, profile: lab, senders: [{ msh4: 1, tenant: ${north} }] }
  - { name: a, port: 8, profile: x, tenant: ${north.replace('11', '12')} }
tenants: [{ id: ${north} }, { id: ${north.replace('11', '12')}, name: N, zone: 5 }]
clients: [{ id: a, tenants: [${north}] }, 7]
admin: { host: 0.0.0.0 }
`,
      issues: [
        'wardline.yaml:1: http.tls.key: is missing',
        'wardline.yaml:1: http.prot: unknown key, did you mean port?',
        'wardline.yaml:2: profiles.lab.charset: must be a character set of HL7 table 0211, such as 8859/1 or UNICODE UTF-8',
        'wardline.yaml:2: profiles.x: must be a mapping of keys to values',
        'wardline.yaml:4: listeners[0].profile: no profile lap, did you mean lab?',
        'wardline.yaml:5: listeners[1].port: must be a port, 0 to 65535',
        'wardline.yaml:5: listeners[1].tenant: must be a GUID: 8-4-4-4-12 hexadecimal digits',
        'wardline.yaml:5: listeners[1].allow[0]: must be an address or a block of addresses: 10.0.0.0/8, 192.168.1.7, fd00::/8',
        'wardline.yaml:5: listeners[1].profile: no profile nono',
        'wardline.yaml:6: listeners[2].name: is missing',
        'wardline.yaml:7: listeners[3].senders[0].msh4: must be text',
        'wardline.yaml:8: listeners[4].name: a is used twice',
        'wardline.yaml:9: tenants[0].name: is missing',
        'wardline.yaml:9: tenants[1].zone: must be text',
        'wardline.yaml:10: clients[1]: must be a mapping of keys to values',
        'wardline.yaml:10: clients[0]: needs secretFile, jwksFile or jwksUri',
        'wardline.yaml:11: admin.host: the admin API is served on loopback only',
      ],
    },
    {
      name: 'a level of the log from the environment that is none',
      yaml: '',
      env: { WARDLINE_LOG_LEVEL: 'loud', WARDLINE_PUBLIC_URL: 'here' },
      issues: [
        'wardline.yaml: WARDLINE_PUBLIC_URL: must be an http or https URL',
        'wardline.yaml: WARDLINE_LOG_LEVEL: must be one of debug, info, warn, error, silent',
      ],
    },
  ];
  for (const { name, yaml, env, flags, issues } of refused) {
    it(`refuses ${name}`, () => assert.deepEqual(issuesOf(yaml, env, flags), issues));
  }

  it('names every certificate, key and secret that cannot be read, for who will use them', () => {
    const file = join(folder, 'wardline.yaml');
    const id = north;
    writeFileSync(
      file,
      JSON.stringify({
        masterKey: { file: 'm.key' },
        http: { tls: { cert: 'wardline.yaml', key: 'h.key' } },
        listeners: [{ name: 'a', port: 1, tenant: id, tls: { cert: 'c.pem', key: 'k.pem', ca: 'ca.pem' } }],
        tenants: [{ id, name: 'N' }],
        clients: [{ id: 'a', tenants: [id], secretFile: 's', jwksFile: 'j' }],
      }),
    );
    loadConfig({ file, env: {} });
    const expected = ['masterKey.file: m.key', 'http.tls.key: h.key']
      .concat(['listeners[0].tls.cert: c.pem', 'listeners[0].tls.key: k.pem', 'listeners[0].tls.ca: ca.pem'])
      .concat(['clients[0].secretFile: s', 'clients[0].jwksFile: j'])
      .map((text) => `${text} cannot be read (ENOENT)`);
    assert.throws(
      () => loadConfig({ file, env: {}, files: true }),
      (error: Error) => {
        assert.deepEqual(
          error.message.replaceAll(`${file}:1: `, '').replaceAll(`${folder}/`, '').split('\n'),
          expected,
        );
        return true;
      },
    );
  });

  it('names a file that cannot be read', () => {
    assert.throws(() => loadConfig({ file: join(folder, 'none.yaml'), env: {} }), {
      code: 'config-invalid',
      message: `${join(folder, 'none.yaml')}: cannot be read (ENOENT)`,
    });
  });
});

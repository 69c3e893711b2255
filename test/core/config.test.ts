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
        'wardline.yaml:4: profiles.main.ack: Invalid option: expected one of "original"|"enhanced"',
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
      issues: ['wardline.yaml:1: Invalid input: expected object, received array'],
    },
  ];
  for (const { name, yaml, env, flags, issues } of refused) {
    it(`refuses ${name}`, () => assert.deepEqual(issuesOf(yaml, env, flags), issues));
  }

  it('names a file that cannot be read', () => {
    assert.throws(() => loadConfig({ file: join(folder, 'none.yaml'), env: {} }), {
      code: 'config-invalid',
      message: `${join(folder, 'none.yaml')}: cannot be read (ENOENT)`,
    });
  });
});

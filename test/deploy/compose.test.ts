/** docker-compose.yml against itself, the configuration, and the files it names. No engine runs here. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { programFolder, programVersion } from '../../src/cli/program-version.js';
import { composeFile, page, type Service, withDefaults } from './compose-file.js';

const compose = composeFile();
const services = Object.entries(compose.services);
const configuration = parse(page('deploy/wardline.yaml')) as {
  readonly health: { readonly port: number };
  readonly http: { readonly port: number; readonly trustedProxies: readonly string[] };
  readonly listeners: readonly { readonly host: string; readonly port: number }[];
};
const roles = services.filter(([, { command }]) => command?.[1]?.startsWith('dist/workers/') === true);
const each = (rule: (service: Service, name: string) => boolean, of = services): string[] =>
  of.filter(([name, service]) => !rule(service, name)).map(([name]) => name);

describe('docker-compose.yml', () => {
  it('runs each role, transform twice, over three nodes of MongoDB, Redis, Prometheus and Grafana', () => {
    const kinds = services.map(([name, { deploy }]) => `${name} ${deploy?.replicas ?? 1}`).sort();
    const nodes = ['mongodb-1 1', 'mongodb-2 1', 'mongodb-3 1', 'mongodb-prepare 1'];
    assert.deepEqual(kinds, ['facade 1', 'grafana 1', 'intake 1', ...nodes, 'prometheus 1', 'redis 1', 'transform 2']);
    for (const [name, { command }] of roles) {
      assert.deepEqual(command, ['node', `dist/workers/${name}.js`]);
      assert.ok(existsSync(join(programFolder, `workers/${name}.ts`)), name);
    }
    assert.equal(roles.length, 3);
    assert.ok(
      existsSync(
        join(programFolder, `${compose.services['mongodb-prepare']?.command?.[1]?.replace(/^dist\/(.*)js$/, '$1ts')}`),
      ),
    );
  });

  it('names one version of every image, and of our own the one of the package', () => {
    const images = new Set(services.map(([, { image }]) => withDefaults(image)));
    for (const image of images) assert.match(image, /^[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)?$/);
    assert.ok(images.has(`wardline:${programVersion}`), [...images].join());
    for (const [, from = ''] of page('Dockerfile').matchAll(/^FROM (\S+)/gm))
      assert.match(from, /^node:\d+\.\d+\.\d+-\w+-slim$/);
  });

  it('limits processor and memory of every service, and looks after the health of all that stay', () => {
    assert.deepEqual(
      each(
        ({ deploy }) => deploy?.resources?.limits?.cpus !== undefined && deploy.resources.limits.memory !== undefined,
      ),
      [],
    );
    assert.deepEqual(
      each(({ healthcheck }) => (healthcheck?.test?.length ?? 0) > 1),
      ['mongodb-prepare'],
    );
    for (const [name, { healthcheck }] of roles)
      assert.match(
        healthcheck?.test?.join(' ') ?? '',
        new RegExp(`http://127\\.0\\.0\\.1:${configuration.health.port}/ready`),
        name,
      );
  });

  it('runs our own processes without rights, on a file system that stays as it is, with time to end', () => {
    const ours = services.filter(([, { build }]) => build !== undefined);
    assert.equal(ours.length, 4);
    assert.deepEqual(
      each(({ read_only, cap_drop, init }) => read_only === true && init === true && cap_drop?.join() === 'ALL', ours),
      [],
    );
    assert.deepEqual(
      each(({ privileged }) => privileged === undefined),
      [],
    );
    const deadline = Number(/const deadline = (\d+)_?000;/.exec(page('src/cli/start.ts'))?.[1]);
    assert.ok(deadline > 0);
    for (const [, { stop_grace_period }] of roles) assert.ok(Number.parseInt(stop_grace_period ?? '', 10) > deadline);
    const user = page('Dockerfile')
      .split('\n')
      .findLastIndex((line) => line.startsWith('USER '));
    assert.ok(
      user >
        page('Dockerfile')
          .split('\n')
          .findLastIndex((line) => line.startsWith('FROM ')),
    );
  });

  it('publishes on loopback only unless told otherwise, and ports that something listens on', () => {
    const published = services.flatMap(([name, { ports = [], deploy }]) =>
      ports.map((port) => {
        assert.equal(deploy?.replicas ?? 1, 1, `${name} is there once: a port has one owner`);
        const [address, , inside] = withDefaults(port).split(':');
        assert.equal(address, '127.0.0.1', name);
        return `${name} ${inside}`;
      }),
    );
    const listener = configuration.listeners.map(({ port, host }) => {
      assert.equal(host, '0.0.0.0');
      return `intake ${port}`;
    });
    assert.deepEqual(published.sort(), [
      `facade ${configuration.http.port}`,
      'grafana 3000',
      ...listener,
      'prometheus 9090',
    ]);
    const { wardline } = compose.networks;
    assert.deepEqual(configuration.http.trustedProxies, [wardline?.ipam.config[0]?.subnet]);
    assert.deepEqual(
      each(({ networks }) => networks?.join() === 'wardline'),
      [],
    );
  });

  it('names volumes that are declared, files that are there, and no volume twice', () => {
    const named: string[] = [];
    for (const [name, { volumes = [], build }] of services) {
      for (const volume of volumes) {
        const [from = '', to] = volume.split(':');
        if (to === undefined) assert.equal(from, '/data', `${name} has a volume of its own`);
        else if (from.startsWith('./')) assert.ok(existsSync(join(programFolder, from)), volume);
        else named.push(from);
      }
      if (build !== undefined && name !== 'mongodb-prepare') assert.ok(volumes.includes('/data'), name);
    }
    assert.deepEqual(named.sort(), Object.keys(compose.volumes).sort());
  });

  it('gives each service the secrets that it reads, and no others', () => {
    const ofConfiguration = secretsIn(page('deploy/wardline.yaml'));
    assert.deepEqual(
      [...new Set(services.flatMap(([, { secrets = [] }]) => secrets))].sort(),
      Object.keys(compose.secrets).sort(),
    );
    for (const [name, service] of services) {
      const text = JSON.stringify([service.command, service.entrypoint, service.environment, service.healthcheck]);
      const read = new Set([...secretsIn(text), ...(name === 'redis' ? secretsIn(page('deploy/redis.conf')) : [])]);
      if (service.environment?.['WARDLINE_CONFIG'] !== undefined)
        for (const secret of ofConfiguration) read.add(secret);
      assert.deepEqual([...(service.secrets ?? [])].sort(), [...read].sort(), name);
    }
    for (const [name, { file }] of Object.entries(compose.secrets)) assert.equal(file, `./deploy/secrets/${name}`);
  });

  it('waits for services that there are, and for health that is looked at', () => {
    for (const [name, { depends_on = [] }] of services) {
      if (Array.isArray(depends_on)) continue;
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const service = compose.services[other];
        assert.ok(service, `${name} waits for ${other}`);
        if (condition === 'service_healthy') assert.ok(service.healthcheck?.test, other);
        else assert.equal(condition, 'service_completed_successfully');
      }
    }
  });
});

function secretsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\/run\/secrets\/([a-z-]+)/g)].map(([, name = '']) => name))];
}

/** What docker-compose.yml gives its servers, tried on real ones: secrets, settings of Redis, the replica set and its user. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { inspectServers } from '../../src/app/inspect-servers.js';
import { judgeMongo } from '../../src/cli/doctor/check-mongodb.js';
import { judgeRedis } from '../../src/cli/doctor/check-redis.js';
import { programFolder } from '../../src/cli/program-version.js';
import { loadConfig } from '../../src/core/config.js';
import { Fault } from '../../src/core/errors.js';
import { inspectRedis } from '../../src/queue/bullmq/inspect.js';
import { hasServer } from '../support/needs.js';
import { eventually, freePort, ServerProcess } from '../support/server-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { composeFile, page } from './compose-file.js';

const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** Secrets as the script makes them. */
function makeSecrets(t: TestContext): { readonly folder: string; read(name: string): string } {
  const folder = temporaryFolder(t);
  cpSync(join(programFolder, 'deploy/make-secrets.sh'), join(folder, 'make-secrets.sh'));
  execFileSync('sh', [join(folder, 'make-secrets.sh')], { stdio: 'ignore' });
  return { folder, read: (name) => readFileSync(join(folder, 'secrets', name), 'utf8').trim() };
}

it('the script makes each secret once, in a folder for its owner alone', (t) => {
  const { folder, read } = makeSecrets(t);
  const names = readdirSync(join(folder, 'secrets')).sort();
  assert.deepEqual(names, Object.keys(composeFile().secrets).sort());
  assert.equal(statSync(join(folder, 'secrets')).mode & 0o777, 0o700);
  const before = names.map(read);
  assert.equal(new Set(before).size, names.length);
  assert.equal(Buffer.from(read('master-key'), 'base64').length, 32);
  assert.ok(before.every((secret) => secret.length >= 32));
  execFileSync('sh', [join(folder, 'make-secrets.sh')], { stdio: 'ignore' });
  assert.deepEqual(names.map(read), before);
});

it('the configuration is valid by the real schema, with those secrets', (t) => {
  const { folder } = makeSecrets(t);
  const file = join(folder, 'wardline.yaml');
  writeFileSync(file, page('deploy/wardline.yaml').replaceAll('/run/secrets', join(folder, 'secrets')));
  const config = loadConfig({ file, env: { WARDLINE_PUBLIC_URL: 'http://127.0.0.1:8080' }, files: true });
  assert.match(
    config.mongodb?.url ?? '',
    /^mongodb:\/\/wardline:\w+@mongodb-1:27017,mongodb-2:27017,mongodb-3:27017\/\?replicaSet=wardline&authSource=admin$/,
  );
  assert.match(config.redis?.url ?? '', /^redis:\/\/:\w+@redis:6379$/);
  const { environment = {} } = composeFile().services['mongodb-prepare'] ?? {};
  assert.equal(environment['MONGODB_HOSTS'], /@([^/]+)\//.exec(config.mongodb?.url ?? '')?.[1]);
  assert.equal(environment['MONGODB_SET'], 'wardline');
});

it('doctor finds nothing wrong with a Redis of these settings', { timeout: 300_000 }, async (t) => {
  if (!hasServer(t, 'redis-server')) return;
  const { folder, read } = makeSecrets(t);
  const port = await freePort();
  const file = join(folder, 'redis.conf');
  const settings = page('deploy/redis.conf')
    .replaceAll('/run/secrets', join(folder, 'secrets'))
    .replace('dir /data', `dir ${folder}`)
    .replace('bind * -::*', `bind 127.0.0.1\nport ${port}`);
  writeFileSync(file, settings);
  const redis = new ServerProcess(port, 'redis-server', [file]);
  ends.push(() => redis.end('SIGKILL'));
  redis.start();
  const url = read('redis-url').replace('redis:6379', `127.0.0.1:${port}`);
  const look = await eventually(() => inspectRedis({ url, now: Date.now, patience: 10_000 }), redis);
  assert.deepEqual(
    judgeRedis(look).filter(({ state }) => state !== 'ok'),
    [],
  );
  assert.ok(look.mostMemory > 0);
  const open = await inspectRedis({ url: `redis://127.0.0.1:${port}`, now: Date.now, patience: 10_000 }).catch(
    (error: unknown) => error,
  );
  assert.ok(open instanceof Fault && open.message.includes('NOAUTH'));
});

it('the replica set and its user are made once, and doctor finds nothing that the user may not', {
  timeout: 300_000,
}, async (t) => {
  if (!hasServer(t, 'mongod')) return;
  const { folder, read } = makeSecrets(t);
  const keyFile = join(folder, 'keyfile');
  writeFileSync(keyFile, read('mongodb-keyfile'), { mode: 0o400 });
  const port = await freePort();
  const data = join(folder, 'db');
  mkdirSync(data);
  const place = [
    '--bind_ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--dbpath',
    data,
    '--nounixsocket',
    '--wiredTigerCacheSizeGB',
    '0.25',
  ];
  // as the image makes the first user, before it starts the server with the key file
  const open = new ServerProcess(port, 'mongod', place);
  ends.push(() => open.end('SIGKILL'));
  open.start();
  await eventually(async () => {
    const client = new MongoClient(`mongodb://127.0.0.1:${port}`, { serverSelectionTimeoutMS: 1_000 });
    try {
      await client.db('admin').command({ createUser: 'root', pwd: read('mongodb-root-password'), roles: ['root'] });
    } finally {
      await client.close();
    }
  }, open);
  await open.end();
  const closed = new ServerProcess(port, 'mongod', [...place, '--replSet', 'wardline', '--keyFile', keyFile]);
  ends.push(() => closed.end('SIGKILL'));
  closed.start();
  const env = {
    ...process.env,
    MONGODB_SET: 'wardline',
    MONGODB_HOSTS: `127.0.0.1:${port}`,
    MONGODB_ROOT_PASSWORD_FILE: join(folder, 'secrets/mongodb-root-password'),
    MONGODB_USER: 'wardline',
    MONGODB_PASSWORD_FILE: join(folder, 'secrets/mongodb-password'),
  };
  for (let run = 0; run < 2; run++) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(programFolder, 'dist/scripts/prepare-mongodb.js')],
      { env },
    );
    assert.equal(stdout, 'the replica set has a primary, and the user is there\n');
  }
  const url = read('mongodb-url').replace(/@[^/]+/, `@127.0.0.1:${port}`);
  const prefix = `t${randomBytes(4).toString('hex')}`;
  const client = new MongoClient(url);
  await client.db(prefix).collection<{ _id: string; format: number }>('head').insertOne({ _id: 'head', format: 1 });
  await client.db(`${prefix}-${crypto.randomUUID()}`).collection('resources').createIndex({ a: 1 });
  await client.db(`${prefix}-x`).dropDatabase();
  await client.close();
  const config = {
    ...loadConfig({ env: { WARDLINE_MASTER_KEY: 'x' } }),
    mongodb: { url, prefix, clusters: {} },
    redis: { url: 'redis://127.0.0.1:1', prefix },
  };
  const looked = await inspectServers(config);
  assert.ok(looked !== undefined && !(looked.mongodb instanceof Fault));
  assert.deepEqual(looked.mongodb.primary?.refused, []);
  assert.ok((looked.mongodb.primary?.freeBytes ?? 0) > 0);
  const problems = judgeMongo(looked.mongodb, config).filter(
    ({ state, detail }) => state === 'problem' && !detail.startsWith('index '),
  );
  assert.deepEqual(problems, []);
});

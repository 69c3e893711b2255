/** What doctor says of MongoDB and Redis: each fault is really made, on real servers. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { inspectServers } from '../../src/app/inspect-servers.js';
import { judgeMongo } from '../../src/cli/doctor/check-mongodb.js';
import { judgeRedis } from '../../src/cli/doctor/check-redis.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { type Config, loadConfig } from '../../src/core/config.js';
import type { Fault } from '../../src/core/errors.js';
import { inspectRedis } from '../../src/queue/bullmq/inspect.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { openMongoArchive } from '../../src/store/mongodb/archive.js';
import { openMongoAudit } from '../../src/store/mongodb/audit.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { resourceIndexes } from '../../src/store/mongodb/indexes.js';
import { openMongoRegistry } from '../../src/store/mongodb/registry.js';
import { TenantDatabases } from '../../src/store/mongodb/tenant-databases.js';
import { newTenantRecord } from '../../src/store/tenant-record.js';
import { mongoFor, startReplicaSet } from '../support/mongodb-server.js';
import { hasServer, type TestScope } from '../support/needs.js';
import { pause } from '../support/pause.js';
import { ownRedis, redisFor } from '../support/redis-server.js';
import { eventually, freePort, ServerProcess } from '../support/server-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runProgram } from './run-program.js';

const tenant = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';

// the servers of the file end after what its tests opened
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});
const scopeOf = (t: TestContext): TestScope => ({ after: (end) => ends.push(end), skip: (reason) => t.skip(reason) });

let shared: Promise<{ mongodb: string; redis: string } | undefined> | undefined;
/** One MongoDB and one Redis in which nothing is wrong. */
function servers(t: TestContext): Promise<{ mongodb: string; redis: string } | undefined> {
  shared ??= (async () => {
    const [mongodb, redis] = [await mongoFor(scopeOf(t)), await redisFor(scopeOf(t))];
    return mongodb === undefined || redis === undefined ? undefined : { mongodb: mongodb.url, redis: redis.url };
  })();
  return shared;
}

interface Installation {
  readonly file: string;
  readonly prefix: string;
  readonly url: string;
  config(more?: object): Config;
}

/** A configuration for a prefix of its own; with `made` an installation with a tenant that has a database. */
async function install(t: TestContext, urls: { mongodb: string; redis: string }, made = true): Promise<Installation> {
  const folder = temporaryFolder(t);
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const file = join(folder, 'wardline.yaml');
  const key = join(folder, 'key');
  writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  const written = (more: object = {}): void =>
    writeFileSync(
      file,
      JSON.stringify({
        ...{ masterKey: { file: 'key' }, http: { port: 0 }, admin: { port: 0 } },
        ...{ mongodb: { url: urls.mongodb, prefix }, redis: { url: urls.redis, prefix }, ...more },
      }),
    );
  written();
  const client = connectMongo(urls.mongodb);
  try {
    if (made) {
      const db = client.db(prefix);
      const registry = await openMongoRegistry(db);
      const master = await openMasterKey(registry, { folder, file: key });
      await registry.putTenant(newTenantRecord(master, { id: tenant, name: 'North' }, Date.now()));
      await (await openMongoArchive(db, { run: 1, keyOf: () => Buffer.alloc(32), repeatDays: 1 })).close();
      await (await openMongoAudit(db, { run: 1, key: Buffer.alloc(32) })).close();
      await new TenantDatabases(() => client, prefix).make(tenant);
    }
  } finally {
    await client.close();
  }
  if (urls === (await shared)) ends.unshift(() => withDatabase(urls.mongodb, dropAll(prefix)));
  return {
    ...{ file, prefix, url: urls.mongodb },
    config(more) {
      written(more);
      return loadConfig({ file, env: {} });
    },
  };
}

async function withDatabase<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const dropAll =
  (prefix: string) =>
  async (client: MongoClient): Promise<void> => {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
  };

/** What is not as it should be; every finding that is not says what to do. */
async function findings(config: Config, now?: () => number, patience = 60_000): Promise<string[]> {
  const looked = await inspectServers(config, now, patience);
  assert.ok(looked);
  const key = looked.masterKey === undefined ? [] : [`problem master key: ${looked.masterKey.message}`];
  return [...wrong([...judgeMongo(looked.mongodb, config), ...judgeRedis(looked.redis)]), ...key];
}

function wrong(found: readonly Finding[]): string[] {
  for (const { state, todo } of found) assert.equal(state !== 'ok', todo !== undefined);
  return found.filter(({ state }) => state !== 'ok').map(({ area, state, detail }) => `${state} ${area}: ${detail}`);
}

describe('doctor, MongoDB', () => {
  it('finds nothing wrong before the first start, and makes nothing', async (t) => {
    const urls = await servers(t);
    if (urls === undefined) return;
    const { config, prefix } = await install(t, urls, false);
    assert.deepEqual(await findings(config()), []);
    const { databases } = await withDatabase(urls.mongodb, (client) => client.db().admin().listDatabases());
    assert.ok(databases.every(({ name }) => !name.startsWith(prefix)));
  });

  it('finds nothing wrong with what works; the program prints it, and no secret', async (t) => {
    const urls = await servers(t);
    if (urls === undefined) return;
    const { config, file } = await install(t, urls);
    assert.deepEqual(await findings(config()), []);
    const { code, stdout, stderr } = await runProgram(['doctor', '--config', file]);
    assert.equal(code, 0, stdout + stderr);
    for (const line of [
      /\nok {7}mongodb {9}replica set \S+: 127\.0\.0\.1:\d+ primary/,
      /\nok {7}mongodb {9}a write that a majority journals is confirmed\n/,
      /\nok {7}mongodb {9}indexes are as they are declared\n/,
      /\nok {7}mongodb {9}1 tenant, 1 with data\n/,
      /\nok {7}mongodb {9}[\d.]+ .iB free at the primary\n/,
      /\nok {7}redis {11}maxmemory-policy noeviction\n/,
      /\nok {7}redis {11}append-only file, appendfsync everysec\n/,
    ])
      assert.match(stdout, line);
  });

  const data = (prefix: string): string => `${prefix}-${tenant}`;
  const faults: readonly {
    readonly what: string;
    readonly make: (client: MongoClient, prefix: string) => Promise<unknown>;
    readonly expected: (prefix: string) => string[];
  }[] = [
    {
      what: 'indexes that are missing, other than declared, and not ours',
      async make(client, prefix) {
        const resources = client.db(data(prefix)).collection('resources');
        await resources.dropIndex('updated');
        await resources.dropIndex('dates');
        await resources.createIndex({ type: 1, dates: 1 }, { name: 'dates' });
        await client.db(data(prefix)).collection('history').createIndex({ by: 1 });
        await client.db(prefix).collection('messages').dropIndex('controlId_1_sender_1_digest_1_once_1');
        await client.db(prefix).collection('usedIds').dropIndex('expires_1');
      },
      expected: (prefix) => [
        `problem mongodb: index controlId_1_sender_1_digest_1_once_1 of ${prefix}.messages is missing: what needs it is slow, or refused`,
        `problem mongodb: index expires_1 of ${prefix}.usedIds is missing: what needs it is slow, or refused`,
        `problem mongodb: index updated of ${data(prefix)}.resources is missing: what needs it is slow, or refused`,
        `problem mongodb: index dates of ${data(prefix)}.resources is another one than is declared`,
        `warning mongodb: index by_1 of ${data(prefix)}.history is not Wardline's: each write pays for it`,
      ],
    },
    {
      what: 'data of a newer program',
      async make(client, prefix) {
        await client
          .db(prefix)
          .collection('formats')
          .updateOne({}, { $set: { format: 8 } });
        await client
          .db(data(prefix))
          .collection('meta')
          .updateOne({}, { $set: { format: 9 } });
      },
      expected: (prefix) => [
        'problem mongodb: the archive has format 8, this program reads up to 1',
        `problem mongodb: ${data(prefix)} has format 9, this program reads up to 1`,
      ],
    },
    {
      what: 'a database that no tenant has',
      make: (client, prefix) => client.db(`${prefix}-other`).collection('resources').insertOne({ a: 1 }),
      expected: (prefix) => [
        ...Object.keys(resourceIndexes).map(
          (index) =>
            `problem mongodb: index ${index} of ${prefix}-other.resources is missing: what needs it is slow, or refused`,
        ),
        `warning mongodb: database ${prefix}-other is of no tenant`,
      ],
    },
  ];
  for (const { what, make, expected } of faults) {
    it(`finds ${what}`, async (t) => {
      const urls = await servers(t);
      if (urls === undefined) return;
      const { config, prefix } = await install(t, urls);
      await withDatabase(urls.mongodb, (client) => make(client, prefix));
      assert.deepEqual(await findings(config()), expected(prefix));
    });
  }

  it('finds another master key, a clock that differs, too little space', async (t) => {
    const urls = await servers(t);
    if (urls === undefined) return;
    const { config, file } = await install(t, urls);
    const late = () => Date.now() - 3_600_000;
    const away = await findings(config(), late);
    assert.equal(away.length, 2);
    assert.match(
      away[0] ?? '',
      /^problem mongodb: the clock of 127\.0\.0\.1:\d+ is (59|60) min ahead of this machine's$/,
    );
    assert.match(
      away[1] ?? '',
      /^problem redis: the clock of 127\.0\.0\.1:\d+ is (59|60) min ahead of this machine's$/,
    );
    assert.match(
      (await findings(config({ minFreeDisk: '9000TiB' }))).join(),
      /^problem mongodb: \S+ .iB free at the primary$/,
    );
    writeFileSync(join(file, '../key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    assert.match(
      (await findings(config())).join(),
      /^problem master key: .* is not the one that this installation was made with$/,
    );
  });

  it('finds a majority that is away, an index that cannot be finished, and no primary', {
    timeout: 400_000,
  }, async (t) => {
    if (!hasServer(t, 'mongod')) return;
    const redis = (await servers(t))?.redis ?? '';
    const { url, nodes } = await startReplicaSet(scopeOf(t), 3, undefined, { arbiters: 1 });
    const { config, prefix } = await install(t, { mongodb: url, redis });
    assert.deepEqual(await findings(config()), []);
    const second = `127.0.0.1:${nodes[1]?.port}`;
    await withDatabase(url, async (client) => {
      const { setName, primary } = await client.db().command({ hello: 1 });
      assert.equal(setName, 'tests');
      const away = nodes.find(({ port }, at) => at < 2 && primary !== `127.0.0.1:${port}`);
      await away?.end('SIGKILL');
      const resources = client.db(`${prefix}-${tenant}`).collection('resources');
      await resources.insertOne({ type: 'Patient', dates: [1] }, { writeConcern: { w: 1 } });
      await resources.dropIndex('dates').catch(() => undefined);
      const description = { name: 'dates', partialFilterExpression: { dates: { $exists: true } } };
      const building = resources.createIndex({ type: 1, dates: 1 }, description).catch(() => undefined);
      const found = await until(
        () => findings(config(), Date.now, 1_500),
        (list) => list.some((line) => line.endsWith('is still being built')),
      );
      assert.match(found[0] ?? '', /^warning mongodb: 127\.0\.0\.1:\d+ does not answer$/);
      assert.match(
        found[1] ?? '',
        /^problem mongodb: a write that a majority journals .*: no message can be acknowledged$/,
      );
      assert.equal(found[2], `warning mongodb: index dates of ${prefix}-${tenant}.resources is still being built`);
      for (const node of nodes) await node.end('SIGKILL');
      await client.close();
      await building;
    });
    assert.match((await findings(config(), Date.now, 1_500)).join(), /^problem mongodb: MongoDB cannot be reached/);
    nodes[1]?.start();
    const lonely = await until(
      () => findings(config(), Date.now, 1_500),
      (list) => !list.join().includes('cannot be reached'),
    );
    assert.match(lonely[0] ?? '', new RegExp(`^problem mongodb: no primary: .*${second} (secondary|other)`));
  });

  it('finds a server in no replica set, without a journal', { timeout: 400_000 }, async (t) => {
    if (!hasServer(t, 'mongod')) return;
    const redis = (await servers(t))?.redis ?? '';
    const port = await freePort();
    const data = join(temporaryFolder(t), 'data');
    mkdirSync(data);
    const place = ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', data];
    const alone = new ServerProcess(port, 'mongod', [
      ...place,
      '--nojournal',
      '--nounixsocket',
      '--wiredTigerCacheSizeGB',
      '0.25',
    ]);
    t.after(() => alone.end('SIGKILL'));
    alone.start();
    const mongodb = `mongodb://127.0.0.1:${port}`;
    await eventually(
      () => withDatabase(`${mongodb}/?serverSelectionTimeoutMS=1000`, (client) => client.db().command({ ping: 1 })),
      alone,
    );
    const { config } = await install(t, { mongodb, redis }, false);
    const found = await findings(config());
    assert.equal(found[0], 'problem mongodb: the server is in no replica set');
    assert.match(
      found[1] ?? '',
      /^problem mongodb: a write that a majority journals.*: no message can be acknowledged$/,
    );
    assert.equal(found.length, 2);
  });

  it('finds users that may not come in, or may not look; no password is printed', { timeout: 400_000 }, async (t) => {
    if (!hasServer(t, 'mongod')) return;
    const redis = (await servers(t))?.redis ?? '';
    const keyFile = join(temporaryFolder(t), 'key');
    writeFileSync(keyFile, randomBytes(96).toString('base64'), { mode: 0o600 });
    const { url } = await startReplicaSet(scopeOf(t), 1, undefined, { flags: ['--keyFile', keyFile] });
    const [root, little] = ['root-pass-4711', 'little-pass-0815'];
    const as = (user: string, password: string): string =>
      url.replace('//', `//${user}:${password}@`).concat('&authSource=admin');
    await withDatabase(url, (client) => client.db('admin').command({ createUser: 'root', pwd: root, roles: ['root'] }));
    const { file, config, prefix } = await install(t, { mongodb: as('root', root), redis });
    assert.deepEqual(await findings(config()), []);
    await withDatabase(as('root', root), (client) =>
      client
        .db('admin')
        .command({ createUser: 'little', pwd: little, roles: [{ role: 'readWrite', db: 'elsewhere' }] }),
    );
    const lay = (mongodb: string) => ({ mongodb: { url: mongodb, prefix } });
    const refused = await findings(config(lay(as('little', little))));
    assert.match(refused[0] ?? '', /^problem mongodb: a write that a majority journals may not be used by this user/);
    assert.ok(refused.includes('warning mongodb: this user may not read the registry'), refused.join('\n'));
    assert.ok(refused.includes('warning mongodb: this user may not read the free space (dbStats)'), refused.join('\n'));
    for (const [user, password] of [
      ['little', little],
      ['root', 'wrong-pass-9999'],
    ] as const) {
      config(lay(as(user, password)));
      const { code, stdout, stderr } = await runProgram(['doctor', '--config', file]);
      assert.equal(code, 1);
      assert.equal((stdout + stderr).includes(password), false);
      if (user === 'root')
        assert.match(
          stdout,
          /\nproblem {2}mongodb {9}MongoDB may not be used by this user \(MongoServerError 18\)\n +→ correct user and password/,
        );
    }
  });

  it('finds a connection string that is none, and a name that leads nowhere', async () => {
    const at = (url: string) =>
      findings({
        ...loadConfig({ env: { WARDLINE_MASTER_KEY: 'x' } }),
        mongodb: { url, prefix: 'a', clusters: {} },
        redis: { url: 'redis://127.0.0.1:1', prefix: 'a' },
      });
    for (const url of ['mongodb://u:geheim@a,b:x/?tls=perhaps', 'mongodb+srv://u:geheim@nowhere.invalid']) {
      const [first = '', second = ''] = await at(url);
      assert.match(
        first,
        /^problem mongodb: (mongodb\.url is not a connection string|the name in mongodb\.url leads nowhere \(E[A-Z_]+\))$/,
      );
      assert.equal(second, 'problem redis: Redis at 127.0.0.1:1 does not answer (ECONNREFUSED)');
    }
  });

  it('finds versions that are too old', () => {
    const primary = {
      version: '5.0.9',
      setName: 's',
      majority: undefined,
      installed: false,
      formats: [],
      indexes: [],
      tenants: 0,
      databases: [],
      strays: [],
      freeBytes: undefined,
      masterKeyCheck: undefined,
      editions: undefined,
      refused: [],
    };
    const members = [{ host: 'a:1', state: 'primary', ahead: 0 }] as const;
    assert.deepEqual(wrong(judgeMongo({ members, primary }, { minFreeDisk: 1 })), [
      'problem mongodb: version 5.0.9 is too old',
    ]);
    const redis = {
      address: 'a:1',
      version: '6.2.1',
      role: 'master',
      policy: 'noeviction',
      mostMemory: 0,
      usedMemory: 1,
      appendOnly: true,
      appendSync: undefined,
      written: true,
      loading: true,
      scripts: true,
      ahead: 0,
    };
    assert.deepEqual(wrong(judgeRedis(redis)), [
      'problem redis: version 6.2.1 is too old',
      'warning redis: it is still reading its data',
    ]);
  });
});

describe('doctor, Redis', () => {
  it('finds what its settings make wrong', { timeout: 400_000 }, async (t) => {
    const server = await ownRedis(t);
    if (server === undefined) return;
    const redis = new Redis(server.url);
    t.after(() => redis.disconnect());
    const judge = async (url = server.url): Promise<string[]> => {
      const look = await inspectRedis({ url, now: Date.now, patience: 10_000 }).catch((error: Fault) => error);
      return wrong(judgeRedis(look));
    };
    assert.deepEqual(await judge(), []);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    assert.deepEqual(await judge(), [
      'problem redis: maxmemory-policy is allkeys-lru: work is dropped when memory is short',
    ]);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.config('SET', 'maxmemory', '1000000');
    assert.match((await judge()).join(), /^problem redis: [\d.]+ .iB used of 977 KiB$/);
    await redis.config('SET', 'maxmemory', '0');
    await redis.call('ACL', 'SETUSER', 'weak', 'on', '>weak-pass-1', '~*', '+info', '+time', '+ping');
    const weak = await judge(server.url.replace('//', '//weak:weak-pass-1@'));
    assert.deepEqual(weak, ['problem redis: this user may not run scripts (EVAL)']);
    const address = server.url.replace('redis://', '');
    const stranger = await judge(server.url.replace('//', '//weak:wrong-pass-2@'));
    assert.deepEqual(stranger, [`problem redis: Redis at ${address} refuses this user (WRONGPASS)`]);
    await redis.config('SET', 'requirepass', 'secret-pass-3');
    assert.deepEqual(await judge(), [`problem redis: Redis at ${address} refuses this user (NOAUTH)`]);
    await redis.config('SET', 'requirepass', '');
    await redis.replicaof('127.0.0.1', '1');
    assert.ok((await judge()).includes(`problem redis: ${address} is a replica and takes no writes`));
    await redis.replicaof('NO', 'ONE');
    await redis.config('SET', 'appendonly', 'no');
    const forgetful =
      'warning redis: no append-only file: after a restart of Redis work waits until the sweep finds it';
    assert.deepEqual(await judge(), [forgetful]);
    const [, folder] = (await redis.config('GET', 'dir')) as [string, string];
    rmSync(folder, { recursive: true });
    const spoilt = await until(
      () =>
        redis.bgsave().then(
          () => judge(),
          () => judge(),
        ),
      (list) => list.length > 1,
    );
    assert.deepEqual(spoilt, [forgetful, 'problem redis: its last write to disk failed']);
    redis.disconnect();
    await server.process?.end('SIGKILL');
    assert.deepEqual(await judge(), [`problem redis: Redis at ${address} does not answer (ECONNREFUSED)`]);
  });
});

/** Asks again until it is so; after a minute with what was answered last. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer) || performance.now() > end) return answer;
    await pause(50);
  }
}

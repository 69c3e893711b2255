import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { type Environment, loadConfig } from '../../src/core/config.js';
import type { Fault } from '../../src/core/errors.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function configuration(
  t: TestContext,
  servers: string,
): { readonly folder: string; load(env?: Environment): ReturnType<typeof loadConfig> } {
  const folder = temporaryFolder(t);
  const file = join(folder, 'wardline.yaml');
  writeFileSync(file, `masterKey: { env: KEY }\n${servers}\n`);
  writeFileSync(join(folder, 'mongo'), 'mongodb://w:geheim@one,two/?replicaSet=s\n');
  writeFileSync(join(folder, 'redis'), '  redis://:geheim@one:6379\n\n');
  return { folder, load: (env = {}) => loadConfig({ file, env }) };
}

const fromFiles = 'mongodb: { urlFile: mongo }\nredis: { urlFile: redis, prefix: other }';

function issuesOf(folder: string, load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    return (error as Fault).message.replaceAll(`${folder}/`, '').split('\n');
  }
  return [];
}

it('URLs of servers are read from files beside the configuration, without the white space around', (t) => {
  const { mongodb, redis } = configuration(t, fromFiles).load();
  assert.deepEqual(mongodb, { url: 'mongodb://w:geheim@one,two/?replicaSet=s', prefix: 'wardline', clusters: {} });
  assert.deepEqual(redis, { url: 'redis://:geheim@one:6379', prefix: 'other' });
});

it('the environment wins over such a file, which then need not be there', (t) => {
  const { folder, load } = configuration(t, fromFiles);
  rmSync(join(folder, 'mongo'));
  rmSync(join(folder, 'redis'));
  const { mongodb, redis } = load({ MONGODB_URL: 'mongodb://env', REDIS_URL: 'redis://env' });
  assert.deepEqual([mongodb?.url, redis?.url, redis?.prefix], ['mongodb://env', 'redis://env', 'other']);
});

const wrong: readonly (readonly [what: string, servers: string, issues: readonly string[]])[] = [
  [
    'both or neither',
    "mongodb: { url: 'mongodb://a', urlFile: mongo }\nredis: { prefix: a }",
    ['wardline.yaml:2: mongodb: needs either url or urlFile', 'wardline.yaml:3: redis: needs either url or urlFile'],
  ],
  [
    'a file that is not there',
    'mongodb: { urlFile: nowhere }\nredis: { urlFile: redis }',
    ['wardline.yaml:2: mongodb.urlFile: nowhere cannot be read (ENOENT)'],
  ],
  [
    'files that hold something else, which is not told',
    'mongodb: { urlFile: redis }\nredis: { urlFile: mongo }',
    [
      'wardline.yaml:2: mongodb.urlFile: redis holds something else: it must begin with mongodb:// or mongodb+srv://',
      'wardline.yaml:3: redis.urlFile: mongo holds something else: it must begin with redis:// or rediss://',
    ],
  ],
  [
    'a URL of another kind',
    "mongodb: { url: 'http://a' }\nredis: { urlFile: redis }",
    ['wardline.yaml:2: mongodb.url: must begin with mongodb:// or mongodb+srv://'],
  ],
];
for (const [what, servers, issues] of wrong) {
  it(`refuses ${what}`, (t) => {
    const { folder, load } = configuration(t, servers);
    const found = issuesOf(folder, load);
    assert.deepEqual(found, issues);
    assert.equal(found.join().includes('geheim'), false);
  });
}

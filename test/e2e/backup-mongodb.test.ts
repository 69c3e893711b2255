/** An installation in MongoDB is backed up while feeds run, and restored under another prefix. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { deriveKey } from '../../src/core/seal.js';
import { openMongoAudit } from '../../src/store/mongodb/audit.js';
import { transientCollections } from '../../src/store/mongodb/backup-database.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { printedBy, refused, startProgram } from '../cli/run-program.js';
import { demoMessages } from '../support/apply-demo.js';
import { assertSameSight, installationPicture } from '../support/installation-picture.js';
import { mongoFor } from '../support/mongodb-server.js';
import { pause } from '../support/pause.js';
import { redisFor } from '../support/redis-server.js';
import { type Hospital, north, type RunningWardline, runWardline, sample } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const samples = ['adt-a01', 'adt-a08', 'oru-r01-vitals', 'rde-o11', 'adt-a40'];

// the servers end after the systems that the tests stop
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

async function sendAll(hospital: Hospital, messages: readonly (string | Buffer)[]): Promise<void> {
  for (const message of messages) assert.match(await hospital.send(message), /MSA.[AC]A/);
}

function configFileOf(system: RunningWardline): string {
  return join(dirname(system.dataFolder), 'wardline.yaml');
}

async function servers(t: TestContext) {
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [mongodb, redis] = [await mongoFor(scope), await redisFor(scope)];
  if (mongodb === undefined || redis === undefined) return undefined;
  const base = `t${randomBytes(5).toString('hex')}`;
  const client = connectMongo(mongodb.url);
  const databases = async (): Promise<string[]> =>
    (await client.db().admin().listDatabases({ nameOnly: true })).databases.map(({ name }) => name);
  ends.unshift(async () => {
    for (const name of await databases()) if (name.startsWith(base)) await client.db(name).dropDatabase();
    await client.close();
  });
  const file = join(temporaryFolder(t), 'master.key');
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  /** The settings of an installation under a prefix of its own. */
  const under = (name: string) => {
    const prefix = `${base}${name}`;
    return { masterKey: { file }, mongodb: { url: mongodb.url, prefix }, redis: { url: redis.url, prefix } };
  };
  return { client, under, databases, url: mongodb.url, base, key: file };
}

test('a backup of MongoDB taken while feeds run is the installation', { timeout: 1_200_000 }, async (t) => {
  const found = await servers(t);
  if (found === undefined) return;
  const { client, under, databases, url, base, key } = found;
  const place = temporaryFolder(t);
  const at = (name: string): string => join(place, name);
  const lost = await runWardline(t, {}, under('a'));
  await sendAll(lost.north, [...samples.map((name) => sample(`${name}.hl7`)), ...demoMessages(5, 5).slice(0, 12)]);
  await lost.settled();
  const atBackup = await installationPicture(lost.publicUrl, lost.north, 'all');

  const south = demoMessages(7, 200);
  let sent = 0;
  let ended = false;
  const backingUp = printedBy('backup', '--to', at('whole.backup'), '-c', configFileOf(lost)).finally(() => {
    ended = true;
  });
  while ((!ended || sent < 10) && sent < 40) await sendAll(lost.south, south.slice(sent, ++sent));
  assert.match(await backingUp, /whole\.backup: .* 2 tenants, \d+ messages, \d+ documents/);
  await sendAll(lost.north, demoMessages(6, 5).slice(0, 8));
  await lost.settled();
  await lost.admin.call('POST', '/clients', { client_id: 'made-later', client_name: 'Made later', tenants: [north] });
  await printedBy('backup', 'verify', at('whole.backup'), '-c', configFileOf(lost));
  await printedBy('backup', '--archive-only', '--to', at('later.backup'), '-c', configFileOf(lost));
  const final = {
    north: await installationPicture(lost.publicUrl, lost.north, 'content'),
    south: await installationPicture(lost.publicUrl, lost.south, 'content'),
  };
  const counts = await lost.counts();
  t.diagnostic(`${sent} messages came while the backup was taken`);

  await t.test('every collection is in it, or known to belong to processes', async () => {
    const { parts } = JSON.parse(
      await printedBy('backup', 'verify', at('whole.backup'), '-c', configFileOf(lost), '--json'),
    );
    const copied = new Set(parts.map(({ name }: { name: string }) => name.replace(/^tenants\/[^/]+\//, 'tenants/')));
    for (const name of (await databases()).filter((one) => one.startsWith(`${base}a`))) {
      const own = name === `${base}a` ? '' : 'tenants/';
      for (const collection of await client.db(name).listCollections({}, { nameOnly: true }).toArray()) {
        const isTransient = transientCollections.some((one) => one === collection.name);
        assert.ok(isTransient || copied.has(`${own}${collection.name}`), `${name}.${collection.name}`);
      }
    }
  });

  await t.test('what is in the way of a restore is told before anything is written', async () => {
    const to = ['--to', url, '--prefix', `${base}b`];
    await refused(2, /name one by --to/, 'restore', at('whole.backup'), '--data', at('none'), '--master-key-file', key);
    await refused(4, /master\.key is missing/, 'restore', at('whole.backup'), '--data', at('none'), ...to);
    const other = at('other.key');
    writeFileSync(other, Buffer.alloc(32, 5).toString('base64'), { mode: 0o600 });
    await refused(
      4,
      /not the one/,
      'restore',
      at('whole.backup'),
      '--data',
      at('none'),
      ...to,
      '--master-key-file',
      other,
    );
    await refused(
      1,
      /is not empty/,
      'restore',
      at('whole.backup'),
      '--master-key-file',
      key,
      '--to',
      url,
      '--prefix',
      `${base}a`,
    );
    assert.deepEqual(
      (await databases()).filter((name) => name.startsWith(`${base}b`)),
      [],
    );
    assert.ok(!existsSync(at('none')));
  });

  const restore = ['restore', at('whole.backup'), '--to', url, '--prefix', `${base}b`, '--master-key-file', key];
  await t.test('killed halfway, or of a damaged file, it is run again', async (inner) => {
    const bytes = readFileSync(at('whole.backup'));
    writeFileSync(at('damaged.backup'), bytes.subarray(0, bytes.length - 100));
    await refused(1, /damaged, or was cut short/, ...restore.with(1, at('damaged.backup')));
    const file = at('wardline.yaml');
    writeFileSync(
      file,
      JSON.stringify({ ...under('b'), http: { port: 0 }, admin: { port: 0 }, dataFolder: at('starting') }),
    );
    await refused(4, /not finished/, 'start', '-c', file);
    const program = startProgram(inner, restore);
    const marked = () => client.db(`${base}b`).collection('head').findOne();
    const over = program.printed(/is restored/).catch(() => undefined);
    let ends = false;
    void over.then(() => {
      ends = true;
    });
    while (!ends && (await marked()) === null) await pause(1);
    await program.kill();
    if ((await client.db(`${base}b`).collection('restore').findOne()) !== null) await printedBy(...restore);
  });

  await t.test('restored, it is what it was', async (inner) => {
    const restored = await runWardline(inner, {}, under('b'));
    await restored.settled();
    const compared = assertSameSight(await installationPicture(restored.publicUrl, restored.north, 'all'), atBackup);
    inner.diagnostic(`${compared} resources and versions compared`);
    assert.ok(compared > 100);
    await sendAll(restored.north, demoMessages(8, 5).slice(0, 5));
    await restored.settled();
    const audit = await openMongoAudit(client.db(`${base}b`), {
      run: 1_000_000,
      key: deriveKey(Buffer.from(readFileSync(key, 'utf8'), 'base64'), 'audit'),
    });
    assert.deepEqual(await audit.verify(), []);
    await audit.close();
  });

  await t.test('what the lost archive holds is taken in afterwards, while the restored one runs', async (inner) => {
    const restored = await runWardline(inner, {}, under('b'));
    const from = ['--messages-from', url, '--messages-prefix', `${base}a`];
    const take = ['restore', '-c', configFileOf(restored), ...from];
    assert.match(await printedBy(...take), /[1-9]\d* messages brought in/);
    assert.match(await printedBy(...take), /: 0 messages brought in/);
    await restored.settled();
    assertSameSight(await installationPicture(restored.publicUrl, restored.south, 'content'), final.south);
  });

  await t.test('with a later backup of the archive it ends as the lost one did', async (inner) => {
    const to = ['--to', url, '--prefix', `${base}c`, '--master-key-file', key];
    const from = ['--messages-from', at('later.backup'), '--json'];
    const restored = JSON.parse(await printedBy('restore', at('whole.backup'), ...to, ...from));
    assert.ok(restored.messages.taken >= 8 && restored.newerRegistry, JSON.stringify(restored));
    const third = await runWardline(inner, {}, under('c'));
    await third.settled();
    assertSameSight(await installationPicture(third.publicUrl, third.north, 'content'), final.north);
    assertSameSight(await installationPicture(third.publicUrl, third.south, 'content'), final.south);
    assert.deepEqual(await third.counts(), counts);
    const { clients } = await third.admin.call<{ clients: { client_id: string }[] }>('GET', '/clients');
    assert.ok(clients.some(({ client_id: id }) => id === 'made-later'));
  });
});

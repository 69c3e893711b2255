/** A running installation is backed up, restored elsewhere, and takes what came later from what is left of its archive. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '../../src/store/embedded/open-database.js';
import { printedBy, refused, runProgram, startProgram } from '../cli/run-program.js';
import { demoMessages } from '../support/apply-demo.js';
import { assertSameSight, installationPicture, type Sight } from '../support/installation-picture.js';
import { pause } from '../support/pause.js';
import { type Hospital, north, type RunningWardline, runWardline, sample } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const samples = ['adt-a01', 'adt-a08', 'adt-a02', 'oru-r01-vitals', 'oru-r01-lab-cbc', 'rde-o11', 'vxu-v04', 'adt-a40'];

async function sendAll(hospital: Hospital, messages: readonly (string | Buffer)[]): Promise<void> {
  for (const message of messages) assert.match(await hospital.send(message), /MSA.[AC]A/);
}

async function sights(system: RunningWardline, sight: Sight) {
  return {
    north: await installationPicture(system.publicUrl, system.north, sight),
    south: await installationPicture(system.publicUrl, system.south, sight),
  };
}

test('a backup taken while feeds run is the installation, with what its archive holds beyond it', {
  timeout: 1_200_000,
}, async (t) => {
  const place = temporaryFolder(t);
  const at = (name: string): string => join(place, name);
  const lost = await runWardline(t);
  const key = join(lost.dataFolder, 'master.key');
  const [first, later] = [demoMessages(5, 5).slice(0, 12), demoMessages(6, 5).slice(0, 8)];
  await sendAll(lost.north, [...samples.map((name) => sample(`${name}.hl7`)), ...first]);
  await lost.settled();
  const atBackup = await installationPicture(lost.publicUrl, lost.north, 'all');

  // one hospital is quiet, so that it can be compared; the other goes on sending until the backup is there
  const south = demoMessages(7, 200);
  let sent = 0;
  let ended = false;
  const backingUp = printedBy('backup', '--to', at('whole.backup'), '--data', lost.dataFolder).finally(() => {
    ended = true;
  });
  while ((!ended || sent < 20) && sent < 60) await sendAll(lost.south, south.slice(sent, ++sent));
  assert.match(await backingUp, /whole\.backup: .* 2 tenants, \d+ messages, \d+ documents/);
  t.diagnostic(`${sent} messages came while the backup was taken`);
  await sendAll(lost.north, later);
  await sendAll(lost.south, south.slice(sent, sent + 10));
  const parked = await lost.admin.call<{ messages: { sequence: string }[] }>('GET', '/messages?state=parked');
  for (const { sequence } of parked.messages) await lost.admin.call('POST', `/messages/${sequence}/release`);
  await lost.settled();
  await lost.admin.call('POST', '/clients', { client_id: 'made-later', client_name: 'Made later', tenants: [north] });
  await printedBy('backup', '--archive-only', '--to', at('later.backup'), '--data', lost.dataFolder);
  const final = await sights(lost, 'content');
  const counts = await lost.counts();

  await printedBy('backup', 'verify', at('whole.backup'), '--data', lost.dataFolder);
  await refused(
    2,
    /holds an archive alone/,
    'restore',
    at('later.backup'),
    '--data',
    at('none'),
    '--master-key-file',
    key,
  );
  await refused(4, /master\.key is missing/, 'restore', at('whole.backup'), '--data', at('none'));
  assert.ok(!existsSync(at('none')), 'nothing is written before the key fits');

  await t.test('restored elsewhere, it is what it was', async (inner) => {
    await printedBy('restore', at('whole.backup'), '--data', at('first'), '--master-key-file', key);
    assert.equal(statSync(join(at('first'), 'master.key')).mode & 0o777, 0o600);
    const restored = await runWardline(inner, {}, { dataFolder: at('first') });
    await restored.settled();
    const compared = assertSameSight(await installationPicture(restored.publicUrl, restored.north, 'all'), atBackup);
    inner.diagnostic(`${compared} resources and versions compared`);
    assert.ok(compared > 100);
    // it works: what comes now is applied
    await sendAll(restored.north, demoMessages(8, 5).slice(0, 5));
    await restored.settled();
  });

  await t.test('what the lost archive holds is taken in afterwards, too', async (inner) => {
    const out = await printedBy('restore', '--data', at('first'), '--messages-from', lost.dataFolder);
    assert.match(out, /[1-9]\d* messages brought in/);
    const again = await printedBy('restore', '--data', at('first'), '--messages-from', lost.dataFolder);
    assert.match(again, /: 0 messages brought in/);
    const restored = await runWardline(inner, {}, { dataFolder: at('first') });
    await restored.settled();
    assertSameSight(await installationPicture(restored.publicUrl, restored.south, 'content'), final.south);
    // the same messages, and those that the restored one took itself
    assert.ok(((await restored.counts())['applied'] ?? 0) > (counts['applied'] ?? 0));
  });

  await t.test('with a later backup of the archive it ends as the lost one did', async (inner) => {
    const restored = JSON.parse(
      await printedBy(
        'restore',
        at('whole.backup'),
        '--data',
        at('second'),
        '--master-key-file',
        key,
        '--messages-from',
        at('later.backup'),
        '--json',
      ),
    );
    assert.ok(restored.messages.taken > 10 && restored.newerRegistry, JSON.stringify(restored));
    assert.deepEqual(
      readdirSync(at('second')).filter((name) => /later|part|unfinished/.test(name)),
      [],
    );
    const second = await runWardline(inner, {}, { dataFolder: at('second') });
    await second.settled();
    const mine = await sights(second, 'content');
    const compared = assertSameSight(mine.north, final.north) + assertSameSight(mine.south, final.south);
    inner.diagnostic(`${compared} resources compared`);
    assert.deepEqual(await second.counts(), counts);
  });

  await t.test('a place with anything in it is refused, and another key', async () => {
    await refused(1, /not empty/, 'restore', at('whole.backup'), '--data', at('second'));
    const other = at('other.key');
    writeFileSync(other, Buffer.alloc(32, 5).toString('base64'), { mode: 0o600 });
    await refused(4, /not the one/, 'restore', at('whole.backup'), '--data', at('none'), '--master-key-file', other);
    assert.ok(!existsSync(at('none')));
  });
});

/** The data folder of an installation that took some messages and was stopped. */
async function stoppedInstallation(t: TestContext): Promise<string> {
  const folder = join(temporaryFolder(t), 'data');
  await t.test('an installation takes some messages', async (inner) => {
    const system = await runWardline(inner, {}, { dataFolder: folder });
    await sendAll(system.north, [sample('adt-a01.hl7'), sample('oru-r01-vitals.hl7')]);
    await system.settled();
  });
  return folder;
}

async function condition(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(1);
}

test('what is killed halfway looks like nothing whole, and is simply run again', { timeout: 900_000 }, async (t) => {
  const data = await stoppedInstallation(t);
  const place = temporaryFolder(t);
  const at = (name: string): string => join(place, name);
  const key = join(data, 'master.key');
  const file = at('one.backup');
  const backup = ['backup', '--to', file, '--data', data];

  await t.test('a backup', async (inner) => {
    // somebody reads an older state of the audit, so that the backup waits there
    const options = { kind: 'audit', format: 1, schema: '' };
    const [reader, writer] = [
      openDatabase(join(data, 'audit.db'), options),
      openDatabase(join(data, 'audit.db'), options),
    ];
    reader.exec('BEGIN');
    reader.get('SELECT count(*) FROM record');
    writer.exec('PRAGMA user_version = 1');
    const program = startProgram(inner, backup);
    const partial = `${file}.part`;
    await condition(() => existsSync(partial) && statSync(partial).size > 10_000);
    await program.kill();
    reader.exec('ROLLBACK');
    for (const db of [reader, writer]) db.close();
    assert.ok(!existsSync(file));
    await refused(1, /damaged, or was cut short/, 'backup', 'verify', partial, '--data', data);
    await printedBy(...backup);
    assert.deepEqual(readdirSync(place), ['one.backup']);
    await printedBy('backup', 'verify', file, '--data', data);
  });

  await t.test('a restore', async (inner) => {
    const restore = (folder: string): string[] => ['restore', file, '--data', folder, '--master-key-file', key];
    const unfinished = (folder: string): boolean => existsSync(join(folder, 'restore-unfinished'));
    let folder = '';
    for (let attempt = 0; !unfinished(folder); attempt++) {
      assert.ok(attempt < 40, 'it was always over before it could be killed');
      folder = at(`restored-${attempt}`);
      const program = startProgram(inner, restore(folder));
      let ended = false;
      const over = program.printed(/is restored/).catch(() => undefined);
      void over.then(() => {
        ended = true;
      });
      await condition(() => ended || unfinished(folder));
      await program.kill();
    }
    await refused(4, /not finished/, 'start', '--data', folder, '--no-demo', '--http-port', '0', '--admin-port', '0');
    await refused(4, /not finished/, 'backup', '--to', at('of-a-half.backup'), '--data', folder);
    assert.match((await runProgram(['doctor', '--data', folder])).stdout, /problem +stores +a restore .* not finished/);
    await printedBy(...restore(folder));
    assert.ok(!unfinished(folder));
    await printedBy('backup', '--to', at('again.backup'), '--data', folder);
  });

  await t.test('a restore of a damaged backup ends with a sentence, and nothing starts on what it wrote', async () => {
    const bytes = readFileSync(file);
    writeFileSync(at('damaged.backup'), bytes.subarray(0, bytes.length - 100));
    const folder = at('of-damaged');
    const restore = (from: string): string[] => ['restore', from, '--data', folder, '--master-key-file', key];
    await refused(1, /damaged, or was cut short/, ...restore(at('damaged.backup')));
    await refused(4, /not finished/, 'start', '--data', folder, '--no-demo', '--http-port', '0', '--admin-port', '0');
    await printedBy(...restore(file));
  });
});

test('with a passphrase a backup may hold the master key, and then takes nothing else', {
  timeout: 900_000,
}, async (t) => {
  const data = await stoppedInstallation(t);
  const place = temporaryFolder(t);
  const at = (name: string): string => join(place, name);
  writeFileSync(at('passphrase'), 'correct horse battery staple\n');
  writeFileSync(at('another'), 'wrong horse battery staple\n');
  writeFileSync(at('short'), 'horse\n');
  const to = ['--to', place, '--data', data, '--with-master-key'];
  await refused(2, /add --passphrase-file/, 'backup', ...to);
  await refused(2, /12 characters/, 'backup', ...to, '--passphrase-file', at('short'));
  const taken = JSON.parse(await printedBy('backup', ...to, '--passphrase-file', at('passphrase'), '--json'));
  assert.match(taken.file, /wardline-\d{4}-\d\d-\d\dT\d{6}Z\.backup$/);
  const restore = ['restore', taken.file, '--data', at('restored')];
  await refused(2, /name its file by --passphrase-file/, ...restore);
  await refused(4, /passphrase does not open/, ...restore, '--passphrase-file', at('another'));
  assert.ok(!existsSync(at('restored')));
  // a key that lies there is another installation's
  mkdirSync(at('restored'));
  writeFileSync(join(at('restored'), 'master.key'), Buffer.alloc(32, 5).toString('base64'), { mode: 0o600 });
  await refused(4, /not the one/, ...restore, '--passphrase-file', at('passphrase'));
  await printedBy('restore', taken.file, '--data', at('elsewhere'), '--passphrase-file', at('passphrase'));
  assert.deepEqual(readFileSync(join(at('elsewhere'), 'master.key')), readFileSync(join(data, 'master.key')));
  await t.test('and starts', async (inner) => {
    const system = await runWardline(inner, {}, { dataFolder: at('elsewhere') });
    const counts = await system.counts();
    assert.equal(counts['applied'], 2);
  });
});

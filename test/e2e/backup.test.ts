/** A running installation is backed up, restored elsewhere, and takes what came later from what is left of its archive. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from '../cli/run-program.js';
import { demoMessages } from '../support/apply-demo.js';
import { assertSameSight, installationPicture, type Sight } from '../support/installation-picture.js';
import { type Hospital, north, type RunningWardline, runWardline, sample } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const samples = ['adt-a01', 'adt-a08', 'adt-a02', 'oru-r01-vitals', 'oru-r01-lab-cbc', 'rde-o11', 'vxu-v04', 'adt-a40'];

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function refused(code: number, pattern: RegExp, ...args: string[]): Promise<void> {
  const outcome = await runProgram(args);
  assert.equal(outcome.code, code, outcome.stderr);
  assert.match(outcome.stderr, pattern);
}

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
  timeout: 600_000,
}, async (t) => {
  const place = temporaryFolder(t);
  const at = (name: string): string => join(place, name);
  const lost = await runWardline(t);
  const key = join(lost.dataFolder, 'master.key');
  const [first, later] = [demoMessages(5, 5).slice(0, 40), demoMessages(6, 5).slice(0, 20)];
  await sendAll(lost.north, [...samples.map((name) => sample(`${name}.hl7`)), ...first]);
  await lost.settled();
  const atBackup = await installationPicture(lost.publicUrl, lost.north, 'all');

  // one hospital is quiet, so that it can be compared; the other goes on sending until the backup is there
  const south = demoMessages(7, 200);
  let sent = 0;
  let ended = false;
  const backingUp = run('backup', '--to', at('whole.backup'), '--data', lost.dataFolder).finally(() => {
    ended = true;
  });
  while (!ended || sent < 20) await sendAll(lost.south, [south[sent++] ?? `${sample('adt-a01.hl7')}`]);
  assert.match(await backingUp, /whole\.backup: .* 2 tenants, \d+ messages, \d+ documents/);
  t.diagnostic(`${sent} messages came while the backup was taken`);
  await sendAll(lost.north, later);
  await sendAll(lost.south, south.slice(sent, sent + 20));
  const parked = await lost.admin.call<{ messages: { sequence: string }[] }>('GET', '/messages?state=parked');
  for (const { sequence } of parked.messages) await lost.admin.call('POST', `/messages/${sequence}/release`);
  await lost.settled();
  await lost.admin.call('POST', '/clients', { client_id: 'made-later', client_name: 'Made later', tenants: [north] });
  await run('backup', '--archive-only', '--to', at('later.backup'), '--data', lost.dataFolder);
  const final = await sights(lost, 'content');
  const counts = await lost.counts();

  await run('backup', 'verify', at('whole.backup'), '--data', lost.dataFolder);
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
    await run('restore', at('whole.backup'), '--data', at('first'), '--master-key-file', key);
    assert.equal(statSync(join(at('first'), 'master.key')).mode & 0o777, 0o600);
    const restored = await runWardline(inner, {}, { dataFolder: at('first') });
    await restored.settled();
    const compared = assertSameSight(await installationPicture(restored.publicUrl, restored.north, 'all'), atBackup);
    inner.diagnostic(`${compared} resources and versions compared`);
    assert.ok(compared > 200);
    // it works: what comes now is applied
    await sendAll(restored.north, demoMessages(8, 5).slice(0, 5));
    await restored.settled();
  });

  await t.test('what the lost archive holds is taken in afterwards, too', async (inner) => {
    const out = await run('restore', '--data', at('first'), '--messages-from', lost.dataFolder);
    assert.match(out, /[1-9]\d* messages brought in/);
    const again = await run('restore', '--data', at('first'), '--messages-from', lost.dataFolder);
    assert.match(again, /: 0 messages brought in/);
    const restored = await runWardline(inner, {}, { dataFolder: at('first') });
    await restored.settled();
    assertSameSight(await installationPicture(restored.publicUrl, restored.south, 'content'), final.south);
    // the same messages, and those that the restored one took itself
    assert.ok(((await restored.counts())['applied'] ?? 0) > (counts['applied'] ?? 0));
  });

  await t.test('with a later backup of the archive it ends as the lost one did', async (inner) => {
    const restored = JSON.parse(
      await run(
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
    assert.ok(restored.messages.taken > 20 && restored.newerRegistry, JSON.stringify(restored));
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

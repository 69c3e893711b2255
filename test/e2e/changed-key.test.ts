/** A key that a layer changes in a running system: refused while data goes by it, and then taken with a rebuild of all tenants. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pause } from '../support/pause.js';
import { north, runWardline, south } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const key = `layer: site
keys:
  Encounter:
    - { id: admission, patient: true, parts: [{ time: PV1-44 }] }
`;
const message = (number: number, hospital: string, event: string): string =>
  [
    `MSH|^~\\&|HIS|${hospital}|WARD|LINE|2026030108000${number}||ADT^${event}|${hospital}${number}|P|2.5.1`,
    `PID|1||P1^^^${hospital}^MR||Family^Given`,
    `PV1|1|I|W1^10^1^${hospital}||||||||||||||||V${number}^^^${hospital}^VN|||||||||||||||||||||||||20260301080000`,
    '',
  ].join('\r');

test('a changed key is refused, and taken with a rebuild', { timeout: 240_000 }, async (t) => {
  const own = join(temporaryFolder(t), 'north');
  mkdirSync(own);
  const system = await runWardline(t, { mappings: own });
  const status = () =>
    system.admin.call<{ mappingVersion: number; mappingProblems: readonly string[] }>('GET', '/status');
  for (const [hospital, name] of [
    [system.north, 'NORTH'],
    [system.south, 'SOUTH'],
  ] as const) {
    assert.match(await hospital.send(message(1, name, 'A01')), /MSA.AA/);
    // under another number, but admitted at the same time: another visit by its number, the same by its admission
    assert.match(await hospital.send(message(2, name, 'A08')), /MSA.AA/);
  }
  await system.settled();
  const visits = async (hospital: typeof system.north): Promise<string[]> => {
    const { body } = await (await hospital.fhir('R4')).get('/Encounter');
    return (body.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id).sort();
  };
  const before = { north: await visits(system.north), south: await visits(system.south) };
  assert.deepEqual([before.north.length, before.south.length], [2, 2]);

  writeFileSync(join(own, 'site.yaml'), key);
  let now = await status();
  while (now.mappingProblems.length === 0) {
    await pause();
    now = await status();
  }
  assert.match(
    now.mappingProblems[0] ?? '',
    new RegExp(`^tenants/${north}/site\\.yaml:3:3 the key of Encounter changes`),
  );
  assert.equal(now.mappingVersion, 1);
  await assert.rejects(system.admin.call('POST', '/mapping/publish', {}), /key of Encounter/);
  assert.deepEqual(await visits(system.north), before.north);

  const { version, changed } = await system.admin.call<{ version: number; changed: boolean }>(
    'POST',
    '/mapping/publish',
    { rebuild: true },
  );
  assert.deepEqual([version, changed], [2, true]);
  const replays = async (): Promise<readonly { state: string; tenant?: string }[]> =>
    (await system.admin.call<{ replays: { state: string }[] }>('GET', '/replays')).replays;
  while ((await replays()).filter(({ state }) => state === 'done').length < 2) await pause();
  const rebuilt = await visits(system.north);
  assert.equal(rebuilt.length, 1, 'one visit by its admission, and nothing is left under the former ids');
  assert.ok(!before.north.includes(rebuilt[0] ?? ''));
  assert.deepEqual(await visits(system.south), before.south, `${south} has no layer: its ids stay`);
  assert.deepEqual((await status()).mappingProblems, []);
});

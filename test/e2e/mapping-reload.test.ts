/** Mapping files edited while messages come in over a socket: no restart, no message lost, each with its version. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedReader } from '../../src/store/embedded/resources.js';
import { shippedMappings } from '../../src/store/mapping-files.js';
import { pause } from '../support/pause.js';
import { type RunningWardline, runWardline } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Status {
  readonly mappingVersion: number;
  readonly mappingProblems: readonly string[];
}

interface Listed {
  readonly sequence: string;
  readonly controlId: string;
  readonly state: string;
  readonly mappingVersion: number;
  readonly made: readonly { readonly reference: string; readonly version: number }[];
}

const layer = (gender: string) => `layer: site\nrules:\n  - { override: "PID[Patient]/PID-8", value: ${gender} }\n`;

function admission(number: number): string {
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080000||ADT^A01|C${number}|P|2.5.1`,
    `PID|1||P${number}^^^NORTH^MR||Family^Given||19800101|F`,
    `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number}^^^NORTH^VN`,
    '',
  ].join('\r');
}

async function allMessages({ admin }: RunningWardline): Promise<Listed[]> {
  const all: Listed[] = [];
  for (let before = ''; ; ) {
    const path = `/messages?limit=1000${before}`;
    const page = await admin.call<{ messages: Listed[]; next?: string }>('GET', path);
    all.push(...page.messages);
    if (page.next === undefined) return all;
    before = `&before=${page.next}`;
  }
}

test('a mapping edited under load', { timeout: 240_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const mappings = join(folder, 'mappings');
  const own = join(folder, 'north');
  cpSync(shippedMappings, mappings, { recursive: true });
  mkdirSync(own);
  const system = await runWardline(t, { mappings: own }, { mappings });
  const status = () => system.admin.call<Status>('GET', '/status');

  let sent = 0;
  let loading = true;
  const load = (async () => {
    for (; loading; sent++) assert.match(await system.north.send(admission(sent)), /MSA.AA/);
  })();
  t.after(() => {
    loading = false;
  });
  const until = async (holds: (now: Status) => boolean): Promise<number> => {
    while (!holds(await status())) await pause();
    const from = sent + 1;
    while (sent < from + 20) await pause();
    return from;
  };
  await until(({ mappingVersion }) => mappingVersion === 1);

  writeFileSync(join(own, 'site.yaml.tmp'), layer('other'));
  renameSync(join(own, 'site.yaml.tmp'), join(own, 'site.yaml'));
  const second = await until(({ mappingVersion }) => mappingVersion === 2);

  writeFileSync(join(own, 'site.yaml'), layer('other').replace('PID-8', 'PID-88'));
  await until(({ mappingProblems }) => mappingProblems.length > 0);
  const now = await status();
  assert.equal(now.mappingVersion, 2);
  assert.match(now.mappingProblems[0] ?? '', /^tenants\/[0-9a-f-]{36}\/site\.yaml:3:\d+ .*PID-88/);
  const { versions, refusal } = await system.admin.call<{
    versions: { number: number; live: boolean }[];
    refusal: { problems: string[] };
  }>('GET', '/mapping/versions');
  assert.deepEqual(
    versions.map(({ number, live }) => [number, live]),
    [
      [2, true],
      [1, false],
    ],
  );
  assert.deepEqual(refusal.problems, now.mappingProblems);

  writeFileSync(join(mappings, 'more.yaml'), 'layer: additions\n');
  writeFileSync(join(own, 'site.yaml'), layer('unknown'));
  const third = await until(({ mappingVersion }) => mappingVersion === 3);
  assert.deepEqual((await status()).mappingProblems, []);
  loading = false;
  await load;
  await system.settled();

  const messages = await allMessages(system);
  assert.equal(messages.length, sent, 'nothing is lost');
  const versionOf = new Map(
    messages.map(({ controlId, mappingVersion }) => [Number(controlId.slice(1)), mappingVersion]),
  );
  const used = Array.from({ length: sent }, (_, number) => versionOf.get(number) ?? 0);
  // a message is mapped by what is live when its turn comes, so that one sent before a change may come after it
  assert.deepEqual([...new Set(used)].sort(), [1, 2, 3]);
  assert.equal(Math.min(...used.slice(second)), 2);
  assert.equal(Math.min(...used.slice(third)), 3);

  const fhir = await system.north.fhir('R4');
  const genders = ['', 'female', 'other', 'unknown'];
  const reader = openEmbeddedReader(join(system.dataFolder, 'tenants'));
  assert.deepEqual(new Set(messages.map(({ state }) => state)), new Set(['applied']));
  for (const { controlId, mappingVersion, made } of messages.filter((_, index) => index % 10 === 0)) {
    const patient = made.find(({ reference }) => reference.startsWith('Patient/'))?.reference ?? '';
    const id = patient.slice('Patient/'.length);
    const kept = await reader.history(system.north.tenant, { type: 'Patient', id }, { count: 10 });
    assert.deepEqual(
      kept.versions.map((version) => version.mappingVersion),
      [mappingVersion],
      controlId,
    );
    const shown = kept.versions[0]?.resource as { gender?: string } | undefined;
    assert.equal(shown?.gender, genders[mappingVersion], controlId);
  }
  await reader.close();
  const fateOfSex = async (number: number): Promise<string | undefined> => {
    const { sequence } = messages.find(({ controlId }) => controlId === `C${number}`) ?? assert.fail();
    const { trace } = await system.admin.call<{ trace: { fields: { field: string; fate: string }[] } }>(
      'GET',
      `/messages/${sequence}/why`,
    );
    return trace.fields.find(({ field }) => field === 'PID[1]-8[1]')?.fate;
  };
  assert.equal(await fateOfSex(0), 'mapped');
  assert.equal(await fateOfSex(sent - 1), 'unmapped');
  assert.equal((await fhir.get('/Patient?_count=0')).body.total, sent);

  assert.match(await system.south.send(admission(0).replaceAll('NORTH', 'SOUTH')), /MSA.AA/);
  await system.settled();
  assert.equal((await (await system.south.fhir('R4')).get('/Patient?gender=female&_count=0')).body.total, 1);

  const again = await system.admin.call<{ version: number; changed: boolean }>('POST', '/mapping/publish', {});
  assert.deepEqual(again, { version: 3, changed: false });
});

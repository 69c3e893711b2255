/** The program as its users run it, ended while work is under way and started again over the same data folder. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import { openArchiveLedger } from '../../src/store/embedded/archive-ledger.js';
import { type Program, startProgram } from '../cli/run-program.js';
import { FhirClient } from '../support/fhir-client.js';
import { acknowledged, framed } from '../support/mllp-session.js';
import { pause } from '../support/pause.js';
import { RawClient } from '../support/raw-client.js';
import { north, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Running extends Program {
  readonly mllpPort: number;
  readonly publicUrl: string;
}

async function start(t: TestContext, file: string): Promise<Running> {
  const program = startProgram(t, ['start', '--config', file]);
  const text = await program.printed(/\n$/);
  const { port = '', url = '' } = /^MLLP 127\.0\.0\.1:(?<port>\d+) .*FHIR (?<url>\S+)\/fhir/.exec(text)?.groups ?? {};
  return { ...program, mllpPort: Number(port), publicUrl: url };
}

/** One patient each, admitted with an allergy. */
function admission(number: number): string {
  const time = `20260301${String(8 + Math.floor(number / 3600)).padStart(2, '0')}${String(Math.floor(number / 60) % 60).padStart(2, '0')}${String(number % 60).padStart(2, '0')}`;
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|${time}||ADT^A01|C${number}|P|2.5.1`,
    `EVN|A01|${time}`,
    `PID|1||P${number}^^^NORTH^MR||Family${number}^Given||19800101|F`,
    `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number}^^^NORTH^VN`,
    'AL1|1|DA|PEN^Penicillin',
    '',
  ].join('\r');
}

/** Sends all on one connection without waiting for answers; gathers the control ids that were acknowledged. */
async function pour(port: number, numbers: readonly number[]): Promise<RawClient> {
  const client = await RawClient.connect(port);
  client.write(Buffer.concat(numbers.map((number) => framed(admission(number)))));
  return client;
}

function takenOf(client: RawClient): string[] {
  return client.frames.flatMap(acknowledged).map(([code, id]) => {
    assert.equal(code, 'AA');
    return id;
  });
}

/** What lies unsettled in the archive of a system that does not run. */
async function unsettledIn(dataFolder: string): Promise<number> {
  const ledger = openArchiveLedger(join(dataFolder, 'archive'), { run: 1, keyOf: () => new Uint8Array(32) });
  const { unsettled } = await ledger.counts();
  await ledger.close();
  return unsettled;
}

async function settled(dataFolder: string): Promise<Record<string, number>> {
  const admin = adminClient(dataFolder);
  for (;;) {
    const { messages } = await admin.call<{ messages: Record<string, number> }>('GET', '/status');
    if (messages['unsettled'] === 0) return messages;
    await pause();
  }
}

/** Each patient once, each resource in one version. */
async function assertWhole(publicUrl: string, secret: string, count: number): Promise<void> {
  const token = await tokenFor(publicUrl, { client_id: 'north-app', client_secret: secret, scope: north });
  const fhir = new FhirClient(publicUrl, 'R4', token);
  const total = async (path: string): Promise<number> => (await fhir.get(path)).body.total;
  for (const type of ['Patient', 'Encounter', 'AllergyIntolerance']) {
    assert.equal(await total(`/${type}?_count=0`), count, type);
    assert.equal(await total(`/${type}/_history?_count=1`), count, `versions of ${type}`);
  }
  const places = await total('/Location?_count=0');
  assert.deepEqual([places, await total('/Location/_history?_count=1')], [4, 4]);
}

test('kill -9 between acknowledgement and apply: nothing acknowledged is missing, nothing is doubled', {
  timeout: 120_000,
}, async (t) => {
  const { file, secrets } = writeConfiguration(temporaryFolder(t));
  const dataFolder = join(file, '../data');
  const numbers = Array.from({ length: 600 }, (_, index) => index);
  const taken = new Set<string>();
  let leftBehind = 0;
  for (const wanted of [1, 150, 400]) {
    const program = await start(t, file);
    const missing = numbers.filter((number) => !taken.has(`C${number}`));
    const client = await pour(program.mllpPort, missing);
    await client.replies(Math.min(wanted, missing.length));
    await program.kill();
    await client.closed();
    for (const id of takenOf(client)) taken.add(id);
    client.close();
    leftBehind += await unsettledIn(dataFolder);
  }
  assert.ok(leftBehind > 0, 'no kill came between acknowledgement and apply');

  const program = await start(t, file);
  await settled(dataFolder);
  const token = await tokenFor(program.publicUrl, {
    client_id: 'north-app',
    client_secret: secrets.north,
    scope: north,
  });
  const fhir = new FhirClient(program.publicUrl, 'R4', token);
  const stored = new Set<string>();
  const { body } = await fhir.get('/Patient?_count=1000&_elements=identifier');
  for (const { resource } of body.entry) stored.add(resource.identifier[0].value);
  for (const id of taken) assert.ok(stored.has(`P${id.slice(1)}`), `${id} was acknowledged and is not there`);

  // A sender sends again whatever it has no answer to; what had arrived all the same is known.
  const rest = numbers.filter((number) => !taken.has(`C${number}`));
  const client = await pour(program.mllpPort, rest);
  await client.replies(rest.length);
  client.close();
  const { applied, parked } = await settled(dataFolder);
  assert.deepEqual([applied, parked], [numbers.length, 0]);
  await assertWhole(program.publicUrl, secrets.north, numbers.length);
  assert.equal(await program.stop(), 0);
});

test('SIGTERM under load: what is under way is finished or kept, and no answer is broken off', {
  timeout: 120_000,
}, async (t) => {
  const { file, secrets } = writeConfiguration(temporaryFolder(t));
  const dataFolder = join(file, '../data');
  const first = await start(t, file);
  const numbers = Array.from({ length: 300 }, (_, index) => index);
  const client = await pour(first.mllpPort, numbers);
  await client.replies(20);
  assert.equal(await first.stop(), 0);
  await client.closed();
  const taken = new Set(takenOf(client));
  client.close();

  const again = await start(t, file);
  const rest = numbers.filter((number) => !taken.has(`C${number}`));
  const second = await pour(again.mllpPort, rest);
  await second.replies(rest.length);
  second.close();
  const { applied } = await settled(dataFolder);
  assert.equal(applied, numbers.length);
  await assertWhole(again.publicUrl, secrets.north, numbers.length);
  assert.equal(await again.stop(), 0);
  assert.doesNotMatch(first.stderr() + again.stderr(), /Family|Penicillin/);
});

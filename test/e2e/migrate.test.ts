/** An installation that was moved from files to MongoDB goes on: every answer is the same, nothing is lost, nothing comes twice. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isJsonObject, type Json } from '../../src/core/json.js';
import { computedTypes, servedTypes } from '../../src/facade/served-types.js';
import { extractSearchValues } from '../../src/fhir/extract-search-values.js';
import { type FhirVersion, fhirVersions } from '../../src/fhir/version.js';
import { connectMongo } from '../../src/store/mongodb/connection.js';
import { runProgram } from '../cli/run-program.js';
import { queriesFor } from '../facade/value-searches.js';
import { acknowledged } from '../support/mllp-session.js';
import { mongoFor } from '../support/mongodb-server.js';
import { copied, oldInstallation, pid, stated, told } from '../support/old-installation.js';
import { redisFor } from '../support/redis-server.js';
import { north, type RunningWardline, runWardline, sample, tokenFor } from '../support/running-wardline.js';

// the servers end after the systems that the test stops
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** What the Patients app asks of a patient. */
function contract(version: FhirVersion, patient: string): string[] {
  const order = version === 'DSTU2' ? '_sort:desc=date' : '_sort=-date';
  const orders = version === 'DSTU2' ? 'MedicationOrder' : 'MedicationRequest';
  return [
    `Patient?_id=${patient}`,
    `Patient/${patient}`,
    `Patient/${patient}/_history`,
    `Observation?patient=${patient}&category=vital-signs&${order}`,
    `Condition?patient=${patient}&_count=2`,
    `Encounter?patient=${patient}&_sort:desc=date&_count=1`,
    `AllergyIntolerance?patient=${patient}`,
    `${orders}?patient=${patient}&_count=2`,
    `MedicationStatement?patient=${patient}`,
    `Coverage?patient=${patient}`,
    `Observation?patient=${patient}&_sort=date&_count=3`,
  ];
}

/** An answer without what tells where and when it was given; what was written after the move has a time of its own in each system. */
function plain(value: Json, since: number): Json {
  if (Array.isArray(value)) return value.map((item) => plain(item, since));
  if (!isJsonObject(value)) return value;
  const left = Object.entries(value).filter(([name, member]) => {
    if (['fullUrl', 'link', 'timestamp', 'etag', 'url'].includes(name)) return false;
    return !(['lastUpdated', 'lastModified'].includes(name) && Date.parse(String(member)) >= since);
  });
  return Object.fromEntries(left.map(([name, member]) => [name, plain(member, since)]));
}

async function answers(system: RunningWardline, version: FhirVersion, urls: readonly string[]): Promise<Json[]> {
  const fhir = await system.north.fhir(version);
  const all: Json[] = [];
  for (let at = 0; at < urls.length; at += 50) {
    const entry = urls.slice(at, at + 50).map((url) => ({ request: { method: 'GET', url } }));
    const { body } = await fhir.post('', { resourceType: 'Bundle', type: 'batch', entry });
    all.push(...(body.entry as Json[]));
  }
  return all;
}

test('a moved installation answers as it did, and goes on where it was', { timeout: 1_800_000 }, async (t) => {
  const scope = { after: (end: () => unknown) => ends.push(end), skip: (reason: string) => t.skip(reason) };
  const [mongodb, redis] = [await mongoFor(scope), await redisFor(scope)];
  if (mongodb === undefined || redis === undefined) return;
  const old = await oldInstallation(scope);
  const [folder, twinFolder] = [copied(old, scope), copied(old, scope)];
  const prefix = `e${randomBytes(6).toString('hex')}`;
  ends.unshift(async () => {
    const client = connectMongo(mongodb.url);
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
    await client.close();
  });
  const args = ['migrate', '--data', folder, '--to', mongodb.url, '--prefix', prefix];
  const since = Date.now();
  const ended = await runProgram(args);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  const many = await runWardline(
    t,
    {},
    {
      ...stated,
      masterKey: { file: join(folder, 'master.key') },
      mongodb: { url: mongodb.url, prefix },
      redis: { url: redis.url, prefix },
    },
  );
  const twin = await runWardline(t, {}, { ...stated, dataFolder: twinFolder });
  const both = [twin, many] as const;
  const settledAlike = async (): Promise<Readonly<Record<string, number>>> => {
    for (const system of both) await system.settled();
    const counts = await twin.counts();
    assert.deepEqual(await many.counts(), counts);
    return counts;
  };
  const before = await settledAlike();
  const r4 = await many.north.fhir('R4');
  const waited = await r4.find('Patient?identifier=W40');
  assert.equal(waited.length, 1, 'what waited is processed');

  let compared = 0;
  const patients = (await r4.find('Patient?_count=40&_sort=_id')).map(({ id }) => id).slice(0, 12);
  for (const version of fhirVersions) {
    const types = servedTypes(version).filter((type) => !computedTypes.has(type));
    const urls = [
      ...types.map((type) => `${type}?_count=60&_sort=_id`),
      ...patients.flatMap((patient) => contract(version, patient)),
    ];
    if (version === 'R4') {
      for (const type of types) {
        const [shown] = await r4.find(`${type}?_count=1&_sort=_id`);
        if (shown === undefined) continue;
        const values = extractSearchValues({ R4: shown });
        urls.push(
          ...values.flatMap((value) => queriesFor('R4', value)).map((query) => `${type}?${query}&_count=5&_sort=_id`),
        );
        urls.push(`${type}/${shown.id}/_history`, `${type}/${shown.id}/_history/1`);
      }
    }
    const [expected, found] = [await answers(twin, version, urls), await answers(many, version, urls)];
    for (const [at, url] of urls.entries())
      assert.deepEqual(plain(found[at] ?? null, since), plain(expected[at] ?? null, since), `${version} ${url}`);
    compared += urls.length;
  }
  t.diagnostic(`${compared} requests compared`);
  assert.ok(compared > 400);

  for (const system of both) {
    assert.match(await system.north.send(sample('adt-a01.hl7')), /MSA.[AC]A/, 'a repeat is acknowledged');
    assert.match(await system.north.send(told('A28', 'e1', 1, pid('A'))), /MSA.[AC]A/);
  }
  assert.deepEqual(await settledAlike(), before, 'and archived no second time');
  const patient = (await r4.find('Patient?identifier=A'))[0];
  for (const system of both) {
    const later = told('A08', 'later-1', 60, pid('A', '||19800101|F|||New Street^^Town'));
    assert.deepEqual(acknowledged(await system.north.send(later)), [['AA', 'later-1']]);
  }
  assert.equal((await settledAlike())['applied'], (before['applied'] ?? 0) + 1);
  const [one, other] = [
    await answers(twin, 'R4', ['Patient?identifier=A']),
    await answers(many, 'R4', ['Patient?identifier=A']),
  ];
  assert.deepEqual(plain(other, since), plain(one, since));
  const changed = (await r4.find('Patient?identifier=A'))[0];
  assert.equal(changed.id, patient.id);
  assert.equal(Number(changed.meta.versionId), Number(patient.meta.versionId) + 1);

  assert.ok(
    await tokenFor(many.publicUrl, { ...old.client, scope: north }),
    'a client made at run time keeps its secret',
  );
  const { messages } = await many.admin.call<{ messages: { sequence: string; controlId: string }[] }>(
    'GET',
    '/messages?state=parked',
  );
  const unknown = messages.find(({ controlId }) => controlId === 'unknown-1');
  assert.ok(unknown !== undefined);
  await many.admin.call('POST', `/messages/${unknown.sequence}/assign`, { tenant: north });
  await many.settled();
  assert.equal((await r4.find('Patient?identifier=U')).length, 1, 'what was parked is processed when it is assigned');

  const again = await runProgram([...args, '--verify-only', '--json']);
  assert.equal(again.code, 1);
  assert.deepEqual(JSON.parse(again.stdout).notes, ['the new installation has run since']);
});

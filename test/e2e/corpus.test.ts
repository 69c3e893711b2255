/** Every message of the corpus over the socket: acknowledged as it asks, settled, and served validly in three versions. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';
import { convertMessages } from '../../src/engine/convert.js';
import { compileFiles } from '../../src/engine/mapping-mapper.js';
import { isResourceType } from '../../src/fhir/definitions/type-model.js';
import { fhirVersions, typeInVersion } from '../../src/fhir/version.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';
import { acknowledged, framed } from '../support/mllp-session.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { RawClient } from '../support/raw-client.js';
import { runWardline } from '../support/running-wardline.js';
import { shareCarried } from '../support/share-carried.js';

/** The answers to a message that is taken, by what its MSH-15 and MSH-16 ask. */
const answers: Readonly<Record<string, readonly string[]>> = {
  '|': ['AA'],
  'AL|NE': ['CA'],
  'AL|': ['CA'],
  'AL|AL': ['CA', 'AA'],
  'AL|ER': ['CA'],
  'ER|AL': ['AA'],
  'NE|AL': ['AA'],
  'NE|NE': [],
};

/** What the issue names, and what the shipped rules take beyond it; all others are kept and say that they have no map. */
const mapped = /^(ADT|ORU\^R01|ORM\^O01|OML\^O21|OMG\^O19|OUL\^R2[234]|MDM|RDE\^O(11|25)|RDS|VXU)/;

/** Orders, dispenses and vaccinations lose at most a twentieth. */
const pharmacy = /^(RDE|RDS|VXU|IZ_)/;

interface Listed {
  readonly messages: readonly {
    readonly sequence: string;
    readonly type: string;
    readonly state: string;
    readonly made: readonly { readonly reference: string; readonly version: number }[];
  }[];
}

test('the corpus goes all the way', { timeout: 120_000 }, async (t) => {
  if (!hasCorpus(t)) return;
  const wardline = await runWardline(t);
  const folder = join(corpusFolder, 'messages');
  const files = readdirSync(folder).sort();
  assert.equal(files.length, 139);
  const client = await RawClient.connect(wardline.north.mllpPort);
  t.after(() => client.close());

  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    const header =
      bytes
        .toString('latin1')
        .split(/[\r\n]/, 1)[0]
        ?.split('|') ?? [];
    const expected = answers[`${header[14]?.trim() ?? ''}|${header[15]?.trim() ?? ''}`];
    assert.ok(expected, `${file} asks for ${header[14]} and ${header[15]}`);
    const before = client.frames.length;
    client.write(framed(bytes));
    const replies = (await client.replies(before + expected.length)).slice(before);
    assert.deepEqual(
      replies.flatMap(acknowledged),
      expected.map((code) => [code, header[9]]),
      file,
    );
  }
  await wardline.settled();

  const { messages } = await wardline.admin.call<Listed>('GET', '/messages?limit=1000');
  assert.equal(messages.length, files.length);
  const ids = new Map<string, Set<string>>();
  for (const { sequence, type, state, made } of messages) {
    assert.equal(state, mapped.test(type) ? 'applied' : 'unmapped', `${sequence} ${type}`);
    if (state === 'unmapped') assert.deepEqual(made, []);
    else
      assert.ok(
        made.some(({ reference }) => reference.startsWith('Patient/')),
        `${sequence} ${type}`,
      );
    for (const { reference, version } of made) {
      if (version === 0) continue; // it says what is one with what, and shows nothing of its own
      const [type = '', id = ''] = reference.split('/');
      ids.set(type, (ids.get(type) ?? new Set()).add(id));
    }
  }

  await t.test('every resource that it made is served, valid in each version', async () => {
    for (const version of fhirVersions) {
      const fhir = await wardline.north.fhir(version);
      let served = 0;
      const gone = new Set<string>();
      for (const [type, made] of ids) {
        const name = typeInVersion(version, type);
        if (!isResourceType(version, name)) continue; // DSTU2 has no PractitionerRole
        for (const resource of await fhir.find(`${name}?_count=1000`)) made.add(resource.id);
        for (const id of made) {
          const { status, body } = await fhir.get(`/${name}/${id}`);
          if (status === 410) {
            const history = await fhir.get(`/${name}/${id}/_history`);
            assert.equal(history.body.entry[0].request.method, 'DELETE', `${version} ${name}/${id}`);
            gone.add(`${type}/${id}`);
          } else assert.deepEqual([status, body.id], [200, id], `${version} ${name}/${id}`);
          served++;
        }
      }
      assert.ok(served > 200, `${served} resources in ${version}`);
      // Few messages of the corpus take back what others said, or say that two orders are one.
      assert.ok(gone.size <= 5, [...gone].join(' '));
    }
  });
});

test('the share carried of each message of the corpus that has a map', (t) => {
  if (!hasCorpus(t)) return;
  const mapping = compileFiles(readMappingFiles(join(programFolder, 'mappings'), 'mappings/'));
  const folder = join(corpusFolder, 'messages');
  const left = new Map<string, number>();
  let [valued, carried] = [0, 0];
  for (const file of readdirSync(folder).sort()) {
    const bytes = readFileSync(join(folder, file));
    const [converted] = convertMessages(mapping, bytes, {
      version: 'R4',
      trace: false,
      tenant: { zone: 'Europe/Berlin' },
    });
    if (converted?.outcome !== 'mapped') continue;
    const message = parseMessage(bytes.toString('utf8').replace(/\r?\n/g, '\r'));
    assert.ok(!isParseFault(message));
    const share = shareCarried(message, converted.bundle);
    valued += share.valued;
    carried += share.carried;
    for (const place of share.left) left.set(place, (left.get(place) ?? 0) + 1);
    t.diagnostic(`${file}: ${percent(share.carried, share.valued)} of ${share.valued}`);
    if (pharmacy.test(file)) assert.ok(share.carried / share.valued >= 0.95, `${file} loses ${share.left.join(' ')}`);
  }
  t.diagnostic(`all: ${percent(carried, valued)} of ${valued}`);
  const most = [...left].sort((a, b) => b[1] - a[1]).slice(0, 30);
  t.diagnostic(`left most: ${most.map(([place, count]) => `${place} ${count}`).join(', ')}`);
  assert.ok(carried / valued > 0.65);
});

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.js';
import type { Json } from '../../src/core/json.js';
import type { Stamp } from '../../src/core/stamp.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { applyMessages } from '../../src/engine/apply.js';
import type { MessageContributions } from '../../src/engine/compose-set.js';
import { contributionsOf, type IdentifiedDraft } from '../../src/engine/contribution.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import type { Draft, DraftElement, IdentityFact } from '../../src/mapping/draft.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import type { ResourcePort } from '../../src/store/resource-port.js';
import { Random } from '../support/random.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tenantPicture } from '../support/tenant-picture.js';

const tenant = '00000000-0000-4000-8000-000000000001';
const names = tenantNames(new Uint8Array(32).fill(7), {
  ...plainTenantSettings,
  authorities: [{ id: 'MRN' }, { id: 'REG' }],
});
const options = { clock: systemClock, rounds: 20 };

interface Said {
  readonly at: number;
  readonly authority?: number;
  readonly sender?: string;
  /** Identifiers of the patient, the first one names the document. */
  readonly patient: readonly string[];
  readonly gender?: string | null;
  readonly phone?: string;
  readonly allergy?: string;
  readonly severity?: string;
  /** Anna as a contact, by this name; `null`: she is none. */
  readonly contact?: string | null;
  readonly merged?: string;
  /** Had this identifier before. */
  readonly changed?: string;
  /** This identifier moves to the patient, from whom the other names. */
  readonly moved?: readonly [identifier: string, from: string];
  readonly unlinked?: string;
  readonly place?: string;
  /** The allergies of the message are the whole list. */
  readonly whole?: boolean;
}

const allergies = { type: 'AllergyIntolerance', rule: 'AL1[AllergyIntolerance]' };

function keyOf(identifier: string): string[] {
  return [identifier.startsWith('R') ? 'REG' : 'MRN', identifier];
}

function message(said: Said): MessageContributions {
  const stamp: Stamp = {
    authority: said.authority ?? 50,
    time: said.at * 1000,
    sequence: { arrival: said.at * 1000, run: 1, number: said.at },
    mappingVersion: 1,
  };
  const sender = said.sender ?? 'ADT|N';
  const [first = '', ...others] = said.patient;
  const patient = draft('Patient', { patient: undefined, parts: keyOf(first), also: others.map(keyOf) }, [
    { kind: 'list', path: 'identifier', value: said.patient.map((value) => ({ value })) },
    ...(said.gender === undefined ? [] : [{ kind: 'single' as const, path: 'gender', value: said.gender }]),
    ...(said.contact === undefined ? [] : [contactItem(said.contact)]),
    ...(said.phone === undefined ? [] : [{ kind: 'list' as const, path: 'telecom', value: [{ value: said.phone }] }]),
  ]);
  const drafts: Draft[] = [patient];
  if (said.allergy !== undefined) {
    drafts.push(
      draft('AllergyIntolerance', { patient, parts: [said.allergy], also: [] }, [
        { kind: 'single', path: 'code', value: { text: said.allergy } },
        ...(said.severity === undefined
          ? []
          : [{ kind: 'single' as const, path: 'criticality', value: said.severity }]),
      ]),
    );
  }
  if (said.place !== undefined) {
    drafts.push({
      ...draft('Location', { patient: undefined, parts: ['W'], also: [] }, [
        { kind: 'single', path: 'name', value: said.place },
      ]),
      shared: true,
    });
  }
  const facts: IdentityFact[] = [];
  if (said.merged !== undefined) {
    facts.push({ kind: 'merge', type: 'Patient', source: keyOf(said.merged), target: keyOf(first) });
  }
  if (said.changed !== undefined) {
    facts.push({ kind: 'change', type: 'Patient', source: keyOf(said.changed), target: keyOf(first) });
  }
  if (said.moved !== undefined) {
    const [moved, from] = said.moved.map(keyOf);
    if (moved !== undefined) facts.push({ kind: 'move', type: 'Patient', moved, from, to: keyOf(first) });
  }
  if (said.unlinked !== undefined) {
    facts.push({ kind: 'link', type: 'Patient', a: keyOf(first), b: keyOf(said.unlinked), linked: false });
  }
  const identified: IdentifiedDraft[] = drafts.map((one) => ({
    draft: one,
    id: names.idOf(one.type, [...(one.key?.patient?.key?.parts ?? []), ...(one.key?.parts ?? [])]),
  }));
  return {
    stamp,
    contributions: contributionsOf(
      identified,
      facts,
      { sender, stamp, snapshots: said.whole === true ? [allergies] : [] },
      names,
    ),
  };
}

function draft(
  type: string,
  key: Draft['key'],
  elements: readonly (Pick<DraftElement, 'kind' | 'path' | 'value'> & Partial<Pick<DraftElement, 'item'>>)[],
): Draft {
  return {
    type,
    label: type,
    key,
    elements: elements.map((element) => ({
      rule: type === 'AllergyIntolerance' ? `${allergies.rule}/AL1-3` : `${type}/${element.path}`,
      item: '',
      ...element,
    })),
    visit: [],
    deleted: false,
    shared: false,
    referrers: [],
  };
}

function contactItem(name: string | null) {
  const value = name === null ? null : { name: { text: name } };
  return { kind: 'item' as const, path: 'contact', item: 'anna', value };
}

function store(t: TestContext): ResourcePort {
  const resources = openEmbeddedResources(join(temporaryFolder(t), 'tenants'));
  t.after(() => resources.close());
  return resources;
}

async function after(t: TestContext, batches: readonly (readonly Said[])[]): Promise<Record<string, Json>> {
  const resources = store(t);
  const touched = new Set<string>();
  for (const batch of batches) {
    const messages = batch.map(message);
    for (const { contributions } of messages) for (const { type, id } of contributions) touched.add(`${type}/${id}`);
    await applyMessages(resources, tenant, messages, options);
  }
  return tenantPicture(resources, tenant, touched);
}

const A = `Patient/${names.idOf('Patient', keyOf('A'))}`;
const B = `Patient/${names.idOf('Patient', keyOf('B'))}`;

type Picture = Record<string, { shows: Record<string, Json> | null; standsFor: string }>;
const shows = (picture: Record<string, Json>, name: string): Record<string, Json> | null =>
  (picture as unknown as Picture)[name]?.shows ?? null;

test('what convergence warns of', async (t) => {
  await t.test('a value repeated without a write is not forgotten: X at 1, X at 3, then a late Y at 2', async (t2) => {
    const picture = await after(t2, [
      [{ at: 1, patient: ['A'], gender: 'female' }],
      [{ at: 3, patient: ['A'], gender: 'female' }],
      [{ at: 2, patient: ['A'], gender: 'male' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
  });
  await t.test('authority before time: a later result does not overwrite the admission', async (t2) => {
    const picture = await after(t2, [
      [{ at: 1, patient: ['A'], gender: 'female' }],
      [{ at: 2, patient: ['A'], gender: 'male', authority: 20, sender: 'LAB|N' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
  });
  await t.test('the same value under more authority holds against a later result', async (t2) => {
    const picture = await after(t2, [
      [{ at: 1, patient: ['A'], gender: 'female', authority: 20, sender: 'LAB|N' }],
      [{ at: 2, patient: ['A'], gender: 'female' }],
      [{ at: 3, patient: ['A'], gender: 'male', authority: 20, sender: 'LAB|N' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
  });
  await t.test('a deletion stays when an older message comes again', async (t2) => {
    const picture = await after(t2, [
      [{ at: 2, patient: ['A'], gender: null }],
      [{ at: 1, patient: ['A'], gender: 'male' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], undefined);
  });
  await t.test('a late message with the only phone adds it and changes nothing newer', async (t2) => {
    const picture = await after(t2, [
      [{ at: 5, patient: ['A'], gender: 'female' }],
      [{ at: 1, patient: ['A'], gender: 'male', phone: '030' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
    assert.deepEqual(shows(picture, A)?.['telecom'], [{ value: '030' }]);
  });
  await t.test('a merge before the messages of the merged patient', async (t2) => {
    const picture = await after(t2, [
      [{ at: 5, patient: ['A'], gender: 'female', merged: 'B' }],
      [{ at: 1, patient: ['B'], gender: 'male', allergy: 'Nuts' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
    assert.deepEqual(shows(picture, A)?.['identifier'], [{ value: 'A' }, { value: 'B', use: 'old' }]);
    assert.deepEqual(shows(picture, A)?.['link'], [{ other: { reference: B }, type: 'replaces' }]);
    assert.equal(shows(picture, B)?.['active'], false);
    assert.deepEqual(shows(picture, B)?.['link'], [{ other: { reference: A }, type: 'replaced-by' }]);
  });
  await t.test('a merge that is taken back leaves both as their own messages said', async (t2) => {
    const picture = await after(t2, [
      [
        { at: 1, patient: ['A'], gender: 'female' },
        { at: 2, patient: ['B'], gender: 'male' },
      ],
      [{ at: 3, patient: ['A'], merged: 'B' }],
      [{ at: 4, patient: ['A'], unlinked: 'B' }],
    ]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
    assert.equal(shows(picture, A)?.['link'], undefined);
    assert.equal(shows(picture, B)?.['gender'], 'male');
    assert.equal(shows(picture, B)?.['active'], undefined);
  });
  await t.test('equal allergies within a class are one resource', async (t2) => {
    const picture = await after(t2, [
      [{ at: 1, patient: ['A'], allergy: 'Nuts', severity: 'low' }],
      [{ at: 2, patient: ['B'], allergy: 'Nuts', severity: 'high' }],
      [{ at: 3, patient: ['A'], merged: 'B' }],
    ]);
    const allergies = Object.entries(picture as unknown as Picture).filter(([name]) => name.startsWith('Allergy'));
    const shown = allergies.filter(([, { shows: resource }]) => resource !== null);
    assert.equal(allergies.length, 2);
    assert.equal(shown.length, 1);
    assert.equal(shown[0]?.[1].shows?.['criticality'], 'high');
  });
  await t.test('what is repeated of one of two linked patients outranks the other', async (t2) => {
    const said: Said = { at: 1, patient: ['A', 'R1'], gender: 'female' };
    const other: Said = { at: 2, patient: ['R1'], gender: 'male' };
    assert.equal(shows(await after(t2, [[said], [other]]), A)?.['gender'], 'male');
    const picture = await after(t2, [[said], [other], [{ ...said, at: 3 }]]);
    assert.equal(shows(picture, A)?.['gender'], 'female');
  });
  await t.test('an allergy repeated of one of two merged patients outranks the other', async (t2) => {
    const nuts: Said = { at: 1, patient: ['A'], allergy: 'Nuts', severity: 'low' };
    const picture = await after(t2, [
      [nuts],
      [{ at: 2, patient: ['B'], allergy: 'Nuts', severity: 'high' }],
      [{ at: 3, patient: ['A'], merged: 'B' }],
      [{ ...nuts, at: 4 }],
    ]);
    const shown = Object.entries(picture as unknown as Picture)
      .filter(([name, { shows: resource }]) => name.startsWith('Allergy') && resource !== null)
      .map(([, { shows: resource }]) => resource?.['criticality']);
    assert.deepEqual(shown, ['low']);
  });
  await t.test('an item stays while any sender says it, with what the newest of them says', async (t2) => {
    const said: Said[] = [
      { at: 1, patient: ['A'], contact: 'Anna of one' },
      { at: 2, patient: ['A'], contact: 'Anna of two', sender: 'OTHER|N' },
      { at: 3, patient: ['A'], contact: null, sender: 'OTHER|N' },
    ];
    for (const order of [said, said.toReversed()]) {
      const contact = async (upTo: number): Promise<Json | undefined> => {
        const picture = await after(
          t2,
          order.filter(({ at }) => at <= upTo).map((one) => [one]),
        );
        return shows(picture, A)?.['contact'];
      };
      assert.deepEqual(await contact(2), [{ name: { text: 'Anna of two' } }]);
      assert.deepEqual(await contact(3), [{ name: { text: 'Anna of one' } }]);
    }
  });
  await t.test('a list replaces what that sender said before, and not what another said', async (t2) => {
    const said: Said[] = [
      { at: 1, patient: ['A'], phone: '030' },
      { at: 2, patient: ['A'], phone: '040', sender: 'OTHER|N' },
      { at: 3, patient: ['A'], phone: '050', sender: 'OTHER|N' },
    ];
    for (const order of [said, said.toReversed()]) {
      const picture = await after(
        t2,
        order.map((one) => [one]),
      );
      assert.deepEqual(shows(picture, A)?.['telecom'], [{ value: '030' }, { value: '050' }]);
    }
  });
  await t.test('an allergy stays while any sender names it', async (t2) => {
    const nuts: Said = { at: 1, patient: ['A'], allergy: 'Nuts' };
    const eggs: Said = { at: 3, patient: ['A'], allergy: 'Eggs', whole: true };
    const shown = async (...batches: Said[]): Promise<number> =>
      Object.entries(
        (await after(
          t2,
          batches.map((one) => [one]),
        )) as unknown as Picture,
      ).filter(([name, { shows: resource }]) => name.startsWith('Allergy') && resource !== null).length;
    assert.equal(await shown(nuts, eggs), 1, 'the list of its own sender is without it');
    assert.equal(await shown({ ...nuts, sender: 'OTHER|N' }, nuts, eggs), 2);
  });
  await t.test('an allergy that is said again after a list without it is there again', async (t2) => {
    const nuts: Said = { at: 1, patient: ['A'], allergy: 'Nuts' };
    const eggs: Said = { at: 2, patient: ['A'], allergy: 'Eggs', whole: true };
    const codes = async (...batches: Said[][]): Promise<unknown[]> =>
      Object.entries((await after(t2, batches)) as unknown as Picture)
        .filter(([name]) => name.startsWith('Allergy'))
        .flatMap(([, { shows: resource }]) => resource?.['code'] ?? []);
    assert.deepEqual(await codes([nuts], [eggs]), [{ text: 'Eggs' }]);
    const again = await codes([nuts], [eggs], [{ ...nuts, at: 3 }]);
    assert.deepEqual(again.map((code) => JSON.stringify(code)).sort(), ['{"text":"Eggs"}', '{"text":"Nuts"}']);
  });
  await t.test(
    'places written by every partition are stamped by the day; of equal days the greater value stays',
    async (t2) => {
      const day = 86_400;
      const place = `Location/${names.idOf('Location', ['W'])}`;
      const west: Said = { at: 1, patient: ['A'], place: 'West' };
      const cases: readonly (readonly [said: readonly Said[], name: string])[] = [
        [[west, { at: 9, patient: ['B'], place: 'East' }], 'West'],
        [[west, { at: day + 1, patient: ['B'], place: 'East' }], 'East'],
        [
          [west, { at: day + 9, patient: ['B'], place: 'East' }, { at: day + 1, patient: ['C'], place: 'North' }],
          'North',
        ],
      ];
      for (const [said, name] of cases) {
        for (const order of [said, said.toReversed()]) {
          const picture = await after(
            t2,
            order.map((one) => [one]),
          );
          assert.equal(shows(picture, place)?.['name'], name);
        }
      }
    },
  );
});

test('what a worker relied on without writing it is looked at again: who is who may have changed since it read', async (t) => {
  const early: Said[] = [
    { at: 5, patient: ['A'], gender: 'female' },
    { at: 6, patient: ['B'], allergy: 'Nuts', severity: 'high' },
  ];
  // a late message, that changes nothing of the patient and so writes nothing of it
  const late: Said = { at: 1, patient: ['A'], allergy: 'Nuts', severity: 'low' };
  for (const meanwhile of [
    { at: 7, patient: ['A'], merged: 'B' },
    { at: 7, patient: ['A', 'B'] },
    { at: 7, patient: ['A'], allergy: 'Eggs', whole: true },
  ] satisfies Said[]) {
    const expected = await after(
      t,
      [...early, late, meanwhile].map((one) => [one]),
    );
    const resources = store(t);
    const all = [...early, late, meanwhile].map(message);
    const [first, second, slow, other] = all;
    assert.ok(first && second && slow && other);
    for (const one of [first, second]) await applyMessages(resources, tenant, [one], options);
    let slept = false;
    const sleepy: ResourcePort = Object.assign(Object.create(resources) as ResourcePort, {
      write: async (...args: Parameters<ResourcePort['write']>) => {
        if (!slept) {
          slept = true;
          await applyMessages(resources, tenant, [other], options);
        }
        return resources.write(...args);
      },
    });
    await applyMessages(sleepy, tenant, [slow], options);
    assert.ok(slept);
    const touched = all.flatMap(({ contributions }) => contributions.map(({ type, id }) => `${type}/${id}`));
    assert.deepEqual(await tenantPicture(resources, tenant, touched), expected, JSON.stringify(meanwhile));
  }
});

test('each message that changes a resource makes one version, whatever the batch', async (t) => {
  const said: Said[] = [
    { at: 1, patient: ['A'], gender: 'female' },
    { at: 2, patient: ['A'], gender: 'female' },
    { at: 3, patient: ['A'], gender: 'male' },
    { at: 4, patient: ['A'], phone: '030' },
  ];
  for (const batches of [[said], said.map((one) => [one])]) {
    const resources = store(t);
    const made = [];
    for (const batch of batches) made.push(...(await applyMessages(resources, tenant, batch.map(message), options)));
    assert.deepEqual(
      made.map((ofMessage) => ofMessage.map(({ version }) => version)),
      [[1], [0], [2], [3]],
    );
    const { versions } = await resources.history(tenant, { type: 'Patient', id: A.slice(8) }, { count: 10 });
    assert.deepEqual(
      versions.map(({ version, resource }) => [version, resource?.['gender'] ?? null, resource?.['telecom'] ?? null]),
      [
        [3, 'male', [{ value: '030' }]],
        [2, 'male', null],
        [1, 'female', null],
      ],
    );
  }
});

test('random histories end the same in every order, batching and concurrency', async (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new Random(seed);
    const history = Array.from({ length: 12 }, (_, index) => randomSaid(random, index + 1));
    const expected = await after(
      t,
      history.map((one) => [one]),
    );
    for (let round = 0; round < 4; round++) {
      const order = random.shuffle(random.chance(0.5) ? history : [...history, ...history.slice(0, 4)]);
      const batches: Said[][] = [];
      while (order.length > 0) batches.push(order.splice(0, 1 + random.below(5)));
      assert.deepEqual(await after(t, batches), expected, `seed ${seed}, round ${round}`);
    }
    assert.deepEqual(await atOnce(t, random.shuffle(history)), expected, `seed ${seed}, at once`);
  }
});

/** Every message by a worker of its own, all at the same time over one store. */
async function atOnce(t: TestContext, history: readonly Said[]): Promise<Record<string, Json>> {
  const resources = store(t);
  const messages = history.map(message);
  await Promise.all(messages.map((one) => applyMessages(resources, tenant, [one], { clock: systemClock, rounds: 50 })));
  const touched = messages.flatMap(({ contributions }) => contributions.map(({ type, id }) => `${type}/${id}`));
  return tenantPicture(resources, tenant, touched);
}

function randomSaid(random: Random, at: number): Said {
  const identifiers = ['A', 'B', 'C', 'R1', 'R2'];
  const first = random.pick(identifiers);
  const second = random.pick(identifiers.filter((one) => one !== first));
  const lab = random.chance(0.3);
  return {
    at: random.chance(0.2) ? Math.max(1, at - 1) : at,
    ...(lab ? { authority: 20, sender: 'LAB|N' } : {}),
    patient: random.chance(0.3) ? [first, second] : [first],
    ...(random.chance(0.6) ? { gender: random.pick(['female', 'male', null]) } : {}),
    ...(random.chance(0.4) ? { phone: random.pick(['030', '040']) } : {}),
    ...(random.chance(0.4)
      ? { allergy: random.pick(['Nuts', 'Penicillin']), severity: random.pick(['low', 'high']) }
      : {}),
    ...(random.chance(0.2) ? { whole: true } : {}),
    ...(random.chance(0.2) ? { merged: second } : {}),
    ...(random.chance(0.15) ? { unlinked: second } : {}),
    ...(random.chance(0.1) ? { changed: second } : {}),
    ...(random.chance(0.15) ? { moved: [second, random.pick(identifiers)] as const } : {}),
    ...(random.chance(0.3) ? { place: random.pick(['West', 'East']) } : {}),
  };
}

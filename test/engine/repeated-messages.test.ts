/** A message is recognised only where mapping it would say the same, and what it then says is what mapping it would. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { programFolder } from '../../src/cli/program-version.js';
import { silentLog } from '../../src/core/log.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import { type Prepared, prepareBatch, type SourceProfile, type TenantContext } from '../../src/engine/prepare-batch.js';
import { type MessageMemory, RepeatedMessages, type Said } from '../../src/engine/repeated-messages.js';
import { TenantContexts } from '../../src/engine/tenant-contexts.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import { leaves, pathOf } from '../../src/hl7/leaves.js';
import { type Hl7Message, isParseFault, parseMessage } from '../../src/hl7/message.js';
import { printPath } from '../../src/hl7/paths.js';
import type { TenantRecord } from '../../src/store/registry-port.js';
import { newTenantRecord } from '../../src/store/tenant-record.js';
import { mappingFiles } from '../support/rehearsal.js';

const settings = { ...plainTenantSettings, zone: 'Europe/Berlin' };
const names = tenantNames(Buffer.alloc(32, 1), settings);
const plainProfile: SourceProfile = { authority: {}, snapshot: ['AL1'] };
const minute = 60_000;

const shipped = mapperOver(compileFiles(mappingFiles), 3);

function contextWith(layer: string | undefined): TenantContext {
  if (layer === undefined) return { settings, names, mapper: shipped };
  const files = { ...mappingFiles, 'mappings/layers/site/own.yaml': layer };
  return { settings, names, mapper: mapperOver(compileFiles(files), 3) };
}

interface Sent {
  readonly text: string | Buffer;
  readonly arrival: number;
  readonly profile?: SourceProfile;
}

const tenant = 'north';

/** What one message after the other comes to. */
async function prepared(context: TenantContext, messages: readonly Sent[]): Promise<Prepared[]> {
  const found: Prepared[] = [];
  for (const [number, { text, arrival, profile }] of messages.entries()) {
    const parts = {
      archive: {
        read: async () => [
          {
            ...{ sequence: { arrival, run: 1, number }, tenant, kind: 'message' as const, partition: 0 },
            ...{ listener: 'adt', peer: '', sender: '', type: '', sentAt: '', controlId: '', flags: [] },
            ...{ size: 0, payload: Buffer.from(text) },
          },
        ],
      },
      tenant: () => context,
      profile: () => profile ?? plainProfile,
      log: silentLog,
    };
    found.push(...(await prepareBatch(parts, { tenant, partition: 0, sequences: [{ run: 1, number }] })));
  }
  return found;
}

/** Without the mark, without members that are undefined; maps as lists, since their order counts. */
function plain(all: readonly Prepared[]): unknown {
  const print = (name: string, value: unknown) =>
    name === 'repeated' ? undefined : value instanceof Map ? [...value] : value;
  return JSON.parse(JSON.stringify(all, print));
}

const noon = Date.UTC(2026, 4, 3, 10);

interface Parts {
  readonly time?: string;
  readonly id?: string;
  readonly recorded?: string;
  readonly more?: string;
  readonly event?: string;
}

let sent = 0;

function adt({ time = '20260503120000', id, recorded = time, more = '', event = 'A08' }: Parts = {}): string {
  return [
    `MSH|^~\\&|ADT1|NORTH|W|W|${time}||ADT^${event}|${id ?? `C${++sent}`}|P|2.5.1`,
    `EVN|${event}|${recorded}${more}`,
    'PID|1||77^^^NORTH^MR||Berg^Anna||19700101|F|||Weg 1^^Bonn',
    'PV1|1|I|W1^R1^B1^NORTH||||D1^House^Greg||||||||||||V77',
    'AL1|1|DA|PEN^Penicillin',
    'ZBE|1|Z',
  ].join('\r');
}

interface Case {
  readonly name: string;
  readonly layer?: string;
  /** The first two are never recognised: the second is kept. */
  readonly messages: readonly (string | Buffer | Sent)[];
  /** Which of the others are. */
  readonly repeated: readonly boolean[];
}

const rule = (text: string): string => `layer: site\nrules:\n  - { add: "PID[Patient]", id: own, ${text} }`;
const later = '20260503130000';

const cases: readonly Case[] = [
  {
    name: 'another time, control id, operator, sequence number',
    messages: [
      ...[
        adt(),
        adt(),
        adt({ time: later }),
        adt({ recorded: '20260503125959+0200' }),
        adt({ time: '', recorded: '' }),
      ],
      ...[adt({ more: '|||OP7|20260503110000' }), adt({ more: '|||OP8|20260503100000' }), adt({ more: '|||OP9|' })],
      adt().replace('|P|2.5.1', '|P|2.5.1|17'),
      adt().replace('|P|2.5.1', '|P|2.5.1|18'),
      adt().replace('|P|2.5.1', '|P|2.5.1|19'),
    ],
    repeated: [true, true, true, false, false, true, false, false, true],
  },
  {
    name: 'a time that is none, a date alone, one far ahead',
    messages: [
      ...[adt(), adt(), adt({ time: 'soon' }), adt({ time: '20260503' }), adt({ time: later, recorded: '20260503' })],
      adt({ time: '20620101000000' }),
    ],
    repeated: [true, true, true, true],
  },
  {
    name: 'the repeated hour of autumn, by arrival',
    messages: [
      { text: adt({ time: '20261025013000' }), arrival: Date.UTC(2026, 9, 25, 0, 30) },
      { text: adt({ time: '20261025023000' }), arrival: Date.UTC(2026, 9, 25, 0, 31) },
      { text: adt({ time: '20261025023000' }), arrival: Date.UTC(2026, 9, 25, 0, 31) },
      { text: adt({ time: '20261025023000' }), arrival: Date.UTC(2026, 9, 25, 2, 0) },
    ],
    repeated: [true, true],
  },
  {
    name: 'an event that says when by its own time',
    messages: [
      ...[adt({ event: 'A01' }), adt({ event: 'A01' }), adt({ event: 'A01' })],
      ...[adt({ event: 'A01', time: later }), adt({ event: 'A01' }), adt({ event: 'A01' })],
      adt({ event: 'A01', more: '||||20260503110000' }),
    ],
    repeated: [true, false, false, true, false],
  },
  {
    name: 'an event whose time says only when it is believed to be: far ahead, by arrival',
    messages: [
      { text: adt({ event: 'A03', time: '20620101', recorded: '' }), arrival: noon },
      { text: adt({ event: 'A03', time: '20620101', recorded: '' }), arrival: noon },
      { text: adt({ event: 'A03', time: '20620101', recorded: '' }), arrival: noon },
      { text: adt({ event: 'A03', time: '20620101', recorded: '' }), arrival: noon + minute },
    ],
    repeated: [true, false],
  },
  {
    name: 'a cancel',
    messages: [
      ...[adt({ event: 'A13' }), adt({ event: 'A13' }), adt({ event: 'A13' }), adt({ event: 'A13', time: later })],
    ],
    repeated: [true, false],
  },
  {
    name: 'a merge',
    messages: ['1', '2', '3', '4'].map(
      (id) => `${adt({ event: 'A40', id, time: `2026050312000${id}` })}\rMRG|9^^^NORTH^MR`,
    ),
    repeated: [true, true],
  },
  {
    name: 'results',
    messages: ['1', '2', '3'].map(
      (id) =>
        `MSH|^~\\&|LAB|NORTH|W|W|2026050312000${id}||ORU^R01|${id}|P|2.5.1\rPID|1||77^^^NORTH^MR\rOBR|1||F1|GLU^Glucose^L|||20260503\rOBX|1|NM|GLU^Glucose^L||5|mmol/L|||||F`,
    ),
    repeated: [true],
  },
  {
    name: 'a message that a filter keeps out',
    layer: 'layer: site\nfilters:\n  - { id: own, when: \'PID-5.1 EQUALS "Berg"\' }',
    messages: [adt(), adt(), adt({ time: later })],
    repeated: [true],
  },
  {
    name: 'a filter that reads the control id',
    layer: 'layer: site\nfilters:\n  - { id: own, when: \'MSH-10 STARTS WITH "T"\' }',
    messages: [adt({ id: 'T1' }), adt({ id: 'T2' }), adt({ id: 'T3' }), adt({ id: 'R4' }), adt({ id: 'R4' })],
    repeated: [false, false, true],
  },
  {
    name: 'a message without a map, its patients known',
    messages: ['1', '2', '3'].map((id) => `MSH|^~\\&|X|NORTH|W|W|${id}||ZZZ^Z01|${id}|P|2.5\rPID|1||77^^^NORTH^MR`),
    repeated: [true],
  },
  {
    name: 'a message without a patient is parked each time',
    messages: [1, 2, 3].map(() => adt().replace('77^^^NORTH^MR', '')),
    repeated: [false],
  },
  {
    name: 'a value of MSH-10',
    layer: rule('from: MSH-10, to: name.text'),
    messages: [adt({ id: 'A' }), adt({ id: 'B' }), adt({ id: 'B' }), adt({ id: 'C' })],
    repeated: [true, false],
  },
  {
    name: 'a value of MSH-7, within a format',
    layer: rule('from: PID-5, to: name.text, format: "{PID-5.1} {MSH-7}"'),
    messages: [adt(), adt(), adt(), adt({ time: later, recorded: '20260503120000' })],
    repeated: [true, false],
  },
  {
    name: 'a condition on EVN-2',
    layer: rule('from: PID-5.1, to: name.text, when: "EVN-2 STARTS WITH \\"20260503\\""'),
    messages: [adt(), adt(), adt({ time: later, recorded: '20260503120000' }), adt({ recorded: '20260504120000' })],
    repeated: [true, false],
  },
  {
    name: 'whether EVN-5 is valued',
    layer: rule('from: PID-5.1, to: name.text, when: EVN-5 VALUED'),
    messages: [adt({ more: '|||A' }), adt({ more: '|||A' }), adt({ more: '|||A' }), adt({ more: '|||""' })],
    repeated: [true, false],
  },
  {
    name: 'a key with MSH-10',
    layer: 'layer: site\nkeys:\n  AllergyIntolerance:\n    - { parts: [MSH-10, AL1-3] }',
    messages: [adt({ id: 'A' }), adt({ id: 'B' }), adt({ id: 'B' }), adt({ id: 'C' })],
    repeated: [true, false],
  },
  {
    name: 'another profile of the listener',
    messages: [
      { text: adt(), arrival: noon },
      { text: adt(), arrival: noon },
      { text: adt(), arrival: noon, profile: { ...plainProfile, authority: { ADT: 7 } } },
      { text: adt(), arrival: noon, profile: { ...plainProfile, snapshot: [] } },
      { text: adt(), arrival: noon, profile: { ...plainProfile, zone: 'America/New_York' } },
      { text: adt(), arrival: noon, profile: { ...plainProfile, charset: 'latin1' } },
      { text: adt(), arrival: noon, profile: { authority: {}, snapshot: ['AL1'] } },
    ],
    repeated: [false, false, false, false, true],
  },
  {
    name: 'bytes of another character set, in the content and in what passes',
    messages: [
      Buffer.from(adt().replace('Anna', 'Än\\XC4\\na'), 'latin1'),
      Buffer.from(adt().replace('Anna', 'Än\\XC4\\na'), 'latin1'),
      Buffer.from(adt().replace('Anna', 'Än\\XC4\\na'), 'utf8'),
      Buffer.from(adt({ id: 'Ä' }).replace('Anna', 'Än\\XC4\\na'), 'latin1'),
      Buffer.from(adt({ id: 'Ä' }).replace('Anna', 'An\\XC4\\na'), 'latin1'),
      Buffer.from(adt({ id: 'A' }).replace('Anna', 'An\\XC4\\na'), 'latin1'),
    ],
    repeated: [false, true, false, false],
  },
];

for (const { name, layer, messages, repeated } of cases) {
  test(`${name}: what is recognised says what mapping it would`, async () => {
    const context = contextWith(layer);
    const all = messages.map((one, at): Sent => {
      return typeof one === 'string' || Buffer.isBuffer(one) ? { text: one, arrival: noon + at * minute } : one;
    });
    const found = await prepared({ ...context, memory: new RepeatedMessages().memory() }, all);
    assert.deepEqual(plain(found), plain(await prepared(context, all)));
    assert.deepEqual(
      found.map((one) => one.repeated === true),
      [false, false, ...repeated],
    );
  });
}

const folder = join(programFolder, 'test/mapping/full-messages');
const lines = parse(readFileSync(join(folder, 'segments.yaml'), 'utf8')) as Record<string, string>;
const full = parse(readFileSync(join(folder, 'messages.yaml'), 'utf8')) as Record<
  string,
  { readonly message: string[] }
>;

function messageOf(text: string): Hl7Message {
  const message = parseMessage(text);
  assert.ok(!isParseFault(message));
  return message;
}

/** True when a message is recognised by one that was kept. */
function knows(memory: MessageMemory, text: string): boolean {
  return memory.look(messageOf(text), '')?.said !== undefined;
}

const passing = /^(MSH\[1\]-(7|10|13)|EVN\[1\]-(2|5|6))\b/;
const nothing: Said = {
  kind: 'ended',
  outcome: {
    ...{ tenant, sequence: { arrival: 0, run: 1, number: 1 }, state: 'filtered', reason: '', eventTime: 0 },
    ...{ authority: 0, mappingVersion: 1, keys: [], made: [] },
  },
};

for (const [type, { message }] of Object.entries(full)) {
  test(`${type}: a message that differs in one place is another, but for what passes`, () => {
    const text = message.map((name) => lines[name] ?? name).join('\r');
    const memory = new RepeatedMessages().memory();
    assert.equal(memory.look(messageOf(text), ''), undefined);
    memory.look(messageOf(text), '')?.keep(nothing);
    assert.ok(knows(memory, text));
    const wrong: string[] = [];
    for (const leaf of leaves(messageOf(text))) {
      const place = printPath(pathOf(leaf));
      for (const other of ['Q', '', '""']) {
        const changed = text.slice(0, leaf.start) + other + text.slice(leaf.end);
        if (changed !== text && knows(memory, changed) !== passing.test(place)) wrong.push(`${place} ${other}`);
      }
    }
    for (const { end, name } of messageOf(text).segments) {
      for (const more of ['|', '|x', '\rNTE|1']) {
        if (knows(memory, text.slice(0, end) + more + text.slice(end))) wrong.push(`${name} with ${more}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}

test('what is kept stays within its bounds, and what is used stays', () => {
  const most = 100_000;
  const all = new RepeatedMessages(most);
  const [memory, other] = [all.memory(), all.memory()];
  const text = (number: number): string => adt({ id: '1' }).replace('Weg 1', `Weg ${number}`);
  const see = (number: number): void => memory.look(messageOf(text(number)), '')?.keep(nothing);
  for (let number = 0; number < 2000; number++) {
    for (const one of [number, number, -1]) see(one);
    assert.ok(all.size <= 2 * most, `${all.size}`);
  }
  assert.ok(knows(memory, text(-1)) && knows(memory, text(1999)) && !knows(memory, text(5)));
  assert.ok(!knows(other, text(-1)), "another tenant's");
  const large = `${text(1)}\rNTE|1||${'x'.repeat(70_000)}`;
  for (let times = 0; times < 3; times++) memory.look(messageOf(large), '')?.keep(nothing);
  assert.ok(!knows(memory, large), 'a long one is mapped each time');
  const late = memory.look(messageOf(text(1998).replace('Weg', 'Pfad')), '');
  assert.equal(late, undefined);
  const seen = memory.look(messageOf(text(1998).replace('Weg', 'Pfad')), '');
  memory.end();
  seen?.keep(nothing);
  assert.ok(!knows(memory, text(-1)) && !knows(memory, text(1998).replace('Weg', 'Pfad')));
  other.end();
  assert.equal(all.size, 0);
});

test('a tenant whose settings or mapping change has a memory of its own', async () => {
  const master = Buffer.alloc(32, 1);
  const contexts = new TenantContexts(master, {
    mapping: async (number) => ({ number, hash: '', files: mappingFiles, publishedAt: 0 }),
  });
  const [a, b] = ['a', 'b'].map((name) => newTenantRecord(master, { name }, 0));
  assert.ok(a !== undefined && b !== undefined);
  const update = (tenants: readonly TenantRecord[], mappingVersion: number): Promise<void> =>
    contexts.update({ generation: 1, tenants, clients: [], signingKeys: [], mappingVersion });
  const memories = () => [a, b].map(({ id }) => contexts.get(id)?.memory);
  const lookTwice = (memory: MessageMemory | undefined): void => {
    for (let times = 0; times < 2; times++) memory?.look(messageOf(adt()), '')?.keep(nothing);
  };
  await update([a, b], 1);
  const first = memories();
  for (const memory of first) lookTwice(memory);
  assert.ok(first.every((memory) => memory !== undefined && knows(memory, adt())));
  await update([a, { ...b, settings: { zone: 'UTC' } }], 1);
  const second = memories();
  assert.equal(second[0], first[0]);
  assert.notEqual(second[1], first[1]);
  assert.ok(second[1] !== undefined && !knows(second[1], adt()), 'what was said under other settings');
  assert.ok(second[0] !== undefined && knows(second[0], adt()));
  await update([a, { ...b, settings: { zone: 'UTC' } }], 2);
  assert.ok(memories().every((memory, at) => memory !== second[at] && memory !== undefined && !knows(memory, adt())));
});

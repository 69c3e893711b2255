import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SimulatedFrame, type SimulationPlan, simulate } from '../../src/cli/simulation/simulation.js';
import { type FaultKind, faults, rareEvents, readShares } from '../../src/cli/simulation/variations.js';
import { splitBatch } from '../../src/hl7/batch.js';
import { loadDictionary } from '../../src/hl7/dictionary.js';
import { Linter } from '../../src/hl7/lint/lint-message.js';

const plan: SimulationPlan = {
  seed: 3,
  patients: 60,
  beds: 48,
  wards: 3,
  start: Date.UTC(2026, 2, 1),
  count: 3000,
  rare: readShares('none', rareEvents),
  faults: readShares('none', faults),
};
const play = (over: Partial<SimulationPlan> = {}): SimulatedFrame[] => [...simulate({ ...plan, ...over })];
const texts = (frames: readonly SimulatedFrame[]) => frames.map(({ bytes }) => bytes.toString('utf8'));
const field = (text: string, number: number) => text.split('\r')[0]?.split('|')[number - 1] ?? '';
const event = (text: string) => field(text, 9).split('^').slice(0, 2).join('^');

describe('simulation', () => {
  it('is the same, byte for byte, for the same plan, and another for another seed', () => {
    const rare = readShares('all', rareEvents);
    const everything = { rare, faults: readShares('all', faults) };
    assert.deepEqual(play(everything), play(everything));
    assert.notDeepEqual(play(everything), play({ ...everything, seed: 4 }));
  });

  it('has as many messages as asked for, each with a control id of its own, times going on', () => {
    const frames = play();
    assert.equal(frames.length, 3000);
    assert.equal(new Set(texts(frames).map((text) => field(text, 10))).size, 3000);
    assert.ok(frames.every(({ at }, index) => index === 0 || at >= (frames[index - 1]?.at ?? 0)));
  });

  it('ends after the hospital time asked for', () => {
    const { count: _, ...endless } = plan;
    const frames = [...simulate({ ...endless, duration: 6 * 3_600_000 })];
    const last = frames.at(-1)?.at ?? 0;
    assert.ok(last > plan.start + 5 * 3_600_000 && last <= plan.start + 6 * 3_600_000);
  });

  it('tells the same story with and without what is varied and wrong', () => {
    const plain = texts(play());
    const own = { ...readShares('none', rareEvents), repeated: 0.1, late: 0.1, reordered: 0.1 };
    const varied = play({ rare: own, faults: readShares('all', faults) });
    const good = new Set(texts(varied.filter(({ fault }) => fault === undefined)));
    assert.deepEqual([...good].sort(), [...new Set(plain)].sort());
    assert.notDeepEqual([...good], plain);
  });

  it('keeps the messages of one person in order unless they are to come late or reordered', () => {
    const rare = { ...readShares('all', rareEvents), late: 0, reordered: 0, repeated: 0, batches: 0.05 };
    const last = new Map<number, number>();
    for (const { bytes, person } of play({ rare })) {
      for (const message of splitBatch(bytes).messages) {
        const number = Number(field(message.toString('latin1'), 10).slice(2));
        assert.ok(number > (last.get(person) ?? 0));
        last.set(person, number);
      }
    }
  });

  const rarities: readonly (readonly [keyof typeof rareEvents, (frames: readonly SimulatedFrame[]) => boolean])[] = [
    ['merges', (frames) => texts(frames).some((text) => event(text) === 'ADT^A40')],
    ['links', (frames) => ['ADT^A24', 'ADT^A37'].every((each) => texts(frames).some((text) => event(text) === each))],
    ['cancels', (frames) => ['ADT^A11', 'ADT^A12', 'ADT^A13'].every((e) => texts(frames).some((t) => event(t) === e))],
    [
      'moves',
      (frames) => texts(frames).some((text) => event(text) === 'ADT^A45' && /\rMRG\|\d+\^[^\r]*V\d+\^/.test(text)),
    ],
    ['documents', (frames) => frames.some(({ bytes }) => bytes.length > 20_000)],
    ['late', (frames) => frames.some(({ at }, index) => at < (frames[index - 1]?.at ?? 0))],
    ['repeated', (frames) => texts(frames).some((text, index, all) => text === all[index - 1])],
    [
      'reordered',
      (frames) =>
        new Set(texts(frames)).size === frames.length &&
        frames.some(({ at }, index) => at < (frames[index - 1]?.at ?? 0)),
    ],
    ['identifiers', (frames) => texts(frames).some((text) => /\rPID\|1\|\|N\d+\^\^\^BUND\^NI~/.test(text))],
    ['bare-ids', (frames) => texts(frames).some((text) => /\rPID\|1\|\|\d+\|/.test(text))],
    ['z-segments', (frames) => texts(frames).some((text) => /\rZPI\|/.test(text))],
    [
      'charsets',
      (frames) =>
        frames.some(({ bytes }) => bytes.includes('|8859/1')) && texts(frames).some((t) => t !== t.normalize('NFC')),
    ],
    [
      'batches',
      (frames) => frames.some(({ bytes, messages }) => messages === 3 && splitBatch(bytes).messages.length === 3),
    ],
  ];
  for (const [name, happens] of rarities) {
    it(`${name} happen when asked for, and not otherwise`, () => {
      const share = name === 'documents' ? 0.02 : 0.1;
      assert.ok(happens(play({ rare: { ...plan.rare, [name]: share } })));
      assert.ok(!happens(play()));
    });
  }

  it('has every rare event in that test', () => {
    assert.deepEqual(
      rarities.map(([name]) => name),
      Object.keys(rareEvents),
    );
  });

  const broken: Readonly<Record<FaultKind, (frame: SimulatedFrame) => boolean>> = {
    'malformed-segment': ({ bytes }) => bytes.includes('\rP V|') && bytes.includes('\rcontinued'),
    'missing-field': ({ bytes }) => [9, 10, 12].some((each) => field(bytes.toString('latin1'), each) === ''),
    'bad-encoding': ({ bytes }) => bytes.toString('utf8').includes('\ufffd'),
    'wrong-delimiters': ({ bytes }) => /^MSH\|\^~/.test(bytes.toString()) && /\rPID\|1\|\|\d+\$/.test(bytes.toString()),
    'half-frame': ({ bytes }) => bytes.at(-1) !== 0x0d,
    'dropped-connection': ({ bytes }) => bytes.at(-1) === 0x0d,
  };
  for (const kind of Object.keys(faults) as FaultKind[]) {
    it(`${kind} comes beside the right messages`, () => {
      const frames = play({ faults: { ...plan.faults, [kind]: 0.05 } });
      const wrong = frames.filter(({ fault }) => fault === kind);
      assert.ok(wrong.length > 50 && wrong.length < 300);
      assert.ok(wrong.every(broken[kind]));
      assert.deepEqual(texts(frames.filter(({ fault }) => fault === undefined)), texts(play()));
    });
  }

  it('makes messages without an error in them, and faults with one', async () => {
    const linter = new Linter(await loadDictionary(), () => undefined);
    const errors = (bytes: Buffer) =>
      linter.lint(bytes, { wire: true }).findings.filter((each) => each.severity === 'error');
    const rare = { ...readShares('all', rareEvents), batches: 0 };
    const wrong = { ...readShares('all', faults), 'dropped-connection': 0, 'half-frame': 0 };
    const found = new Set<string>();
    for (const { bytes, fault } of play({ rare, faults: wrong })) {
      if (fault === undefined) assert.deepEqual(errors(bytes), []);
      else {
        assert.ok(errors(bytes).length > 0, fault);
        found.add(fault);
      }
    }
    assert.equal(found.size, 4);
  });

  it('plays hospitals of any size', () => {
    for (const size of [1, 2, 5]) assert.equal(play({ patients: size, beds: size, wards: 1, count: 300 }).length, 300);
  });
});

describe('shares', () => {
  it('are all, none, names, and names with a share', () => {
    assert.equal(readShares('all', rareEvents).merges, rareEvents.merges[0]);
    assert.deepEqual(Object.values(readShares('none', faults)), [0, 0, 0, 0, 0, 0]);
    const some = readShares('all,late=0.5,merges=0', rareEvents);
    assert.deepEqual([some.late, some.merges, some.links], [0.5, 0, 0.005]);
    assert.deepEqual(readShares('half-frame', faults)['half-frame'], 0.005);
    assert.throws(() => readShares('halves', faults), /there is no halves; there are malformed-segment/);
    assert.throws(() => readShares('late=2', rareEvents), /from 0 to 1/);
  });
});

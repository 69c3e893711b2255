import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.js';
import { fault } from '../../src/core/errors.js';
import type { DirectorySettings } from '../../src/intake/directory-settings.js';
import { type Intake, type IntakeParts, startIntake } from '../../src/intake/intake.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { pause } from '../support/pause.js';
import { adt, type Installation, install, temporaryFolder, tenant } from './installation.js';

const plain: Omit<DirectorySettings, 'path'> = {
  ...{ name: 'adt', tenant, ack: 'original', unavailable: 'AR', authority: {}, snapshot: [] },
  ...{ checkProcessingIds: [], checkVersions: [], maxFrameBytes: 1024 * 1024 },
  ...{ pattern: '*', poll: 5, settle: 0, order: 'name', processed: 'keep' },
};

interface Watched {
  readonly here: Installation;
  readonly path: string;
  /** Puts a file there in one step, as `mv` does. */
  put(name: string, content: string | Buffer): void;
  /** Starts to watch; also again, as after a restart. */
  watch(more?: Partial<DirectorySettings>, parts?: Partial<IntakeParts>): Promise<Intake>;
  /** Names in a folder of it. */
  names(...folder: string[]): string[];
  /** Resolves when the folder holds these names. */
  holds(folder: string, names: readonly string[]): Promise<void>;
  reason(name: string): Reason;
}

interface Reason {
  readonly messages: { readonly taken: number; readonly repeated: number; readonly refused: number };
  readonly problemCount: number;
  readonly problems: readonly { readonly line: number; readonly what: string; readonly right: string }[];
}

async function open(t: TestContext): Promise<Watched> {
  const here = await install(t);
  const path = join(temporaryFolder(t), 'inbox');
  mkdirSync(path);
  const running: Intake[] = [];
  // before the folder is removed and the archive is closed
  t.after(async () => {
    for (const intake of running) await intake.stop();
  });
  const names = (...folder: string[]) => {
    const at = join(path, ...folder);
    return existsSync(at) ? readdirSync(at).sort() : [];
  };
  return {
    here,
    path,
    names,
    put(name, content) {
      writeFileSync(join(path, '..', 'being-written'), content);
      renameSync(join(path, '..', 'being-written'), join(path, name));
    },
    async watch(more = {}, parts = {}) {
      const intake = await startIntake([], { ...here.parts, ...parts }, [{ ...plain, path, ...more }]);
      running.push(intake);
      return intake;
    },
    async holds(folder, wanted) {
      const whole = (name: string) => statSync(join(path, folder, name)).size > 0;
      const moved = () => names('work').every((owner) => owner === 'other' || names('work', owner).length === 0);
      const same = () => names(folder).join() === wanted.join() && names(folder).every(whole) && moved();
      while (!same()) await pause(1);
    },
    reason: (name) => JSON.parse(readFileSync(join(path, 'failed', `${name}.reason.json`), 'utf8')) as Reason,
  };
}

async function controlIds({ here }: Watched): Promise<string[]> {
  return (await here.rows()).map(({ controlId }) => controlId);
}

const sleepless = { timeout: 60_000 };

test('files of one message, of many, batches and frames: archived in order, then in done', sleepless, async (t) => {
  const box = await open(t);
  box.put('1.hl7', adt('M1').replaceAll('\r', '\n'));
  box.put('2.hl7', `${adt('M2')}\r\n\r\n${adt('M3').replaceAll('\r', '\r\n')}`);
  box.put('3.hl7', `FHS|^~\\&\rBHS|^~\\&\r${adt('M4')}${adt('M5')}BTS|2\rFTS|1\r`);
  box.put('4.hl7', `\x0b${adt('M6')}\x1c\r\x0b${adt('M7')}\x1c\n`);
  const intake = await box.watch();
  await box.holds('done', ['1.hl7', '2.hl7', '3.hl7', '4.hl7']);
  assert.deepEqual(await controlIds(box), ['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7']);
  assert.deepEqual(box.names(), ['done', 'failed', 'work']);
  const rows = await box.here.rows();
  assert.deepEqual(
    rows.map(({ flags }) => flags.join()),
    ['', '', '', 'batch', 'batch', '', ''],
  );
  for (const row of rows) assert.deepEqual([row.tenant, row.listener, row.peer], [tenant, 'adt', 'file']);
  assert.equal(rows[0]?.text, adt('M1').replaceAll('\r', '\n'), 'as it stands in the file');
  await box.here.reach(async () => box.here.enqueued.length, 7);
  await box.here.reach(async () => intake.directories()[0]?.waiting ?? -1, 0);
  assert.deepEqual(intake.directories(), [{ name: 'adt', path: box.path, waiting: 0, trouble: null }]);
});

test('senders choose the tenant, the profile the character set and what is rejected', sleepless, async (t) => {
  const box = await open(t);
  box.put('a.hl7', adt('M1') + adt('M2', { 4: 'ELSEWHERE' }) + adt('M3', { 12: '2.2' }));
  box.put('b.hl7', Buffer.from(adt('M4').replace('Muster', 'M\xfcller'), 'latin1'));
  await box.watch({ tenant: [{ tenant, msh4: 'NORTH' }], checkVersions: ['2.5'], charset: '8859/1' });
  await box.holds('done', ['b.hl7']);
  const rows = await box.here.rows();
  assert.deepEqual(
    rows.map((row) => [row.controlId, row.tenant, row.kind, row.flags.join()]),
    [
      ['M1', tenant, 'message', ''],
      ['M2', null, 'message', ''],
      ['M3', tenant, 'rejected', ''],
      ['M4', tenant, 'message', ''],
    ],
  );
  const { messages, problems } = box.reason('a.hl7');
  assert.deepEqual(messages, { taken: 2, repeated: 0, refused: 1 });
  assert.deepEqual(problems, [
    { line: 7, what: 'the message was refused at MSH-12 (HL70357 203)', right: 'this listener takes MSH-12 2.5' },
  ]);
});

type Faulty = [name: string, content: string | Buffer, taken: string[], problems: [line: number, what: RegExp][]];
const faulty: Faulty[] = [
  ['count', `BHS|^~\\&\r${adt('A1')}BTS|2\r`, ['A1'], [[5, /BTS-1 says 2, there are 1/]]],
  [
    'cut',
    `FHS|^~\\&\rBHS|^~\\&\r${adt('B1')}`,
    ['B1'],
    [
      [5, /batch of line 2/],
      [5, /file of line 1/],
    ],
  ],
  ['no-id', adt('C1') + adt('') + adt('C2'), ['C1', '', 'C2'], [[4, /refused at MSH-10/]]],
  ['text', 'Anna Muster, born 1980\n', [], [[0, /holds no message/]]],
  ['picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff, 0x00]), [], [[0, /holds no message/]]],
  ['wide', Buffer.from(`\ufeff${adt('D1')}`, 'utf16le'), [], [[0, /UTF-16/]]],
  ['before', `Anna Muster\r${adt('E1')}`, ['E1'], [[1, /before the first MSH/]]],
  ['large', `${adt('F1')}NTE|1||${'x'.repeat(30_000)}\r${adt('F2')}`, ['F2'], [[1, /longer than maxMessageBytes/]]],
  ['frame', `\x0b${adt('G1')}\x1c\r\x0b${adt('G2')}`, ['G1'], [[5, /a frame is cut off/]]],
  ['frames', `\x0b${adt('H1')}\x1c\rMuster\x0b${adt('H2')}\x1c\r`, ['H1', 'H2'], [[5, /bytes between frames/]]],
];

test(
  'a file with something wrong is in failed; its reason says what, where and what would be right',
  sleepless,
  async (t) => {
    const box = await open(t);
    for (const [name, content] of faulty) box.put(`${name}.hl7`, content);
    await box.watch({ maxFrameBytes: 20_000 });
    const files = faulty.flatMap(([name]) => [`${name}.hl7`, `${name}.hl7.reason.json`]);
    await box.holds('failed', files.toSorted());
    assert.deepEqual(box.names('done'), []);
    const inOrder = faulty.toSorted(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(
      await controlIds(box),
      inOrder.flatMap(([, , taken]) => taken),
    );
    for (const [name, content, , problems] of faulty) {
      const reason = box.reason(`${name}.hl7`);
      assert.deepEqual(
        reason.problems.map(({ line }) => line),
        problems.map(([line]) => line),
        name,
      );
      problems.forEach(([, what], n) => {
        assert.match(reason.problems[n]?.what ?? '', what, name);
        assert.ok((reason.problems[n]?.right ?? '').length > 10, name);
      });
      assert.equal(reason.problemCount, problems.length);
      assert.deepEqual(readFileSync(join(box.path, 'failed', `${name}.hl7`)), Buffer.from(content));
      assert.doesNotMatch(JSON.stringify(reason), /Muster|4711/);
    }
    assert.doesNotMatch(box.here.logged(), /Muster|4711|\.hl7/, 'nor do file names stand in the log');
  },
);

test(
  'what is not finished is left alone: dot files, .tmp, empty files, what still grows; other names, too',
  sleepless,
  async (t) => {
    const box = await open(t);
    let now = 0;
    let looks = 0;
    const monotonic = () => {
      looks++;
      return now;
    };
    const clock = { ...systemClock, monotonic };
    for (const name of ['.hidden.hl7', 'a.hl7.tmp', 'b.hl7.part', 'c.hl7~', 'd.txt']) box.put(name, adt('NO'));
    box.put('e.hl7', '');
    mkdirSync(join(box.path, 'f.hl7'));
    box.put('g.hl7', adt('M1'));
    const intake = await box.watch({ pattern: '*.hl7', settle: 1000 }, { clock });
    const seen = async () => {
      const before = looks;
      while (looks < before + 3) await pause(1);
      assert.equal(intake.directories()[0]?.waiting, 1);
    };
    await seen();
    now = 999;
    await seen();
    box.put('g.hl7', adt('M1') + adt('M2'));
    await seen();
    now = 1500;
    await seen();
    assert.deepEqual(await controlIds(box), []);
    now = 3000;
    await box.holds('done', ['g.hl7']);
    assert.deepEqual(await controlIds(box), ['M1', 'M2']);
    assert.equal(box.names().length, 7 + 3);
  },
);

test('the order is that of names, or of times; a name that is taken in done gets a number', sleepless, async (t) => {
  const box = await open(t);
  for (const [name, time] of [
    ['a', 300],
    ['b', 100],
    ['c', 200],
  ] as const) {
    box.put(name, adt(name.toUpperCase()));
    utimesSync(join(box.path, name), time, time);
  }
  const byTime = await box.watch({ order: 'time' });
  await box.holds('done', ['a', 'b', 'c']);
  await byTime.stop();
  box.put('a', adt('A2'));
  box.put('B', adt('B2'));
  await box.watch();
  await box.holds('done', ['B', 'a', 'a-2', 'b', 'c']);
  assert.deepEqual(await controlIds(box), ['B', 'C', 'A', 'B2', 'A2']);
});

test('two processes on one folder take each file once', sleepless, async (t) => {
  const box = await open(t);
  const ids = Array.from({ length: 60 }, (_, n) => `M${String(n).padStart(2, '0')}`);
  for (const id of ids) box.put(`${id}.hl7`, adt(id));
  await Promise.all([box.watch({}, { owner: 'one' }), box.watch({}, { owner: 'two' })]);
  await box.holds(
    'done',
    ids.map((id) => `${id}.hl7`),
  );
  assert.deepEqual((await controlIds(box)).toSorted(), ids);
  assert.equal(await box.here.received('repeat'), 0);
  assert.deepEqual([...box.names('work', 'one'), ...box.names('work', 'two')], []);
});

test('after a crash between archive and move nothing is doubled; files of others stay theirs', sleepless, async (t) => {
  const box = await open(t);
  box.put('first.hl7', adt('M1') + adt('M2'));
  const intake = await box.watch();
  await box.holds('done', ['first.hl7']);
  await intake.stop();
  renameSync(join(box.path, 'done', 'first.hl7'), join(box.path, 'work', 'wardline', 'first.hl7'));
  writeFileSync(join(box.path, 'work', 'wardline', 'reserved.hl7'), '');
  mkdirSync(join(box.path, 'work', 'other'));
  writeFileSync(join(box.path, 'work', 'other', 'theirs.hl7'), adt('T1'));
  await box.watch({ processed: 'delete' });
  await box.holds(join('work', 'wardline'), []);
  assert.equal(await box.here.received('repeat'), 2);
  assert.deepEqual(await controlIds(box), ['M1', 'M2']);
  assert.deepEqual(box.names('done'), [], 'deleted, as it was stated');
  assert.deepEqual(box.names('work', 'other'), ['theirs.hl7']);
});

test(
  'while nothing can be stored a file waits, and goes on where it was; a stop leaves it for the next start',
  sleepless,
  async (t) => {
    const box = await open(t);
    const { archive } = box.here;
    let failing = true;
    let attempts = 0;
    const parts: Partial<IntakeParts> = {
      archive: {
        ...archive,
        append: async (entries) => {
          attempts++;
          if (failing) throw fault('disk-full', 'the disk is full');
          return archive.append(entries);
        },
      },
    };
    const ids = Array.from({ length: 450 }, (_, n) => `M${n}`);
    box.put('many.hl7', ids.map((id) => adt(id)).join(''));
    const first = await box.watch({}, parts);
    await box.here.reach(async () => Math.min(attempts, 5), 5);
    assert.equal(box.here.logged().match(/messages cannot be stored/g)?.length, 1, 'one line, however long it lasts');
    await first.stop();
    assert.deepEqual(box.names('work', 'wardline'), ['many.hl7']);
    failing = false;
    await box.watch({}, parts);
    await box.holds('done', ['many.hl7']);
    assert.deepEqual(await controlIds(box), ids);
  },
);

test('a folder that is not there is one line in the log, and is used when it can be', sleepless, async (t) => {
  const box = await open(t);
  rmSync(box.path, { recursive: true });
  const intake = await box.watch();
  await box.here.reach(async () => Number(intake.directories()[0]?.trouble === 'ENOENT'), 1);
  mkdirSync(box.path);
  box.put('a.hl7', adt('M1'));
  await box.holds('done', ['a.hl7']);
  await box.here.reach(async () => Number(intake.directories()[0]?.trouble === null), 1);
  assert.equal(box.here.logged().match(/a directory cannot be used/g)?.length, 1);
  assert.equal(box.here.logged().match(/a directory can be used again/g)?.length, 1);
});

test('a done folder in the way: what is archived is put away once it is mended', sleepless, async (t) => {
  const box = await open(t);
  writeFileSync(join(box.path, 'done'), '');
  box.put('a.hl7', adt('M1'));
  const intake = await box.watch({ pattern: '*.hl7' });
  await box.here.reach(async () => Number(intake.directories()[0]?.trouble === 'ENOTDIR'), 1);
  assert.deepEqual(await controlIds(box), ['M1']);
  rmSync(join(box.path, 'done'));
  await box.holds('done', ['a.hl7']);
  assert.equal(await box.here.received('repeat'), 0);
});

test('a file of many megabytes is read with a bounded memory', sleepless, async (t) => {
  const box = await open(t);
  const note = `NTE|1||${'x'.repeat(60_000)}\r`;
  const count = 600;
  box.put('big.hl7', Array.from({ length: count }, (_, n) => adt(`M${n}`) + note).join(''));
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  await box.watch({ processed: 'delete' });
  while ((await box.here.received('archived')) < count) {
    await collectGarbage();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  await box.holds(join('work', 'wardline'), []);
  assert.ok(most < 30 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MiB for a file of 36 MiB`);
});

test('a change of settings is taken up; what stays the same goes on', sleepless, async (t) => {
  const box = await open(t);
  const intake = await box.watch({ pattern: '*.hl7' });
  box.put('a.txt', adt('M1'));
  await intake.change([], [{ ...plain, path: box.path }]);
  await box.holds('done', ['a.txt']);
  await intake.change([], []);
  assert.deepEqual(intake.directories(), []);
  box.put('b.txt', adt('M2'));
  await intake.stop();
  assert.deepEqual(await controlIds(box), ['M1']);
});

test(
  'a name as long as names can be leaves room for the reason beside it, and holds nothing up',
  sleepless,
  async (t) => {
    const box = await open(t);
    // 255 bytes; the reason needs 12 more
    const name = `${'ü'.repeat(125)}x.hl7`;
    assert.equal(Buffer.byteLength(name), 255);
    await box.watch();
    const failed = (): string[] => box.names('failed');
    for (const count of [2, 4]) {
      box.put(name, 'no message');
      await box.here.reach(async () => failed().length, count);
      await box.here.reach(async () => box.names().filter((one) => one.endsWith('.hl7')).length, 0);
    }
    for (const one of failed().filter((found) => !found.endsWith('.reason.json'))) {
      assert.match(one, /^ü+(-2)?\.hl7$/u);
      assert.ok(failed().includes(`${one}.reason.json`));
      assert.ok(Buffer.byteLength(`${one}.reason.json`) <= 255);
    }
    box.put(name, adt('M1'));
    await box.holds('done', [name]);
    assert.deepEqual(await controlIds(box), ['M1']);
  },
);

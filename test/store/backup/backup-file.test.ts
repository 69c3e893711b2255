/** A backup file is read back as it was written, and whatever else is done to it is found. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Fault } from '../../../src/core/errors.js';
import { type BackupHeader, type BackupSecret, newSalt } from '../../../src/store/backup/backup-format.js';
import { BackupReader } from '../../../src/store/backup/backup-reader.js';
import { BackupWriter } from '../../../src/store/backup/backup-writer.js';
import { Random } from '../../support/random.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const secret: BackupSecret = { by: 'master-key', master: Buffer.alloc(32, 7) };

function header(): BackupHeader {
  return {
    ...{ format: 1, wardline: '1.0.0', createdAt: '2026-11-23T20:00:00.000Z', store: 'embedded', contents: 'all' },
    ...{ seal: { by: 'master-key', salt: newSalt() }, holdsMasterKey: false, masterKeyCheck: 'check' },
  };
}

/** Parts with their content in chunks. */
const parts: Readonly<Record<string, readonly string[]>> = {
  'archive/settle.db': ['one'.repeat(100), 'two', 'three'],
  'tenants/empty.db': [],
  'registry.db': ['four'.repeat(300)],
};

async function* chunks(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function written(t: TestContext, how: { header?: BackupHeader; parts?: typeof parts } = {}): Promise<string> {
  const file = join(temporaryFolder(t), 'a.backup');
  const writer = await BackupWriter.begin(file, how.header ?? header(), secret);
  for (const [name, texts] of Object.entries(how.parts ?? parts))
    await writer.part(name, chunks(texts), () => texts.length);
  assert.ok(!existsSync(file), 'nothing stands under the name before it is whole');
  await writer.finish({ rebuild: ['a'], mappingVersion: 3 });
  return file;
}

async function readAll(file: string, by = secret) {
  const reader = await BackupReader.open(file);
  try {
    const content: Record<string, string> = {};
    let name = '';
    const events = reader.read(by);
    for (;;) {
      const next = await events.next();
      if (next.done === true) return { content, manifest: next.value };
      if (next.value.kind === 'part') {
        name = next.value.name;
        content[name] = '';
      } else if (next.value.kind === 'data') content[name] += Buffer.from(next.value.bytes).toString();
    }
  } finally {
    await reader.close();
  }
}

async function isRefused(file: string, what: string): Promise<void> {
  await assert.rejects(readAll(file), (error) => {
    if (error instanceof Fault && ['backup-damaged', 'format-too-new'].includes(error.code)) return true;
    throw new Error(`${what}: ${error}`);
  });
}

/** Where each frame begins, and at last the length of the file. */
function frames(bytes: Buffer): number[] {
  let at = 52 + bytes.readUInt32BE(16);
  const found = [at];
  while (at < bytes.length) {
    at += 4 + (bytes.readUInt32BE(at) & 0x7fff_ffff);
    found.push(at);
  }
  return found;
}

test('what was written is read', async (t) => {
  const file = await written(t);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!existsSync(`${file}.part`));
  const { content, manifest } = await readAll(file);
  assert.deepEqual(content, Object.fromEntries(Object.entries(parts).map(([name, texts]) => [name, texts.join('')])));
  assert.deepEqual(
    [manifest.rebuild, manifest.mappingVersion, manifest.parts.map(({ rows }) => rows)],
    [['a'], 3, [3, 0, 1]],
  );
  const bytes = readFileSync(file);
  assert.ok(!bytes.includes('oneoneone') && !bytes.includes('settle'), 'nothing of it stands in the clear');
});

test('a changed bit anywhere is found', async (t) => {
  const file = await written(t);
  const bytes = readFileSync(file);
  const random = new Random(5);
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at] = (other[at] ?? 0) ^ (1 << random.below(8));
    writeFileSync(file, other);
    await isRefused(file, `byte ${at}`);
  }
});

test('a file cut off anywhere is found, and so is what follows its end', async (t) => {
  const file = await written(t);
  const bytes = readFileSync(file);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(file, bytes.subarray(0, length));
    await isRefused(file, `${length} bytes`);
  }
  for (const more of [Buffer.of(0), bytes.subarray(frames(bytes).at(-2)), bytes]) {
    writeFileSync(file, Buffer.concat([bytes, more]));
    await isRefused(file, `${more.length} more bytes`);
  }
});

test('frames that are left out, doubled or swapped are found, and those of another backup', async (t) => {
  const file = await written(t);
  const bytes = readFileSync(file);
  const starts = frames(bytes);
  const [first = 0] = starts;
  const pieces = starts.slice(0, -1).map((at, index) => bytes.subarray(at, starts[index + 1]));
  const otherBytes = readFileSync(await written(t));
  const otherStarts = frames(otherBytes);
  const build = (order: readonly Buffer[]): void =>
    writeFileSync(file, Buffer.concat([bytes.subarray(0, first), ...order]));
  for (let at = 0; at < pieces.length; at++) {
    build(pieces.toSpliced(at, 1));
    await isRefused(file, `without frame ${at}`);
    build(pieces.toSpliced(at, 0, pieces[at] ?? Buffer.alloc(0)));
    await isRefused(file, `frame ${at} twice`);
    build(pieces.with(at, otherBytes.subarray(otherStarts[at], otherStarts[at + 1])));
    await isRefused(file, `frame ${at} of another backup`);
    for (let with_ = at + 1; with_ < pieces.length; with_++) {
      build(pieces.with(at, pieces[with_] ?? Buffer.alloc(0)).with(with_, pieces[at] ?? Buffer.alloc(0)));
      await isRefused(file, `frames ${at} and ${with_} swapped`);
    }
  }
  build(pieces);
  await readAll(file);
});

test('another key does not open it, and a newer format is named', async (t) => {
  const file = await written(t);
  const reader = await BackupReader.open(file);
  const other: BackupSecret = { by: 'master-key', master: Buffer.alloc(32, 8) };
  await assert.rejects(reader.tryKey(other), { code: 'seal-broken' });
  await reader.tryKey(secret);
  await reader.close();
  const newer = await written(t, { header: { ...header(), format: 2, wardline: '9.1.0' } });
  await assert.rejects(readAll(newer), { code: 'format-too-new', message: /Wardline 9\.1\.0/ });
  const none = join(temporaryFolder(t), 'none');
  await assert.rejects(readAll(none), { code: 'not-found' });
  writeFileSync(none, 'something else altogether, long enough for a header');
  await assert.rejects(readAll(none), { code: 'backup-damaged', message: /no backup of Wardline/ });
});

test('a passphrase seals, in whichever form its letters are typed', async (t) => {
  const file = join(temporaryFolder(t), 'a.backup');
  const sealed = { ...header(), seal: { by: 'passphrase' as const, salt: newSalt() } };
  const writer = await BackupWriter.begin(file, sealed, { by: 'passphrase', passphrase: 'déjà vu, deux fois' });
  await writer.part('registry.db', chunks(['x']), () => 1);
  await writer.finish({ rebuild: [], mappingVersion: 1 });
  const { content } = await readAll(file, { by: 'passphrase', passphrase: 'de\u0301ja\u0300 vu, deux fois' });
  assert.deepEqual(content, { 'registry.db': 'x' });
  await assert.rejects(readAll(file, { by: 'passphrase', passphrase: 'deja vu, deux fois' }), {
    code: 'backup-damaged',
  });
});

test('a file that is there is never written over, and one that was given up leaves nothing', async (t) => {
  const file = await written(t);
  const before = readFileSync(file);
  await assert.rejects(BackupWriter.begin(file, header(), secret), { code: 'conflict' });
  assert.deepEqual(readFileSync(file), before);
  const other = join(temporaryFolder(t), 'other.backup');
  const writer = await BackupWriter.begin(other, header(), secret);
  await writer.abort();
  assert.ok(!existsSync(other) && !existsSync(`${other}.part`));
});

test('of two that are written under one name at a time none takes the other for its own', async (t) => {
  const file = join(temporaryFolder(t), 'a.backup');
  const first = await BackupWriter.begin(file, header(), secret);
  const second = await BackupWriter.begin(file, header(), secret);
  await first.part('registry.db', chunks(['first']), () => 1);
  await assert.rejects(first.finish({ rebuild: [], mappingVersion: 1 }), { code: 'conflict' });
  assert.ok(!existsSync(file));
  await second.part('registry.db', chunks(['second']), () => 1);
  await second.finish({ rebuild: [], mappingVersion: 1 });
  assert.deepEqual((await readAll(file)).content, { 'registry.db': 'second' });
});

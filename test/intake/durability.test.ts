import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hasProgram } from '../support/needs.js';
import { RawClient } from '../support/raw-client.js';
import { durableListener } from './durable-listener.js';
import { acknowledged, adt, frame, temporaryFolder } from './installation.js';
import { acknowledgedTooEarly, tracedCalls } from './system-calls.js';

const alone = Array.from({ length: 20 }, (_, n) => `A${n}`);
const together = Array.from({ length: 5 }, (_, client) => Array.from({ length: 20 }, (_, n) => `C${client}M${n}`));

interface Traced {
  /** Control ids that were acknowledged before they were on the disk. */
  readonly early: readonly string[];
  /** Syncs of archive files. */
  readonly syncs: number;
}

/** What a listener under strace did with messages that came alone, and with some that came together. */
async function traced(t: TestContext, durability: 'fsync' | 'none'): Promise<Traced> {
  const folder = temporaryFolder(t);
  const log = join(folder, 'calls.txt');
  const archive = join(folder, 'archive');
  const rows = join(archive, 'archive-');
  const calls = 'trace=read,recvfrom,recvmsg,readv,write,writev,sendto,sendmsg,fsync,fdatasync';
  const child = spawn(
    'strace',
    [
      '-f',
      '-yy',
      '-s',
      '65536',
      '-e',
      calls,
      '-e',
      'signal=none',
      '-o',
      log,
      process.execPath,
      durableListener,
      archive,
      durability,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  const one = await RawClient.connect(port);
  for (const [n, id] of alone.entries()) {
    one.write(message(id));
    await one.replies(n + 1);
  }
  const many = await Promise.all(together.map(() => RawClient.connect(port)));
  many.forEach((client, n) => {
    for (const id of together[n] ?? []) client.write(message(id));
  });
  const replies = await Promise.all(many.map((client) => client.replies(20)));
  assert.deepEqual(
    replies.map((frames) => frames.flatMap(acknowledged)),
    together.map((ids) => ids.map((id) => `AA ${id}`)),
  );
  for (const client of [one, ...many]) client.close();
  const exited = once(child, 'exit');
  child.stdin.end();
  assert.deepEqual(await exited, [0, null]);
  const found = tracedCalls(readFileSync(log, 'latin1'));
  return {
    early: acknowledgedTooEarly(
      found,
      [...alone, ...together.flat()],
      rows,
      (id) => `|end of ${id}\\r\\34\\r`,
      (id) => `MSA|AA|${id}\\r`,
    ),
    syncs: found.filter((call) => call.kind === 'sync-done' && call.file.startsWith(rows)).length,
  };
}

function message(id: string): Buffer {
  return frame(`${adt(id)}NTE|1||end of ${id}\r`);
}

test('between the last byte of a frame and its acknowledgement the archive file is synced, once for those that come together', async (t) => {
  if (!hasProgram(t, 'strace', '-V')) return;
  const { early, syncs } = await traced(t, 'fsync');
  assert.deepEqual(early, []);
  assert.ok(syncs >= alone.length && syncs < alone.length + together.flat().length / 2, `${syncs} syncs`);
});

test('with durability switched off the same test finds every acknowledgement too early', async (t) => {
  if (!hasProgram(t, 'strace', '-V')) return;
  assert.deepEqual((await traced(t, 'none')).early, [...alone, ...together.flat()]);
});

const synced = [
  '11 read(20<TCP:[x]>, "\\v…end of M1\\r\\34\\r", 65536) = 90',
  '12 fdatasync(9</data/archive/2026-11.db-wal> <unfinished ...>',
  '11 read(20<TCP:[x]>, "\\v…end of M2\\r\\34\\r", 65536) = 90',
  '12 <... fdatasync resumed>) = 0',
  '11 write(20<TCP:[x]>, "\\v…MSA|AA|M1\\r\\34\\r", 80 <unfinished ...>',
  '11 <... write resumed>) = 80',
  '11 write(20<TCP:[x]>, "\\v…MSA|AA|M2\\r\\34\\r", 80) = 80',
];

test('a sync that began before the last byte came counts for nothing, nor does one of another file or one that failed', () => {
  const of = (log: readonly string[], folder: string) =>
    acknowledgedTooEarly(
      tracedCalls(log.join('\n')),
      ['M1', 'M2'],
      folder,
      (id) => `end of ${id}\\r`,
      (id) => `MSA|AA|${id}\\r`,
    );
  assert.deepEqual(of(synced, '/data/archive'), ['M2']);
  assert.deepEqual(of(synced, '/data/other'), ['M1', 'M2']);
  assert.deepEqual(
    of(
      synced.map((line) => line.replace('fdatasync resumed>) = 0', 'fdatasync resumed>) = -1 EIO')),
      '/data',
    ),
    ['M1', 'M2'],
  );
});

/** A restart over a large backlog: the system is there in seconds, its memory does not grow with what waits. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { archiveKeys } from '../../src/app/archive-keys.js';
import { adminClient } from '../../src/cli/admin-client.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { startProgram } from '../cli/run-program.js';
import { MllpSession } from '../support/mllp-session.js';
import { north, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const backlog = 100_000;
/** Applied before the memory is compared: as many in either start. */
const looked = 5_000;
/** Long enough that the payloads of a backlog that is held would show. */
const remark = 'Waits for transport. '.repeat(100);

function admission(number: number): string {
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080000||ADT^A01|C${number}|P|2.5.1`,
    `PID|1||P${number % 1000}^^^NORTH^MR||Family^Given||19800101|F`,
    `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number % 1000}^^^NORTH^VN`,
    `NTE|1||${number} ${remark}`,
    '',
  ].join('\r');
}

/** Archives messages as a run would that ended before it could apply any. */
async function leaveBacklog(dataFolder: string, size: number): Promise<void> {
  const registry = openEmbeddedRegistry(join(dataFolder, 'registry.db'));
  const master = await openMasterKey(registry, { folder: dataFolder });
  const keys = archiveKeys(master);
  keys.update(await registry.snapshot());
  const run = await registry.openRun(Date.now());
  const archive = openEmbeddedArchive(join(dataFolder, 'archive'), { run, keyOf: keys.keyOf, durability: 'none' });
  for (let done = 0; done < size; done += 2000) {
    const numbers = Array.from({ length: 2000 }, (_, at) => done + at);
    await archive.append(
      numbers.map((number) => ({
        tenant: north,
        kind: 'message',
        arrival: Date.now(),
        listener: 'north',
        peer: '127.0.0.1',
        sender: 'HIS|NORTH',
        type: 'ADT^A01',
        sentAt: '20260301080000',
        controlId: `C${number}`,
        partition: number % 32,
        flags: [],
        payload: Buffer.from(admission(number)),
      })),
    );
  }
  await archive.close();
  await registry.close();
}

async function start(t: TestContext, file: string) {
  const program = startProgram(t, ['start', '--config', file]);
  const began = performance.now();
  const text = await program.printed(/\n$/);
  return { program, text, seconds: (performance.now() - began) / 1000 };
}

async function residentMegabytes(admin: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1e6;
}

/** The most memory that a program takes while the first messages of its backlog are applied. */
async function mostMemory(url: string, dataFolder: string): Promise<number> {
  const { call } = adminClient(dataFolder);
  let most = 0;
  for (let applied = 0; applied < looked; ) {
    const { messages } = await call<{ messages: Record<string, number> }>('GET', '/status');
    applied = messages['applied'] ?? 0;
    most = Math.max(most, await residentMegabytes(url));
  }
  return most;
}

test('100,000 unsettled messages at a start', { timeout: 300_000 }, async (t) => {
  const few = { folder: temporaryFolder(t), waiting: backlog / 10 };
  const many = { folder: temporaryFolder(t), waiting: backlog };
  const [less, more] = [await startOver(t, few), await startOver(t, many)];
  t.diagnostic(
    `start ${more.seconds.toFixed(1)} s against ${less.empty.toFixed(1)} s empty; first acknowledgement after ` +
      `${more.acknowledged.toFixed(0)} ms; memory ${more.memory.toFixed(0)} MB against ${less.memory.toFixed(0)} MB with a tenth waiting`,
  );
  assert.ok(more.seconds < less.empty + 5, `started in ${more.seconds} s, empty in ${less.empty} s`);
  assert.ok(more.memory < less.memory + 150, `${more.memory} MB resident, ${less.memory} MB with a tenth waiting`);
});

async function startOver(t: TestContext, { folder, waiting }: { readonly folder: string; readonly waiting: number }) {
  const { file } = writeConfiguration(folder);
  const dataFolder = join(folder, 'data');
  const empty = await start(t, file);
  assert.equal(await empty.program.stop(), 0);
  await leaveBacklog(dataFolder, waiting);

  const { program, text, seconds } = await start(t, file);
  const url = `http://${/admin (\S+)/.exec(text)?.[1]}`;
  assert.equal((await fetch(`${url}/ready`)).status, 200);
  const session = await MllpSession.open(Number(/^MLLP 127\.0\.0\.1:(\d+)/.exec(text)?.[1]));
  const asked = performance.now();
  assert.match(await session.send(admission(waiting)), /MSA.AA/);
  const acknowledged = performance.now() - asked;
  const memory = await mostMemory(url, dataFolder);
  session.close();
  assert.equal(await program.stop(), 0);
  return { empty: empty.seconds, seconds, acknowledged, memory };
}

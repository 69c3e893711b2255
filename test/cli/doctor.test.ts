import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { checkCertificates } from '../../src/cli/doctor/check-certificates.js';
import { checkClock } from '../../src/cli/doctor/check-clock.js';
import { judgeStatus, type RunningStatus } from '../../src/cli/doctor/check-running.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import type { ProcessStatus } from '../../src/cli/process-lines.js';
import { type Config, loadConfig } from '../../src/core/config.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openDataFolder } from '../../src/store/embedded/data-folder.js';
import { putMarker } from '../../src/store/embedded/moved-marker.js';
import { openDatabase } from '../../src/store/embedded/open-database.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { openAdmin } from '../admin/open-admin.js';
import { entry } from '../conformance/archive-suite.js';
import { certificatePath } from '../support/certificates.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runProgram } from './run-program.js';

const tenant = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';
const day = 86_400_000;

/** A configuration on free ports with a data folder of its own, and what is laid over it as YAML. */
function configure(t: TestContext, more = ''): { readonly file: string; readonly data: string } {
  const folder = temporaryFolder(t);
  const file = join(folder, 'wardline.yaml');
  const ports = /^(http|admin|listeners):/m.test(more) ? '' : 'http: { port: 0 }\nadmin: { port: 0 }\n';
  writeFileSync(
    file,
    `dataFolder: data\ntenants: [{ id: ${tenant}, name: North, zone: Europe/Berlin }]\n${ports}${more}`,
  );
  return { file, data: join(folder, 'data') };
}

/** The stores of an installation that has run, with one message. */
async function install(data: string): Promise<void> {
  const folder = openDataFolder(data);
  const registry = openEmbeddedRegistry(folder.file('registry.db'));
  await openMasterKey(registry, { folder: data });
  await registry.close();
  const archive = openEmbeddedArchive(folder.file('archive'), { run: 1, keyOf: () => Buffer.alloc(32, 1) });
  await archive.append([entry()]);
  await archive.close();
  folder.release();
  chmodSync(data, 0o700);
}

async function doctor(file: string, ...more: string[]) {
  const { code, stdout, stderr } = await runProgram(['doctor', '--config', file, '--json', ...more]);
  assert.equal(stderr, '');
  const { problems, findings } = JSON.parse(stdout) as { problems: number; findings: Finding[] };
  assert.equal(code, problems === 0 ? 0 : 1);
  for (const { state, todo } of findings) assert.equal(state !== 'ok', todo !== undefined);
  return findings.filter(({ state }) => state !== 'ok').map(({ area, state, detail }) => `${state} ${area}: ${detail}`);
}

describe('wardline doctor', () => {
  it('finds nothing before the first start, and makes nothing', async (t) => {
    const { file, data } = configure(t);
    assert.deepEqual(await doctor(file), []);
    assert.equal(existsSync(data), false);
  });

  it('finds nothing wrong with what works, and changes nothing', async (t) => {
    const { file, data } = configure(t);
    await install(data);
    const before = readdirSync(data, { recursive: true }).sort();
    assert.deepEqual(await doctor(file), []);
    assert.match(
      (await runProgram(['doctor', '--config', file])).stdout,
      /\nok {7}queue {11}1 message waits for the next/,
    );
    assert.deepEqual(
      readdirSync(data, { recursive: true })
        .filter((name) => !/-(wal|shm)$/.test(String(name)))
        .sort(),
      before.filter((name) => !/-(wal|shm)$/.test(String(name))),
    );
  });

  it('prints a line for each thing, with what to do', async (t) => {
    const { file, data } = configure(t);
    await install(data);
    chmodSync(data, 0o755);
    const { code, stdout } = await runProgram(['doctor', '--config', file]);
    assert.equal(code, 0);
    assert.match(stdout, /^ok {7}node {12}\d+\.\d+/);
    assert.match(stdout, /\nwarning {2}data folder {5}others may look into \S+ \(mode 755\)\n +→ chmod 700 \S+\n/);
    assert.match(stdout, /\n0 problems, 1 warning\n$/);
  });

  it('looks at watched directories, and at what failed in them', async (t) => {
    const { file, data } = configure(
      t,
      `directories: [{ name: files, path: inbox, tenant: ${tenant} }, { name: gone, path: none, tenant: ${tenant} }]\n`,
    );
    mkdirSync(join(data, '..', 'inbox', 'failed'), { recursive: true });
    const missing = (found: readonly string[]) => found.filter((line) => line.includes('directories'));
    assert.match(
      missing(await doctor(file)).join('\n'),
      /^problem directories: gone: \S+none cannot be used \(ENOENT\)$/,
    );
    writeFileSync(join(data, '..', 'inbox', 'failed', 'a.hl7.reason.json'), '{}');
    assert.match(missing(await doctor(file)).join('\n'), /^warning directories: files: a file in failed\nproblem/);
  });

  it('says what is wrong with the configuration, and no more', async (t) => {
    const { file } = configure(t, 'minFreeDiks: 1GiB\n');
    const [found, ...others] = await doctor(file);
    assert.match(found ?? '', /^problem configuration: [\s\S]*minFreeDiks/);
    assert.deepEqual(others, []);
  });

  const stores: readonly (readonly [string, (data: string) => void, RegExp])[] = [
    [
      'a damaged file',
      (data) => {
        const file = join(data, 'registry.db');
        writeFileSync(file, readFileSync(file).fill(0x55, 100, 3000));
      },
      /^problem stores: registry\.db is damaged$/,
    ],
    [
      'a file of a newer version',
      (data) => {
        const db = openDatabase(join(data, 'archive/settle.db'), { kind: 'settle', format: 1, schema: '' });
        db.run('UPDATE format SET version = 9');
        db.close();
      },
      /^problem stores: archive.settle\.db: .* format 9 .* up to 1/,
    ],
    [
      'another master key',
      (data) => writeFileSync(join(data, 'master.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`),
      /^problem master key: the master key from .* is not the one/,
    ],
    [
      'an installation that was moved away',
      (data) => putMarker(data, { state: 'moved', to: 'mongodb://db/wardline', at: Date.UTC(2026, 10, 1) }),
      /^problem stores: the installation in .* was moved to mongodb:..db.wardline on 2026-11-01 00:00 UTC$/,
    ],
    ['a master key for all to read', (data) => chmodSync(join(data, 'master.key'), 0o644), /can be read by others/],
  ];
  for (const [what, spoil, expected] of stores) {
    it(`finds ${what}`, async (t) => {
      const { file, data } = configure(t);
      await install(data);
      spoil(data);
      const found = await doctor(file);
      assert.ok(
        found.some((each) => expected.test(each)),
        found.join('\n'),
      );
    });
  }

  it('finds a folder that a process holds without answering', async (t) => {
    const { file, data } = configure(t);
    await install(data);
    const held = openDataFolder(data);
    t.after(() => held.release());
    assert.match(
      (await doctor(file)).join('\n'),
      new RegExp(`^problem stores: .* is in use by process ${process.pid}`),
    );
  });

  it('finds a port in use, too little disk, and mappings that do not hold together', async (t) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { file } = configure(
      t,
      `http: { port: ${port} }\nadmin: { port: 0 }\nminFreeDisk: 900000GiB\nmappings: rules\n`,
    );
    const rules = join(file, '../rules');
    mkdirSync(rules);
    writeFileSync(join(rules, 'x.yaml'), 'message: [\n');
    const found = await doctor(file);
    assert.deepEqual(
      found.map((each) => each.replace(/:.*/s, '')),
      ['problem disk', 'problem ports', 'problem mappings'],
    );
    assert.match(found[1] ?? '', new RegExp(`http: 127\\.0\\.0\\.1:${port} cannot be listened on \\(EADDRINUSE\\)`));
  });

  it('asks a running system and leaves its files alone', async (t) => {
    const { folder, archive } = await openAdmin(t);
    await archive.append([entry()]);
    const { code, stdout } = await runProgram(['doctor', '--data', folder]);
    assert.match(stdout, /\nok {7}system {10}runs and is ready, version 0\.0\.0/);
    assert.match(stdout, /\nwarning {2}queue {11}0 in the queue, the oldest message waits for \d+ days/);
    assert.match(stdout, /\nproblem {2}system {10}messages of tenant \S+ wait since 1970-.*: no space left\n/);
    assert.match(stdout, /\nwarning {2}system {10}changed mapping files are not live: mappings\/pid\.yaml:3:5/);
    assert.doesNotMatch(stdout, / ports | master key /);
    assert.equal(code, 1);
  });
});

describe('certificates', () => {
  const now = Date.now();
  const check = (t: TestContext, cert: string, key: string, at = now): string[] => {
    const tls = `{ cert: ${certificatePath(cert)}, key: ${certificatePath(key)} }`;
    const listeners = `listeners: [{ name: adt, port: 0, tenant: ${tenant}, tls: ${tls} }]\n`;
    const config: Config = loadConfig({ file: configure(t, listeners).file, env: {} });
    return checkCertificates(config, at)
      .filter(({ detail }) => !detail.includes('read by others'))
      .map(({ state, detail }) => `${state} ${detail.replaceAll(/\S*\//g, '')}`);
  };

  it('are valid for so many days, and warn before they expire', (t) => {
    const [valid] = check(t, 'server.pem', 'server-key.pem');
    const days = Number(/^ok listener adt: server\.pem is valid for (\d+) days$/.exec(valid ?? '')?.[1]);
    assert.ok(days > 30);
    assert.match(
      check(t, 'server.pem', 'server-key.pem', now + (days - 10) * day)[0] ?? '',
      /^warning .* for (10|11) days$/,
    );
    assert.match(
      check(t, 'server.pem', 'server-key.pem', now + (days + 3) * day)[0] ?? '',
      /^problem .* expired \d days ago$/,
    );
    assert.match(check(t, 'server.pem', 'server-key.pem', 0)[0] ?? '', /^problem .* is not valid yet$/);
  });

  it('have their own key, and are there', (t) => {
    assert.equal(
      check(t, 'server.pem', 'stranger-key.pem')[1],
      'problem listener adt: stranger-key.pem is not the key of server.pem',
    );
    assert.equal(check(t, 'server.pem', 'ca.pem')[1], 'problem listener adt: ca.pem holds no private key');
    assert.equal(check(t, 'README.md', 'server-key.pem')[0], 'problem listener adt: README.md holds no certificate');
    assert.match(check(t, 'none.pem', 'server-key.pem')[0] ?? '', /cannot be read \(ENOENT\)$/);
  });
});

describe('clock', () => {
  it('is not behind what was written', (t) => {
    const { file, data } = configure(t);
    const config = loadConfig({ file, env: {} });
    const now = Date.UTC(2026, 5, 1);
    mkdirSync(data);
    writeFileSync(join(data, 'a'), '');
    utimesSync(join(data, 'a'), now / 1000, now / 1000);
    utimesSync(data, now / 1000, now / 1000);
    const states = (at: number) => checkClock(config, at).map(({ state, detail }) => `${state} ${detail}`);
    assert.deepEqual(
      states(now).map((each) => each.slice(0, 2)),
      ['ok', 'ok'],
    );
    assert.equal(states(now - 2 * 3_600_000)[0], 'problem the clock is 2 h behind the newest file of the data folder');
    assert.match(states(Date.UTC(2001, 1, 1))[0] ?? '', /^problem it is 2001-/);
  });
});

describe('a running system', () => {
  const now = Date.UTC(2026, 5, 1);
  const process: ProcessStatus = {
    ...{ role: 'intake', host: 'north-1', pid: 17, version: '1.0.0', ready: true, silentFor: 0 },
    startedAt: new Date(now).toISOString(),
  };
  const status: RunningStatus = {
    version: '1.0.0',
    ready: true,
    startedAt: new Date(now - 3 * day).toISOString(),
    listeners: [{ name: 'adt', host: '127.0.0.1', port: 2575 }],
    processes: [],
    threads: [{ name: 'transform', running: true, ended: 0 }],
    queueDepth: 0,
    oldestUnsettled: null,
    messages: { applied: 5 },
  };
  const cases: readonly (readonly [Partial<RunningStatus>, readonly string[]])[] = [
    [{}, []],
    [{ ready: false }, ['problem system not ready: it is starting or stopping']],
    [
      { ready: false, threads: [{ name: 'transform', running: false, ended: 1 }] },
      ['problem system not ready: transform is being started anew'],
    ],
    [
      { threads: [{ name: 'transform', running: true, ended: 2 }] },
      ['warning system the transform thread ended by itself 2 times since the start'],
    ],
    [
      {
        processes: [
          { ...process, role: 'all' },
          { ...process, silentFor: 45_000 },
        ],
      },
      ['problem system the intake process 17 on north-1 has said nothing for 45 s'],
    ],
    [
      { processes: [process, { ...process, version: '0.9.0' }] },
      ['warning system the intake process 17 on north-1 runs version 0.9.0, this program is 1.0.0'],
    ],
    [{ version: '0.9.0' }, ['warning system version 0.9.0 runs, this program is 1.0.0']],
    [
      { queueDepth: 9, oldestUnsettled: new Date(now - 3_600_000).toISOString() },
      ['warning queue 9 in the queue, the oldest message waits for 60 min'],
    ],
    [{ oldestUnsettled: new Date(now + 3_600_000).toISOString() }, ['problem clock a message arrived in the future']],
    [
      { messages: { parked: 2, unmapped: 1, rejected: 3 } },
      ['warning messages 2 parked', 'warning messages 1 unmapped', 'warning messages 3 rejected, 0 truncated'],
    ],
    [{ messages: null }, []],
    [
      { waiting: [{ tenant: 'north', since: '2026-05-31', reason: 'the disk is full' }] },
      ['problem system messages of tenant north wait since 2026-05-31: the disk is full'],
    ],
    [{ freeBytes: 5 }, []],
    [{ freeBytes: null }, ['warning system the store does not tell how much disk is free']],
    [{ mappingProblems: ['a.yaml:1:1 no'] }, ['warning system changed mapping files are not live: a.yaml:1:1 no']],
  ];
  for (const [over, expected] of cases) {
    it(JSON.stringify(over), () => {
      const found = judgeStatus({ ...status, ...over }, '1.0.0', now).filter(({ state }) => state !== 'ok');
      assert.deepEqual(
        found.map(({ area, state, detail }) => `${state} ${area} ${detail}`),
        expected,
      );
    });
  }
});

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { type LiveStatus, quantile, viewOf } from '../../src/cli/top/live-view.js';
import { render } from '../../src/cli/top/render.js';
import { showScreen } from '../../src/cli/top/screen.js';
import { openAdmin } from '../admin/open-admin.js';
import { entry, outcome } from '../conformance/archive-suite.js';
import { runProgram } from './run-program.js';

const start = Date.UTC(2026, 5, 1);
const iso = (seconds: number): string => new Date(start + seconds * 1000).toISOString();
const timing = (...counts: number[]) => ({
  buckets: counts.map((count, index) => ({ atMost: [0.001, 0.01, 0.1][index] ?? 1, count })),
  count: counts.at(-1) ?? 0,
  sum: 1,
});

const busy: LiveStatus = {
  at: iso(100),
  version: '1.2.3',
  startedAt: iso(0),
  ready: true,
  processes: [],
  threads: [{ name: 'transform', running: true, ended: 0 }],
  waiting: [],
  queueDepth: 400,
  freeBytes: 5 * 1024 ** 3,
  oldestUnsettled: iso(70),
  messages: { applied: 1000, parked: 2, unsettled: 400 },
  listeners: [{ name: 'adt', host: '127.0.0.1', port: 2575, connections: 3 }],
  directories: [],
  figures: {
    received: [
      { listener: 'adt', outcome: 'archived', count: 1400 },
      { listener: 'adt', outcome: 'repeat', count: 90 },
    ],
    acknowledged: [
      { listener: 'adt', code: 'AA', count: 1490 },
      { listener: 'adt', code: 'AR', count: 4 },
    ],
    acknowledgement: { adt: timing(0, 1400, 1494) },
    settled: { applied: 1000, parked: 2 },
  },
  lag: { partitions: 7, tenants: [{ id: 'n', name: 'North', waiting: 400, oldest: iso(70) }] },
  errors: [{ at: iso(95), level: 'warn', text: 'a control id was used again', about: 'adt' }],
  failures: [{ sequence: '1-9', arrival: iso(40), listener: 'adt', reason: 'message-without-patient' }],
};

/** Two seconds later: 20 more came, 120 were settled. */
const later: LiveStatus = {
  ...busy,
  at: iso(102),
  messages: { applied: 1120, parked: 2, unsettled: 300 },
  figures: {
    received: [{ listener: 'adt', outcome: 'archived', count: 1420 }],
    acknowledged: [
      { listener: 'adt', code: 'AA', count: 1510 },
      { listener: 'adt', code: 'AR', count: 4 },
    ],
    acknowledgement: { adt: timing(20, 1420, 1514) },
    settled: { applied: 1120, parked: 2 },
  },
};

describe('view of a running system', () => {
  it('has rates, ages and time left from two looks', () => {
    const view = viewOf(later, busy);
    assert.deepEqual([view.arriving, view.settling, view.backlog, view.oldest, view.timeLeft], [10, 60, 300, 32, 6]);
    assert.deepEqual(view.listeners, [
      {
        name: 'adt',
        address: '127.0.0.1:2575',
        connections: 3,
        arriving: 10,
        acknowledged: 10,
        refused: 4,
        median: 0.0005,
        slowest: 0.00099,
      },
    ]);
    assert.deepEqual(view.tenants, [{ name: 'North', waiting: 400, oldest: 32 }]);
    assert.deepEqual(view.failures[0]?.age, 62);
  });

  it('has no rates from one look, nor across a restart', () => {
    for (const before of [undefined, { ...busy, startedAt: iso(-5) }]) {
      const view = viewOf(later, before);
      assert.deepEqual([view.arriving, view.settling, view.timeLeft], [null, null, null]);
    }
    assert.equal(viewOf(busy, later).arriving, null);
  });

  it('says that a backlog does not get shorter', () => {
    const growing = { ...later, messages: { applied: 1120, unsettled: 500 } };
    assert.equal(viewOf(growing, busy).timeLeft, null);
  });

  it('knows what it can while a thread is started anew', () => {
    const lost = { ...busy, messages: null, queueDepth: null, lag: null, failures: null, ready: false };
    const view = viewOf({ ...lost, threads: [{ name: 'transform', running: false, ended: 1 }] }, busy);
    assert.deepEqual([view.backlog, view.tenants, view.failures], [null, [], []]);
    assert.deepEqual(view.troubles, ['thread transform is being started anew']);
  });

  it('shows a listener of several processes as one, and which process is amiss', () => {
    const one = { role: 'transform', host: 'north-1', pid: 7, version: '1.2.3', startedAt: iso(0), ready: true };
    const view = viewOf({
      ...busy,
      listeners: [...busy.listeners, { name: 'adt', host: '127.0.0.1', port: 2576, connections: 2 }],
      processes: [
        { ...one, silentFor: 0 },
        { ...one, role: 'intake', pid: 8, ready: false, silentFor: 900 },
        { ...one, role: 'facade', pid: 9, silentFor: 60_000 },
      ],
    });
    assert.deepEqual(
      view.listeners.map(({ name, address, connections }) => [name, address, connections]),
      [['adt', '127.0.0.1:2575 × 2', 5]],
    );
    assert.deepEqual(view.troubles, [
      'the intake process 8 on north-1 is not ready',
      'the facade process 9 on north-1 has said nothing for 60 s',
    ]);
  });

  const quantiles: readonly (readonly [number[], number, number])[] = [
    [[10, 10, 10], 0.5, 0.0005],
    [[0, 10, 10], 0.5, 0.0055],
    [[5, 10, 10], 0.5, 0.001],
    [[0, 0, 10], 0.99, 0.0991],
    [[0, 0, 0], 0.5, 0],
  ];
  for (const [counts, share, expected] of quantiles) {
    it(`puts ${share} of ${counts.join(', ')} at ${expected} s`, () =>
      assert.ok(Math.abs(quantile(timing(...counts), share) - expected) < 1e-9));
  }
  it('gives the last bound for what lies beyond', () => {
    assert.equal(quantile({ buckets: [{ atMost: 0.1, count: 1 }], count: 9, sum: 9 }, 0.5), 0.1);
  });
});

describe('screen', () => {
  const lines = (columns: number, rows = 40) => render(viewOf(later, busy), columns, rows).map(({ text }) => text);

  it('shows the system, its listeners, who waits and what was parked', () => {
    assert.deepEqual(lines(120), [
      'Wardline 1.2.3  ready  up 102 s  2026-06-01 00:01:42 UTC',
      'in 10.0/s  out 60.0/s  waiting 300  oldest 32 s  in 7 partitions  done in 6 s',
      'applied 1120  parked 2  unsettled 300  disk 5.0 GiB free',
      '',
      'LISTENER  ADDRESS         CONN  IN/S  ACK/S  REFUSED  ACK P50  ACK P99',
      'adt       127.0.0.1:2575  3     10.0  10.0   4        0.5 ms   1.0 ms',
      '',
      'TENANT  WAITING  OLDEST',
      'North   400      32 s',
      '',
      'PARKED  ARRIVED   LISTENER  REASON',
      '1-9     62 s ago  adt       message-without-patient',
      '',
      'LOGGED   LEVEL  ABOUT  TEXT',
      '7 s ago  warn   adt    a control id was used again',
    ]);
  });

  it('shows watched directories, and which of them cannot be used', () => {
    const files = { name: 'files', path: '/srv/inbox', waiting: 7, trouble: 'EACCES' };
    const view = viewOf({ ...later, directories: [files] }, busy);
    const shown = render(view, 120, 40).map(({ text }) => text);
    const at = shown.indexOf('DIRECTORY  PATH        FILES  IN/S');
    assert.equal(shown[at + 1], 'files      /srv/inbox  7      0.0');
    assert.ok(shown.some((line) => line.includes('directory files cannot be used (EACCES)')));
  });

  it('fits any terminal', () => {
    for (let columns = 1; columns <= 100; columns += 1) {
      for (const rows of [1, 2, 5, 12, 13]) {
        const shown = lines(columns, rows);
        assert.ok(shown.length <= rows, `${rows} rows`);
        assert.ok(
          shown.every((line) => line.length <= columns),
          `${columns} columns`,
        );
      }
    }
    assert.equal(lines(100, 5).at(-1), '… 11 more lines');
  });

  it('says loudly what is not as it should be', () => {
    const shown = render(viewOf({ ...busy, ready: false, waiting: [{ tenant: 'n', reason: 'full' }] }), 100, 20);
    assert.deepEqual(
      shown.filter(({ style }) => style === 'alarm').map(({ text }) => text.slice(0, 31)),
      ['Wardline 1.2.3  NOT READY  up 1', 'messages of tenant n wait: full'],
    );
  });

  it('passes on nothing that moves the cursor', () => {
    const [failure] = busy.failures ?? [];
    assert.ok(failure);
    const shown = render(viewOf({ ...busy, failures: [{ ...failure, reason: 'a\x1b[2Jb' }] }), 100, 20);
    assert.ok(shown.every(({ text }) => !text.includes('\x1b')));
  });

  it('draws over itself in one write, follows the size, ends with q and leaves the terminal as it was', async () => {
    const written: string[] = [];
    const drawn = new EventEmitter();
    const terminal = Object.assign(new EventEmitter(), {
      columns: 90,
      rows: 12,
      write: (text: string) => {
        written.push(text);
        drawn.emit('write');
      },
    });
    const raw: boolean[] = [];
    const keyboard = Object.assign(new EventEmitter(), {
      setRawMode: (on: boolean) => raw.push(on),
      resume: () => {},
      pause: () => {},
    });
    let looks = 0;
    const read = async (): Promise<LiveStatus> => {
      looks += 1;
      if (looks === 3) throw new Error('gone');
      return looks === 1 ? busy : { ...later, at: iso(100 + looks) };
    };
    const until = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(written.at(-1) ?? '')) await EventEmitter.once(drawn, 'write');
    };
    const shown = showScreen({ read, terminal, keyboard, interval: 1 });
    await until(/out 60\.0\/s|waiting 300/);
    await until(/not reachable: gone/);
    await until(/^(?!.*not reachable)/s);
    terminal.columns = 30;
    terminal.emit('resize');
    assert.ok((written.at(-1) ?? '').split('\r\n').every((line) => !line.includes('LISTENER  ADDRESS         CONN')));
    keyboard.emit('data', Buffer.from('x'));
    keyboard.emit('data', Buffer.from('q'));
    await shown;
    assert.equal(written[0], '\x1b[?1049h\x1b[?25l');
    assert.equal(written.at(-1), '\x1b[?25h\x1b[?1049l');
    assert.ok(written.slice(1, -1).every((frame) => frame.startsWith('\x1b[H') && frame.endsWith('\x1b[J')));
    assert.deepEqual(raw, [true, false]);
    assert.deepEqual([terminal.listenerCount('resize'), keyboard.listenerCount('data')], [0, 0]);
  });
});

describe('wardline top', () => {
  it('prints one look where the output is no terminal, and JSON', async (t) => {
    const { folder, archive } = await openAdmin(t);
    const env = { WARDLINE_DATA: folder };
    const [row] = await archive.append([entry(), entry()]);
    assert.ok(row);
    await archive.settle([outcome(row, { state: 'parked', reason: 'message-without-patient' })]);
    const { code, stdout } = await runProgram(['top', '--interval', '0.1'], { env });
    assert.equal(code, 0);
    assert.match(stdout, /^Wardline 0\.0\.0 {2}ready {2}up \d+ days {2}/);
    assert.match(
      stdout,
      /\nin 0\.0\/s {2}out 0\.0\/s {2}waiting 1 {2}oldest \d+ days {2}in 1 partitions {2}not getting shorter\n/,
    );
    assert.match(stdout, /\nadt +127\.0\.0\.1:2575 +1 +0\.0 +0\.0 +0 +– +–\n/);
    assert.match(
      stdout,
      /\nPARKED +ARRIVED +LISTENER +REASON\n\d+-1 +\d+ days ago +adt +message-without-patient\n\nLOGGED .*\n\d+ days ago +error +transform +a thread has ended\n$/,
    );
    const json = JSON.parse((await runProgram(['top', '--json', '--interval', '0.1'], { env })).stdout);
    assert.deepEqual([json.backlog, json.failures.length, json.messages.parked], [1, 1, 1]);
  });

  it('ends with 3 where no system runs', async () => {
    assert.equal((await runProgram(['top', '--data', '/nowhere'])).code, 3);
  });
});

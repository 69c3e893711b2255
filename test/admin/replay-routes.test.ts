import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import type { Json } from '../../src/core/json.js';
import { runProgram } from '../cli/run-program.js';
import { north, openAdmin } from './open-admin.js';

async function open(t: TestContext) {
  const admin = await openAdmin(t);
  const client = adminClient(admin.folder);
  return { admin, call: (method: 'GET' | 'POST', path: string, body?: Json) => client.call(method, path, body) };
}

const accepted: readonly [string, Json, unknown][] = [
  [
    'messages',
    { messages: ['1-2', '1-3'] },
    {
      kind: 'messages',
      messages: [
        { run: 1, number: 2 },
        { run: 1, number: 3 },
      ],
    },
  ],
  ['a state', { states: ['unmapped'] }, { kind: 'filter', filter: { states: ['unmapped'] } }],
  [
    'a time',
    { from: '2026-03-01T00:00:00Z', to: '2026-03-01T00:00:01+00:00' },
    { kind: 'filter', filter: { from: 1772323200000, to: 1772323201000 } },
  ],
  ['a tenant', { all: true, tenant: north }, { kind: 'tenant', tenant: north }],
  ['the only tenant', { all: true }, { kind: 'tenant', tenant: north }],
  ['a patient of the only tenant', { patient: 'N|1' }, { kind: 'filter', patient: 'N|1', filter: { tenant: north } }],
];

const refused: readonly [string, Json, RegExp][] = [
  ['nothing', {}, /name messages, or all, or at least one of/],
  ['a tenant alone', { tenant: north }, /name messages, or all/],
  ['messages and all', { messages: ['1-2'], all: true }, /name messages, or all/],
  ['messages of a tenant', { messages: ['1-2'], tenant: north }, /messages are named without one/],
  ['all and a state', { all: true, states: ['parked'] }, /name messages, or all/],
  ['a state that is none', { states: ['lost'] }, /states\.0/],
  ['a name that is none', { messages: ['42'] }, /run-number/],
  ['a time that is none', { from: 'yesterday' }, /from/],
  ['a word too much', { states: ['parked'], force: true }, /force/],
];

describe('replays by the admin API', () => {
  it('are started for what is asked, audited', async (t) => {
    const { admin, call } = await open(t);
    await runProgram(['tenant', 'create', 'North', '--id', north], { env: { WARDLINE_DATA: admin.folder } });
    for (const [what, body, request] of accepted) {
      const answer = (await call('POST', '/replays', body)) as { id: string };
      const started = admin.replays.at(-1);
      assert.deepEqual([started?.job.id, started?.request], [answer.id, request], what);
    }
    await call('POST', '/replays', { states: ['parked'], dry: true });
    assert.equal(admin.replays.at(-1)?.job.dry, true);
    const subjects = admin.audited.map(({ subject, outcome }) => `${subject} ${outcome}`);
    assert.deepEqual(subjects.slice(-2), ['replay-start granted', 'replay-try granted']);
  });

  it('are refused with what would be right', async (t) => {
    const { admin, call } = await open(t);
    for (const [what, body, message] of refused) {
      await assert.rejects(call('POST', '/replays', body), { code: 'invalid-request', message }, what);
    }
    await assert.rejects(call('POST', '/replays', { all: true }), { message: /tenant: name it/ });
    await assert.rejects(call('GET', '/replays/none'), { code: 'not-found' });
    assert.deepEqual(admin.replays, []);
  });

  it('show how far they are; what they changed is an audited read', async (t) => {
    const { admin, call } = await open(t);
    await call('POST', '/replays', { states: ['unmapped'] });
    const job = (await call('GET', '/replays/r1')) as Record<string, Json>;
    assert.deepEqual(
      [job['state'], job['messages'], job['documents']],
      [
        'running',
        { read: 0, skipped: 0, rekeyed: 0, applied: 0, filtered: 0, unmapped: 0, parked: 0 },
        { created: 0, changed: 0, removed: 0, restamped: 0, keptForPrunedMessages: 0 },
      ],
    );
    const shown = (await call('GET', '/replays/r1/differences')) as { differences: Json };
    assert.deepEqual(shown.differences, [
      { reference: 'Patient/p1', change: 'changed', elements: [{ path: 'gender', before: 'male', after: 'female' }] },
    ]);
    const last = admin.audited.at(-1);
    assert.deepEqual([last?.action, last?.subject, last?.patients], ['message-read', 'replay-differences', ['p1']]);
    const stopped = (await call('POST', '/replays/r1/stop')) as Record<string, Json>;
    assert.equal(stopped['state'], 'stopped');
    const list = (await call('GET', '/replays')) as { replays: Json[] };
    assert.equal(list.replays.length, 1);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPatiently } from '../../src/app/patient-start.js';
import { fault } from '../../src/core/errors.js';
import { type Log, silentLog } from '../../src/core/log.js';

const away = (): Error => fault('store-unavailable', 'the database cannot be reached');

test('starting waits for servers that do not answer yet, and says so once', async () => {
  const said: string[] = [];
  const log: Log = { ...silentLog, warn: (text) => said.push(text) };
  let left = 3;
  const start = async (): Promise<string> => {
    left--;
    if (left > 0) throw left === 2 ? away() : fault('stale-registry', 'no fresh copy');
    return 'runs';
  };
  assert.equal(await startPatiently(start, { log, pause: 1 }), 'runs');
  assert.equal(said.length, 1);
});

test('what does not pass by itself is told at once', async () => {
  let tries = 0;
  const start = async (): Promise<never> => {
    tries++;
    throw fault('config-invalid', 'no such role');
  };
  await assert.rejects(startPatiently(start, { log: silentLog }), { code: 'config-invalid' });
  assert.equal(tries, 1);
});

test('it waits no longer than its patience, and not when it is stopped', async () => {
  const start = async (): Promise<never> => {
    throw away();
  };
  await assert.rejects(startPatiently(start, { log: silentLog, patience: 0, pause: 1 }), { code: 'store-unavailable' });
  const cancelling = new AbortController();
  const starting = startPatiently(start, { log: silentLog, cancelled: cancelling.signal, pause: 1 });
  cancelling.abort(new Error('stopped'));
  await assert.rejects(starting, { message: 'stopped' });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { createLog, silentLog } from '../../src/core/log.js';
import { rememberFailures } from '../../src/core/recent-failures.js';

it('remembers the last warnings and errors, newest first, with what they are about', () => {
  let now = 0;
  const { log, recent } = rememberFailures(silentLog, () => ++now);
  log.info('started');
  log.with({ listener: 'adt' }).warn('junk between frames', { count: 3 });
  log.error('failed', { part: 'archive', error: fault('disk-full', 'no space left') });
  log.error('failed', { error: new Error('of a patient') });
  assert.deepEqual(recent(), [
    { at: 3, level: 'error', text: 'failed', about: '' },
    { at: 2, level: 'error', text: 'failed: no space left', about: 'archive' },
    { at: 1, level: 'warn', text: 'junk between frames', about: 'adt' },
  ]);
  for (let count = 0; count < 100; count += 1) log.warn('again');
  assert.equal(recent().length, 20);
});

it('goes on as the log it was made of', () => {
  const written: string[] = [];
  const { log } = rememberFailures(
    createLog({ level: 'info', plain: false, to: { write: (line) => written.push(line) } }),
    Date.now,
  );
  log.info('one');
  log.with({ listener: 'adt' }).warn('two');
  log.debug('not shown');
  assert.deepEqual(
    written.map((line) => JSON.parse(line)).map(({ level, msg, listener }) => [level, msg, listener]),
    [
      ['info', 'one', undefined],
      ['warn', 'two', 'adt'],
    ],
  );
});

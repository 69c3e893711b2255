import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { createLog, type LogLevel } from '../../src/core/log.js';

function capture(level: LogLevel, plain: boolean) {
  const lines: string[] = [];
  const log = createLog({ level, plain, to: { write: (line: string) => void lines.push(line) } });
  return { log, lines };
}

describe('log', () => {
  it('writes one JSON line with level, time, text and fields', () => {
    const { log, lines } = capture('info', false);
    log.with({ listener: 'adt' }).warn('frame too large', { bytes: 17, peer: '10.0.0.1' });
    log.debug('not asked for');
    assert.equal(lines.length, 1);
    const line = JSON.parse(lines[0] ?? '');
    assert.match(line.time, /^\d{4}-\d\d-\d\dT/);
    delete line.time;
    assert.deepEqual(line, { level: 'warn', listener: 'adt', bytes: 17, peer: '10.0.0.1', msg: 'frame too large' });
  });

  it('writes plain lines for people', () => {
    const { log, lines } = capture('info', true);
    log.info('listening', { host: '127.0.0.1', port: 2575 });
    assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d info {2}listening {2}host=127\.0\.0\.1 {2}port=2575\n$/);
  });

  it('shows a fault with its code, and of any other error never the text', () => {
    for (const plain of [false, true]) {
      const { log, lines } = capture('info', plain);
      log.error('parked', { error: fault('message-unreadable', 'no MSH') });
      log.error('failed', { error: new TypeError('cannot read DOE^JANE') });
      log.error('failed', { error: 'DOE^JANE' });
      assert.match(lines[0] ?? '', /message-unreadable.*no MSH/);
      assert.match(lines[1] ?? '', /TypeError/);
      assert.match(lines[1] ?? '', /log\.test/);
      assert.doesNotMatch(lines.join(''), /DOE/);
    }
  });
});

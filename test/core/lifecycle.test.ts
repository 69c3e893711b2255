import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { type Part, startParts, stopOnSignal } from '../../src/core/lifecycle.js';
import { silentLog } from '../../src/core/log.js';

function recorder(failing?: string) {
  const happened: string[] = [];
  const part = (name: string): Part => ({
    name,
    start: async () => {
      if (name === failing) throw fault('port-in-use', 'port 1 is in use');
      happened.push(`start ${name}`);
      return async () => {
        happened.push(`stop ${name}`);
        if (name === 'grumpy') throw new Error('does not stop');
      };
    },
  });
  return { happened, part };
}

describe('lifecycle', () => {
  it('starts in order and stops in reverse, once', async () => {
    const { happened, part } = recorder();
    const running = await startParts(['store', 'grumpy', 'listener'].map(part), silentLog);
    await Promise.all([running.stop(), running.stop()]);
    assert.deepEqual(happened, [
      'start store',
      'start grumpy',
      'start listener',
      'stop listener',
      'stop grumpy',
      'stop store',
    ]);
  });

  it('stops what was started when a part cannot start, and says why', async () => {
    const { happened, part } = recorder('listener');
    await assert.rejects(startParts(['store', 'queue', 'listener', 'admin'].map(part), silentLog), {
      code: 'port-in-use',
    });
    assert.deepEqual(happened, ['start store', 'start queue', 'stop queue', 'stop store']);
  });

  it('stops at a signal with code 0, and gives up after the deadline with code 1', async () => {
    const { happened, part } = recorder();
    const graceful = stopOnSignal(await startParts([part('store')], silentLog), { log: silentLog, deadline: 5000 });
    process.emit('SIGTERM');
    assert.equal(await graceful, 0);
    assert.deepEqual(happened, ['start store', 'stop store']);
    const stuck = stopOnSignal({ stop: () => new Promise(() => {}) }, { log: silentLog, deadline: 5 });
    process.emit('SIGINT');
    assert.equal(await stuck, 1);
  });
});

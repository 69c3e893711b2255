import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault } from '../../src/core/errors.js';
import { StartedParts, startAll, stopOnSignal } from '../../src/core/lifecycle.js';
import { silentLog } from '../../src/core/log.js';

function recorder(failing?: string) {
  const happened: string[] = [];
  const start = async (parts: StartedParts, names: readonly string[]): Promise<StartedParts> => {
    for (const name of names) {
      if (name === failing) throw fault('port-in-use', 'port 1 is in use');
      happened.push(`start ${name}`);
      parts.add(name, name, (part) => {
        happened.push(`stop ${part}`);
        if (name === 'grumpy') throw new Error('does not stop');
      });
    }
    return parts;
  };
  return { happened, start };
}

describe('lifecycle', () => {
  it('stops in the reverse of the order of starting, once', async () => {
    const { happened, start } = recorder();
    const running = await startAll(silentLog, (parts) => start(parts, ['store', 'grumpy', 'listener']));
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
    const { happened, start } = recorder('listener');
    await assert.rejects(
      startAll(silentLog, (parts) => start(parts, ['store', 'queue', 'listener', 'admin'])),
      { code: 'port-in-use' },
    );
    assert.deepEqual(happened, ['start store', 'start queue', 'stop queue', 'stop store']);
  });

  it('stops at a signal with code 0, and gives up after the deadline with code 1', async () => {
    const { happened, start } = recorder();
    const running = await start(new StartedParts(silentLog), ['store']);
    const graceful = stopOnSignal(running, { log: silentLog, deadline: 5000 });
    process.emit('SIGTERM');
    assert.equal(await graceful, 0);
    assert.deepEqual(happened, ['start store', 'stop store']);
    const stuck = stopOnSignal({ stop: () => new Promise(() => {}) }, { log: silentLog, deadline: 5 });
    process.emit('SIGINT');
    assert.equal(await stuck, 1);
  });
});

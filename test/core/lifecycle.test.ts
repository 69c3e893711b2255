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

  it('stops what was started when starting is cancelled, before the next part', async () => {
    const { happened, start } = recorder();
    const cancelling = new AbortController();
    const running = startAll(
      silentLog,
      async (parts) => {
        await start(parts, ['store', 'queue']);
        cancelling.abort();
        return start(parts, ['listener', 'admin']);
      },
      cancelling.signal,
    );
    await assert.rejects(running, { name: 'AbortError' });
    assert.deepEqual(happened.slice(2), ['start listener', 'stop listener', 'stop queue', 'stop store']);
  });

  it('reloads at SIGHUP as often as it comes, and stops there only where nothing can be reloaded', async () => {
    let reloads = 0;
    const reload = async (): Promise<void> => {
      reloads++;
      throw new Error('logged');
    };
    const { start } = recorder();
    const running = await start(new StartedParts(silentLog), ['store']);
    const stopped = stopOnSignal(running, { log: silentLog, deadline: 5000, reload });
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    assert.equal(reloads, 2);
    process.emit('SIGTERM');
    assert.equal(await stopped, 0);
    assert.equal(process.listenerCount('SIGHUP'), 0);
    const atTerminal = stopOnSignal(running, { log: silentLog, deadline: 5000 });
    process.emit('SIGHUP');
    assert.equal(await atTerminal, 0);
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

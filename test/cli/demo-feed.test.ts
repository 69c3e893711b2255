import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startDemoFeed } from '../../src/cli/demo-feed.js';
import { silentLog } from '../../src/core/log.js';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { accepting, startReceiver } from './receiver.js';

const controlId = (message: Buffer) => message.toString('utf8').split('|')[9] ?? '';

describe('demo feed', () => {
  it('plays the opening at once, goes on at its pace, and a later start continues', async (t) => {
    const { path: dataFolder, remove } = temporaryFolder();
    t.after(remove);
    const receiver = await startReceiver(t, accepting);
    const options = { dataFolder, host: '127.0.0.1', port: receiver.port, pace: 5, log: silentLog };
    const stop = await startDemoFeed(options);
    await receiver.received(200);
    await stop();
    const first = receiver.messages.length;
    const again = await startDemoFeed(options);
    await receiver.received(first + 20);
    await again();
    const ids = receiver.messages.map(controlId);
    assert.equal(new Set(ids).size, ids.length);
    const numbers = ids.map((id) => Number(id.slice(2)));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  });

  it('sends what was not acknowledged again, byte for byte, on a new connection', async (t) => {
    const { path: dataFolder, remove } = temporaryFolder();
    t.after(remove);
    let seen = 0;
    const receiver = await startReceiver(t, (message, socket) => {
      seen += 1;
      if (seen !== 3) return accepting(message, socket);
      socket.destroy();
      return undefined;
    });
    const stop = await startDemoFeed({ dataFolder, host: '127.0.0.1', port: receiver.port, pace: 5, log: silentLog });
    await receiver.received(6);
    await stop();
    assert.deepEqual(receiver.messages[3], receiver.messages[2]);
    assert.notEqual(
      controlId(receiver.messages[4] ?? Buffer.alloc(0)),
      controlId(receiver.messages[3] ?? Buffer.alloc(0)),
    );
  });

  it('waits for a receiver that is not there yet', async (t) => {
    const { path: dataFolder, remove } = temporaryFolder();
    t.after(remove);
    const gone = await startReceiver(t, accepting);
    await gone.stop();
    const warned = new Promise<void>((resolve) => {
      const log = { ...silentLog, warn: () => resolve() };
      void startDemoFeed({ dataFolder, host: '127.0.0.1', port: gone.port, pace: 5, log }).then((stop) =>
        warned.then(stop),
      );
    });
    await warned;
  });
});

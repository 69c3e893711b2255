import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ProgressState, progressLine, showProgress, timeLeft } from '../../src/cli/progress.js';

describe('progress', () => {
  const lines: readonly (readonly [ProgressState, number, string])[] = [
    [{ accepted: 0, refused: 0, total: 10 }, 0, '0/10 0 %  0.0/s  0 acknowledged  0 refused'],
    [{ accepted: 30, refused: 2, total: 64 }, 4, '32/64 50 %  8.0/s  30 acknowledged  2 refused  4 s left'],
    [{ accepted: 100, refused: 0, resent: 3 }, 2, '100  50/s  100 acknowledged  0 refused  3 sent again'],
    [{ accepted: 9, refused: 0, unanswered: 1, total: 10 }, 1, '10/10 100 %  10/s  9 acknowledged  0 refused'],
    [{ accepted: 12, refused: 0, total: 10 }, 1, '12/10 100 %  12/s  12 acknowledged  0 refused'],
    [{ accepted: 50, refused: 0, total: 100, done: 'written' }, 1, '50/100 50 %  50/s  written  1 s left'],
  ];
  for (const [state, seconds, line] of lines) it(line, () => assert.equal(progressLine(state, seconds), line));

  it('says how long is left in the units that people use', () => {
    assert.deepEqual([0.2, 59, 61, 3599, 3600, 7500].map(timeLeft), [
      '1 s',
      '59 s',
      '1 min 1 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 5 min',
    ]);
  });

  it('prints a line every five seconds where there is no terminal, and none at the end', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const written: string[] = [];
    const progress = showProgress(() => ({ accepted: 5, refused: 1, total: 9 }), {
      write: (text: string) => written.push(text),
    });
    t.mock.timers.tick(4999);
    assert.deepEqual(written, []);
    t.mock.timers.tick(5001);
    progress.stop();
    t.mock.timers.tick(20_000);
    assert.equal(written.length, 2);
    for (const line of written)
      assert.match(line, /^6\/9 66 % {2}\S+\/s {2}5 acknowledged {2}1 refused {2}\d.* left\n$/);
  });

  it('renews one line on a terminal, no wider than it, and takes it off at the end', async () => {
    const written: string[] = [];
    const shown = await new Promise<string>((resolve) => {
      const progress = showProgress(() => ({ accepted: 5, refused: 0, total: 9 }), {
        isTTY: true,
        columns: 20,
        write: (text: string) => {
          written.push(text);
          if (written.length === 1) {
            progress.stop();
            resolve(text);
          }
        },
      });
    });
    assert.ok(shown.startsWith('\r5/9 55 %  ') && shown.endsWith('\x1b[K'));
    assert.ok(shown.length <= 1 + 19 + 3);
    assert.equal(written.at(-1), '\r\x1b[K');
  });
});

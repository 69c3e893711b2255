import type { LiveStatus } from './live-view.js';
import { viewOf } from './live-view.js';
import { render, type ScreenLine } from './render.js';

/** The terminal, as far as it is used. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** The keyboard. */
export interface Keyboard {
  setRawMode?(raw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (keys: Buffer) => void): unknown;
  off(event: 'data', listener: (keys: Buffer) => void): unknown;
}

interface ScreenPlan {
  /** Asks the system. */
  readonly read: () => Promise<LiveStatus>;
  readonly terminal: Terminal;
  readonly keyboard: Keyboard;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
const styles = { head: '\x1b[1m', alarm: '\x1b[1;31m' } as const;

/**
 * Shows the system until q or Ctrl-C: each look draws over the one before in one write, so that
 * nothing flickers. While the system cannot be reached the last look stays, with a line that says so. The first look must
 * succeed. Leaves the terminal as it was.
 */
export async function showScreen({ read, terminal, keyboard, interval }: ScreenPlan): Promise<void> {
  let now = await read();
  let before: LiveStatus | undefined;
  let lost = '';
  const draw = (): void => {
    const { columns, rows } = terminal;
    const notice: ScreenLine[] = lost === '' ? [] : [{ text: lost.slice(0, columns), style: 'alarm' }];
    const lines = [...notice, ...render(viewOf(now, before), columns, rows - notice.length)];
    const text = lines.map(
      ({ text: each, style }) => `${style === undefined ? each : `${styles[style]}${each}\x1b[0m`}\x1b[K`,
    );
    terminal.write(`\x1b[H${text.join('\r\n')}\x1b[J`);
  };
  let look: NodeJS.Timeout | undefined;
  let ended = false;
  const next = async (): Promise<void> => {
    try {
      const fresh = await read();
      [before, now, lost] = [now, fresh, ''];
    } catch (error) {
      lost = `not reachable: ${error instanceof Error ? error.message : 'unknown error'}`;
    }
    if (ended) return;
    draw();
    look = setTimeout(() => void next(), interval);
  };
  terminal.write(enter);
  terminal.on('resize', draw);
  keyboard.setRawMode?.(true);
  keyboard.resume();
  try {
    draw();
    look = setTimeout(() => void next(), interval);
    await quit(keyboard);
  } finally {
    ended = true;
    clearTimeout(look);
    terminal.off('resize', draw);
    keyboard.setRawMode?.(false);
    keyboard.pause();
    terminal.write(leave);
  }
}

/** q, Q, Ctrl-C, Ctrl-D. */
const quitting: ReadonlySet<number> = new Set([0x71, 0x51, 0x03, 0x04]);

/** Resolves when one of the quitting keys is pressed. */
function quit(keyboard: Keyboard): Promise<void> {
  return new Promise((resolve) => {
    const onKeys = (keys: Buffer): void => {
      if (![...keys].some((key) => quitting.has(key))) return;
      keyboard.off('data', onKeys);
      resolve();
    };
    keyboard.on('data', onKeys);
  });
}

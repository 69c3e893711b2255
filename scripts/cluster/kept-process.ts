/** A process that is started anew when it ends by itself, a little later each time it does so at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface ProcessWish {
  readonly name: string;
  readonly command: string;
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints is added to this file. */
  readonly log: string;
  /** Hears of each end that nobody asked for. */
  readonly ended: (what: {
    readonly name: string;
    readonly pid: number;
    readonly how: string;
    readonly againIn: number;
  }) => void;
}

/** In milliseconds. */
const firstDelay = 500;
const longestDelay = 30_000;
/** One that ran for so long is started anew at once. */
const steady = 60_000;
const patience = 30_000;

export class KeptProcess {
  readonly name: string;
  readonly #wish: ProcessWish;
  #child: ChildProcess | undefined;
  #delay = firstDelay;
  #waiting: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(wish: ProcessWish) {
    this.name = wish.name;
    this.#wish = wish;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Does nothing while it runs, or once it was asked to end. */
  start(): void {
    if (this.#child !== undefined || this.#stopped) return;
    const { name, command, flags, env, log, ended } = this.#wish;
    const output = openSync(log, 'a', 0o600);
    // a group of its own: Ctrl-C reaches the one who starts it, who ends all in order
    const child = spawn(command, flags, {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...env },
    });
    closeSync(output);
    this.#child = child;
    const began = performance.now();
    let over = false;
    const gone = (how: string): void => {
      if (over) return;
      over = true;
      this.#child = undefined;
      if (this.#stopped) return;
      if (performance.now() - began > steady) this.#delay = firstDelay;
      ended({ name, pid: child.pid ?? 0, how, againIn: this.#delay });
      this.#waiting = setTimeout(() => this.start(), this.#delay);
      this.#delay = Math.min(this.#delay * 2, longestDelay);
    };
    child.once('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
    child.once('error', (error) => gone(error.message));
  }

  /** Asks it to end, and ends it after half a minute. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#waiting);
    const child = this.#child;
    if (child === undefined) return;
    const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), patience);
    await exit;
    clearTimeout(late);
  }
}

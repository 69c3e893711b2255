/** Starts processes anew when they are gone, as a service manager does. */
import type { ServerProcess } from '../support/server-process.js';

/** Milliseconds between the end of a process and its next start. */
const restartAfter = 500;

export class Supervisor {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #killed = new Set<ServerProcess>();
  /** Processes that ended by themselves, and the last of what they printed. */
  readonly ended: { readonly name: string; readonly output: string }[] = [];

  watch(name: string, process: ServerProcess): void {
    let goneSince: number | undefined;
    const timer = setInterval(() => {
      if (process.running) {
        goneSince = undefined;
        return;
      }
      goneSince ??= performance.now();
      if (performance.now() - goneSince < restartAfter) return;
      if (!this.#killed.delete(process)) this.ended.push({ name, output: process.output.slice(-1_500) });
      process.start();
    }, 100);
    this.#timers.push(timer);
  }

  /** Kills a process, paused or not; it is started again after a moment. */
  async kill(process: ServerProcess): Promise<void> {
    this.#killed.add(process);
    await process.end('SIGKILL');
  }

  /** Starts nothing any more. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

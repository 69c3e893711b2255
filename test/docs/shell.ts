/** One shell that runs the commands of a page in order, as a reader pastes them into a terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Ran {
  readonly code: number;
  /** stdout and stderr, as a terminal mixes them. */
  readonly printed: string;
}

export class PageShell {
  readonly #folder: string;
  readonly #prelude: string;
  readonly #shell: ChildProcess;
  #server: { readonly process: ChildProcess; readonly ended: Promise<void>; printed: string } | undefined;

  /** `scratch` is a folder for its own files, `prelude` what every shell of the page runs first. */
  constructor(folder: string, scratch: string, prelude: string) {
    this.#folder = folder;
    this.#prelude = join(scratch, 'prelude.sh');
    writeFileSync(this.#prelude, `set -o pipefail\n${prelude}`);
    this.#shell = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#shell.stdin?.write(`. ${this.#prelude}\n`);
  }

  /** Runs a block; its code is not 0 when any of its commands failed. */
  run(text: string): Promise<Ran> {
    const script = `${this.#prelude}.block`;
    const output = `${this.#prelude}.printed`;
    writeFileSync(script, text);
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('the shell ended'));
      this.#shell.once('exit', ended);
      this.#shell.stdout?.once('data', (code: Buffer) => {
        this.#shell.off('exit', ended);
        resolve({ code: Number(String(code)), printed: readFileSync(output, 'utf8') });
      });
      const commands = [
        'failed=0',
        "trap 'failed=1' ERR",
        `. ${script} >${output} 2>&1 </dev/null`,
        'trap - ERR',
        'echo $failed',
      ];
      this.#shell.stdin?.write(`${commands.join('\n')}\n`);
    });
  }

  /** Runs a block in a terminal of its own, where it stays; what ran there before is stopped first. */
  async serve(text: string): Promise<void> {
    await this.#stopServer();
    const script = `${this.#prelude}.server`;
    writeFileSync(script, `. ${this.#prelude}\n${text}`);
    const process = spawn('bash', [script], { cwd: this.#folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => process.on('close', () => resolve()));
    const server = { process, ended, printed: '' };
    for (const stream of [process.stdout, process.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        server.printed += chunk;
      });
    }
    this.#server = server;
  }

  /** What the block in the other terminal has printed by now. */
  served(): string {
    return this.#server?.printed ?? '';
  }

  /** Ends both terminals, as one closes their windows. */
  async close(): Promise<void> {
    await this.#stopServer();
    this.#shell.kill('SIGTERM');
  }

  async #stopServer(): Promise<void> {
    const { process: server, ended } = this.#server ?? {};
    if (server?.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
    await ended;
    this.#server = undefined;
  }
}

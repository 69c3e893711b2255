/** Servers that tests start for themselves, each on a port and in a folder of its own, and end by their process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** A server as a process: what the chaos run does to one, a test can do to it, too. */
export class ServerProcess {
  readonly port: number;
  readonly #command: string;
  readonly #flags: readonly string[];
  readonly #env: NodeJS.ProcessEnv | undefined;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #output = '';

  /** `env`: the whole environment, where it is to have another than the test's own. */
  constructor(port: number, command: string, flags: readonly string[], env?: NodeJS.ProcessEnv) {
    this.#env = env;
    this.port = port;
    this.#command = command;
    this.#flags = flags;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it, also again after its end; whether it answers is for the caller to find out. */
  start(): void {
    if (this.#child !== undefined) return;
    const child = spawn(this.#command, this.#flags, { stdio: ['ignore', 'pipe', 'pipe'], env: this.#env });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const gone = (): void => {
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once('exit', gone);
      child.once('error', gone);
    });
  }

  /** Stops it where it is, and resolves when all its threads have: it may answer for a moment after the signal. */
  async pause(): Promise<void> {
    this.signal('SIGSTOP');
    while (this.#threads().some((state) => state !== 'T')) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** States of its threads as the system tells them; none where it does not. */
  #threads(): string[] {
    const folder = `/proc/${this.pid}/task`;
    if (!existsSync(folder)) return [];
    return readdirSync(folder).map((thread) => {
      // the name before the state may hold anything but ends with the last parenthesis
      const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
      return stat.charAt(stat.lastIndexOf(')') + 2);
    });
  }

  /** Sends a signal; SIGCONT lets it go on after a pause. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it, paused or not, and resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    this.signal('SIGCONT');
    await this.#ended;
  }
}

const given = new Set<number>();

/**
 * A port of this machine that nobody listens on now, never the same twice. It lies below those that the system gives to outgoing
 * connections: of these one could have it when a server that was killed is started again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Tries until it succeeds. @throws the last error after so many milliseconds, with what the server printed last */
export async function eventually<T>(
  attempt: () => Promise<T>,
  server: Pick<ServerProcess, 'output' | 'running'>,
  within = 30_000,
): Promise<T> {
  const until = performance.now() + within;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until || !server.running)
        throw new Error(`the server does not answer; it printed: ${server.output.slice(-2000)}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

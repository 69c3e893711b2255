import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const compiled = join(dirname(fileURLToPath(import.meta.url)), '../..');
const program = join(compiled, 'src/cli/main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled program as a user would, and gives what it printed and its exit code. */
export function runProgram(
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...options.env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

/** What a command printed that is to succeed. */
export async function printedBy(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** A command that is to end with this exit code, and to say why. */
export async function refused(code: number, pattern: RegExp, ...args: string[]): Promise<void> {
  const outcome = await runProgram(args);
  assert.equal(outcome.code, code, outcome.stderr);
  assert.match(outcome.stderr, pattern);
}

export interface Program {
  /** Resolves with all of stdout once it matches; rejects with stderr when the program ends before. */
  printed(pattern: RegExp): Promise<string>;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  /** Asks it to stop, and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once, as a power failure does, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts the compiled program and leaves it running; killed with the test if it still runs then. */
export function startProgram(t: TestContext, args: readonly string[], env: Record<string, string> = {}): Program {
  return startCompiled(t, program, args, env);
}

/** The same with the entry of a role, `workers/<role>.ts`. */
export function startWorker(t: TestContext, role: string, args: readonly string[]): Program {
  return startCompiled(t, join(compiled, 'workers', `${role}.js`), args, {});
}

function startCompiled(t: TestContext, entry: string, args: readonly string[], env: Record<string, string>): Program {
  const child = spawn(process.execPath, [entry, ...args], { env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  t.after(() => child.kill('SIGKILL'));
  return {
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(stdout)) return;
          child.stdout.off('data', look);
          resolve(stdout);
        };
        child.stdout.on('data', look);
        look();
        void ended.then((code) => reject(new Error(`ended with ${code}: ${stderr}`)));
      }),
    stderr: () => stderr,
    signal: (name) => {
      child.kill(name);
    },
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

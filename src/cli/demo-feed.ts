import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../core/log.js';
import { advanceHospital, type HospitalState, openHospital } from './demo-hospital.js';
import { connectSender, type MllpSender } from './mllp-sender.js';

interface FeedOptions {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds between messages, once the opening ones are sent. */
  readonly pace: number;
  readonly log: Log;
}

/**
 * Sends the demo hospital's messages over MLLP until it is stopped: first what is pending, one after another, then one at
 * every beat. What is not acknowledged is kept in the data folder and sent again, also by the next start.
 */
export async function startDemoFeed(options: FeedOptions): Promise<() => Promise<void>> {
  const file = join(options.dataFolder, 'demo-hospital.json');
  const state = (await readState(file)) ?? openHospital(20_260_101, Date.now());
  await writeState(file, state);
  const stopping = new AbortController();
  const finished = run(options, state, file, stopping.signal);
  return async () => {
    stopping.abort();
    await finished;
  };
}

async function run(
  { host, port, pace, log }: FeedOptions,
  state: HospitalState,
  file: string,
  stop: AbortSignal,
): Promise<void> {
  let sender: MllpSender | undefined;
  while (!stop.aborted) {
    try {
      sender ??= await connectSender({ host, port, timeout: 10_000 });
      await sendPending(sender, state, stop);
      await writeState(file, state);
      await beat(pace, stop);
      if (stop.aborted) break;
      advanceHospital(state, Date.now());
      await writeState(file, state);
    } catch (error) {
      log.warn('demo feed waits and tries again', { error });
      await sender?.close();
      sender = undefined;
      await beat(pace, stop);
    }
  }
  await sender?.close();
}

async function sendPending(sender: MllpSender, state: HospitalState, stop: AbortSignal): Promise<void> {
  for (let message = state.pending[0]; message !== undefined && !stop.aborted; message = state.pending[0]) {
    await sender.send(Buffer.from(message, 'utf8'));
    state.pending.shift();
  }
}

async function beat(milliseconds: number, stop: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal: stop }).catch(() => {});
}

async function readState(file: string): Promise<HospitalState | undefined> {
  try {
    const state = JSON.parse(await readFile(file, 'utf8')) as HospitalState;
    return state.format === 1 ? state : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function writeState(file: string, state: HospitalState): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(state));
  await rename(`${file}.new`, file);
}

import { Command, InvalidArgumentError } from 'commander';
import { fault } from '../core/errors.js';
import { counted } from './counted.js';
import { jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { printJson } from './print-table.js';
import { showProgress } from './progress.js';
import { type SendCounts, sendFrames } from './simulation/send-frames.js';
import { type SimulatedFrame, type SimulationPlan, simulate } from './simulation/simulation.js';
import { faults, rareEvents, readShares, sharesHelp } from './simulation/variations.js';
import { writeFiles } from './simulation/write-files.js';
import { addTlsOptions, type TlsOptions, tlsOptions } from './tls-options.js';

interface SimulateOptions extends TlsOptions {
  readonly patients: number;
  readonly beds?: number;
  readonly wards?: number;
  readonly seed: number;
  readonly start?: number;
  readonly count?: number;
  readonly duration?: number;
  readonly rate?: number;
  readonly speed?: number;
  readonly rare: string;
  readonly faults: string | true;
  readonly out?: string;
  readonly perFile: number;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly timeout: number;
  readonly patience: number;
  readonly json?: true;
}

/** `wardline simulate`: a hospital's messages, over MLLP or into files. */
export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description(
      'Play a hospital: admissions, transfers, results, orders, rare events and faults, over MLLP or into files.',
    )
    .option('--patients <count>', 'patients at the beginning; twice as many may come in time', positive, 100)
    .option('--beds <count>', 'beds; four for each five patients when left out', positive)
    .option('--wards <count>', 'wards; one for each twenty beds when left out', positive)
    .option('--seed <number>', 'the same seed with the same options gives the same hospital', whole, 1)
    .option('--start <time>', "the hospital's first moment, such as 2026-03-01T08:00:00Z; now when left out", time)
    .option('--count <messages>', 'how many messages the hospital has; repeats and faults come on top', positive)
    .option('--duration <time>', "how much of the hospital's time to play: 30m, 24h, 7d", duration)
    .option('--rate <messages>', 'frames per second; as fast as they are acknowledged when 0', number, 10)
    .option(
      '--speed <factor>',
      "instead of --rate: how many times faster than the clock the hospital's time passes",
      number,
    )
    .option('--rare <list>', 'rare events: all, none, or names with shares, such as merges,late=0.1', 'all')
    .option('--faults [list]', 'deliberate faults, named in the same way; all of them without a list', 'none')
    .option('-o, --out <folder>', 'write files instead of sending')
    .option('--per-file <count>', 'frames in each file', positive, 1000)
    .option('-H, --host <host>', 'receiver', '127.0.0.1')
    .option('-p, --port <port>', 'port of the receiver', positive, 2575)
    .option('--connections <count>', 'MLLP connections; messages of one person keep to one, in order', positive, 4)
    .option('--timeout <seconds>', 'how long to wait for an acknowledgement', positive, 30)
    .option('--patience <seconds>', 'how long a receiver that went away may stay away', positive, 60);
  return addTlsOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The people are invented. The same seed, options and --start give the same bytes. What has no acknowledgement is sent again.
Without --count and --duration it goes on until Ctrl-C; into files it needs one of them.

Rare events, and their usual shares:
${sharesHelp(rareEvents)}
Faults, and their shares with --faults; each comes beside the right message, never instead of it:
${sharesHelp(faults)}
Ends with 0 when all but faults was accepted, 1 when something was refused, 3 when the receiver cannot be reached.

Examples:
  wardline simulate --patients 500 --rate 50
  wardline simulate --patients 20 --speed 600 --duration 24h --faults
  wardline simulate --seed 7 --start 2026-03-01T00:00:00Z --count 100000 --out feed/
  wardline simulate --rare none --faults half-frame=0.2,dropped-connection=0.2 --count 1000 --rate 0`,
    )
    .action(async (options: SimulateOptions) => {
      const plan = planOf(options);
      process.exitCode =
        options.out === undefined ? await send(plan, options) : await write(plan, options, options.out);
    });
}

function planOf(options: SimulateOptions): SimulationPlan {
  const { patients, count, duration: played, seed } = options;
  const beds = options.beds ?? Math.max(Math.round(patients * 0.8), 1);
  return {
    seed,
    patients,
    beds,
    wards: options.wards ?? Math.max(Math.round(beds / 20), 1),
    // Whole minutes, so that two runs of one minute are alike.
    start: options.start ?? Math.floor(Date.now() / 60_000) * 60_000,
    ...(count === undefined ? {} : { count }),
    ...(played === undefined ? {} : { duration: played }),
    rare: readShares(options.rare, rareEvents),
    faults: readShares(options.faults === true ? 'all' : options.faults, faults),
  };
}

async function write(plan: SimulationPlan, { perFile, json }: SimulateOptions, folder: string): Promise<number> {
  if (plan.count === undefined && plan.duration === undefined) {
    throw fault('usage', 'say how much to write with --count or --duration');
  }
  let written = 0;
  let faulty = 0;
  const progress = showProgress(() => ({ accepted: written, refused: 0, done: 'written', ...totalOf(plan) }));
  const since = performance.now();
  const files = await writeFiles(simulate(plan), folder, perFile, (frame) => {
    written += frame.messages;
    if (frame.fault !== undefined) faulty += 1;
  }).finally(() => progress.stop());
  const seconds = (performance.now() - since) / 1000;
  if (json) printJson({ messages: written, faults: faulty, files, folder, seconds });
  else {
    process.stdout.write(
      `${written} messages in ${counted(files, 'file')}, ${faulty} faulty, ${perSecond(written, seconds)}\n`,
    );
  }
  return exitCodes.ok;
}

async function send(plan: SimulationPlan, options: SimulateOptions): Promise<number> {
  const { host, port, connections, timeout, patience, json } = options;
  const tls = tlsOptions(options);
  const counts: SendCounts = { accepted: 0, refused: 0, refusedFaults: 0, resent: 0, reconnects: 0 };
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const progress = showProgress(() => ({
    accepted: counts.accepted,
    refused: counts.refused + counts.refusedFaults,
    resent: counts.resent,
    ...totalOf(plan),
  }));
  const since = performance.now();
  try {
    await sendFrames(simulate(plan), {
      target: { host, port, timeout: timeout * 1000, ...(tls === undefined ? {} : { tls }) },
      connections,
      dueAt: pacing(plan, options),
      patience: patience * 1000,
      counts,
      stop: stopping.signal,
    });
  } finally {
    progress.stop();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    const seconds = (performance.now() - since) / 1000;
    if (json) printJson({ ...counts, seconds });
    else if (counts.accepted + counts.refused > 0) process.stdout.write(summary(counts, seconds));
  }
  return counts.refused === 0 ? exitCodes.ok : exitCodes.failed;
}

function summary({ accepted, refused, refusedFaults, resent, reconnects }: SendCounts, seconds: number): string {
  const expected = refusedFaults === 0 ? '' : `, ${refusedFaults} faults refused`;
  const again = resent === 0 ? '' : `, ${resent} sent again, ${reconnects} new connections`;
  return `${accepted} accepted, ${refused} refused${expected}${again}, ${perSecond(accepted + refused, seconds)}\n`;
}

function perSecond(count: number, seconds: number): string {
  return `${Math.round(count / Math.max(seconds, 0.001))}/s`;
}

/** When a frame is due, in milliseconds from the start of the run. */
function pacing({ start }: SimulationPlan, { rate = 0, speed }: SimulateOptions) {
  if (speed !== undefined && speed > 0) return ({ at }: SimulatedFrame) => (at - start) / speed;
  return (_: SimulatedFrame, index: number) => (rate === 0 ? 0 : (index / rate) * 1000);
}

function totalOf({ count }: SimulationPlan): { readonly total?: number } {
  return count === undefined ? {} : { total: count };
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}

function positive(text: string): number {
  if (whole(text) === 0) throw new InvalidArgumentError('must be 1 or more.');
  return Number(text);
}

function number(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('must be a number.');
  return Number(text);
}

function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at) || !/(Z|[+-]\d{2}:?\d{2})$/.test(text)) {
    throw new InvalidArgumentError('must be a time with its offset, such as 2026-03-01T08:00:00Z.');
  }
  return at;
}

/** Milliseconds. */
function duration(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('must be a length of time such as 30m, 24h or 7d.');
  return Number(count) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 1) * 1000;
}

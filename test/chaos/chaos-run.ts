/** The run of `npm run chaos -- --kills N`. */
import { Random } from '../support/random.js';
import { Disturber, type Kind, kinds } from './disturber.js';
import { type Recovery, recoveries } from './recovery.js';
import { type Counts, startSession } from './session.js';
import type { TopologyOptions } from './topology.js';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** After so many nothing more is killed, however many kills are left. */
  readonly minutes: number;
  /** Those that are killed and paused. */
  readonly kinds: readonly Kind[];
  /** A pause after so many kills; 0 for none. */
  readonly pauseEvery: number;
  /** Least and most milliseconds between two disturbances. */
  readonly every: readonly [least: number, most: number];
  readonly topology: TopologyOptions;
  /** Milliseconds between two messages of a feed. */
  readonly interval: number;
  readonly log: (line: string) => void;
}

export interface ChaosReport extends Counts {
  readonly seed: number;
  /** Seconds from the first message to the last. */
  readonly seconds: number;
  readonly resent: number;
  /** Negative acknowledgements, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly recoveries: readonly Recovery[];
  /** Processes that ended although nobody killed them. */
  readonly endedThemselves: readonly { readonly name: string; readonly output: string }[];
}

/** True when nothing was lost and nothing doubled. */
export function passed({ verdict }: Pick<ChaosReport, 'verdict'>): boolean {
  return verdict.lost.length === 0 && verdict.doubled.length === 0 && verdict.acknowledged > 0;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { log, seed, topology, interval } = options;
  const random = new Random(seed);
  const session = await startSession({ ...topology, interval, log });
  try {
    const begun = performance.now();
    const disturber = new Disturber(session.topology, random);
    await disturb(disturber, random, options, () => performance.now() - begun > options.minutes * 60_000);
    await disturber.resumed();
    await wait(random, options.every);
    const counts = await session.count();
    const { journal } = session;
    const attempts = journal.entries.reduce((sum, entry) => sum + entry.attempts, 0);
    return {
      ...counts,
      seed,
      seconds: (counts.at - begun) / 1000,
      resent: attempts - journal.entries.length,
      refused: Object.fromEntries(journal.refused),
      recoveries: recoveries(
        disturber.disturbances,
        {
          acknowledged: journal.waitsForAcknowledgement(),
          settled: journal.waitsForSettling(),
          read: journal.reads,
        },
        counts.at,
      ),
      endedThemselves: session.topology.supervisor.ended,
    };
  } finally {
    await session.end();
  }
}

/** Every kind as often as the others: each round is one of each, in random order. */
async function disturb(
  disturber: Disturber,
  random: Random,
  { kills, pauseEvery, every, log, ...options }: ChaosOptions,
  over: () => boolean,
): Promise<void> {
  let round: Kind[] = [];
  let pauses: Kind[] = [];
  const next = (left: readonly Kind[]): Kind[] => (left.length > 0 ? [...left] : random.shuffle(options.kinds));
  for (let killed = 0; killed < kills && !over(); ) {
    await wait(random, every);
    round = next(round);
    const kind = round.pop();
    if (kind === undefined) return;
    if (!(await disturber.kill(kind))) {
      log(`nothing of kind ${kind} could be killed`);
      continue;
    }
    killed++;
    log(`${killed} of ${kills}: killed ${disturber.disturbances.at(-1)?.target} (${kind})`);
    if (pauseEvery === 0 || killed % pauseEvery !== 0) continue;
    pauses = next(pauses);
    const other = pauses.pop();
    if (other !== undefined && (await disturber.pause(other)))
      log(`paused ${disturber.disturbances.at(-1)?.target} (${other})`);
  }
}

function wait(random: Random, [least, most]: ChaosOptions['every']): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, least + random.next() * (most - least)));
}

/** The kinds that a topology has. */
export function kindsOf({ processes }: TopologyOptions): Kind[] {
  return kinds.filter((kind) =>
    kind in processes ? (processes[kind as keyof typeof processes] ?? 0) > 0 : serves(kind),
  );
}

function serves(kind: Kind): boolean {
  return kind === 'redis' || kind === 'mongo-primary' || kind === 'mongo-secondary';
}

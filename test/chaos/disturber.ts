/** Kills and pauses processes of a run: which, when and in which order is decided by a seed. */
import { MongoClient } from 'mongodb';
import type { Random } from '../support/random.js';
import type { ServerProcess } from '../support/server-process.js';
import type { Disturbance } from './recovery.js';
import type { Topology } from './topology.js';

export type Kind = 'all' | 'intake' | 'transform' | 'facade' | 'redis' | 'mongo-primary' | 'mongo-secondary';

export const kinds: readonly Kind[] = [
  ...(['all', 'intake', 'transform', 'facade'] as const),
  ...(['redis', 'mongo-primary', 'mongo-secondary'] as const),
];

/** Milliseconds: longer than a worker's lock lasts, and than senders wait. */
const paused = 8_000;
/** Milliseconds to wait for a process that can be disturbed: one that is just coming back cannot. */
const findWithin = 180_000;

export class Disturber {
  readonly #topology: Topology;
  readonly #random: Random;
  readonly disturbances: Disturbance[] = [];
  readonly #paused = new Set<ServerProcess>();
  readonly #resumes = new Set<Promise<void>>();

  constructor(topology: Topology, random: Random) {
    this.#topology = topology;
    this.#random = random;
  }

  /** False when there was none of the kind that could be killed. */
  async kill(kind: Kind): Promise<boolean> {
    const found = await this.#find(kind);
    if (found === undefined) return false;
    const [target, process] = found;
    this.disturbances.push({ kind, how: 'kill', target, at: performance.now() });
    await this.#topology.supervisor.kill(process);
    return true;
  }

  /** Stops one where it is; it goes on after a while, by itself. */
  async pause(kind: Kind): Promise<boolean> {
    const found = await this.#find(kind);
    if (found === undefined) return false;
    const [target, process] = found;
    this.disturbances.push({ kind, how: 'pause', target, at: performance.now() });
    this.#paused.add(process);
    process.signal('SIGSTOP');
    const resume = new Promise<void>((resolve) => setTimeout(resolve, paused)).then(() => {
      process.signal('SIGCONT');
      this.#paused.delete(process);
      this.#resumes.delete(resume);
    });
    this.#resumes.add(resume);
    return true;
  }

  /** Resolves when nothing is paused any more. */
  async resumed(): Promise<void> {
    await Promise.all(this.#resumes);
  }

  /** A running process of the kind, once there is one. */
  async #find(kind: Kind): Promise<readonly [name: string, process: ServerProcess] | undefined> {
    const until = performance.now() + findWithin;
    while (performance.now() < until) {
      const candidates = (await this.#candidates(kind)).filter(
        ([, process]) => process.running && !this.#paused.has(process),
      );
      if (candidates.length > 0) return this.#random.pick(candidates);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return undefined;
  }

  async #candidates(kind: Kind): Promise<(readonly [string, ServerProcess])[]> {
    const { members, redis } = this.#topology;
    if (kind === 'redis') return [['redis', redis]];
    if (kind === 'mongo-primary') return this.#nodes(true);
    if (kind === 'mongo-secondary') return this.#nodes(false);
    return members.filter(({ role }) => role === kind).map(({ name, process }) => [name, process]);
  }

  /** None while a node is away: a majority has to be left, or nothing is measured but its absence. */
  async #nodes(primary: boolean): Promise<(readonly [string, ServerProcess])[]> {
    const states = await Promise.all(this.#topology.mongoNodes.map(stateOf));
    if (states.filter((state) => state === 'primary').length !== 1 || states.includes(undefined)) return [];
    const wanted = primary ? 'primary' : 'secondary';
    return this.#topology.mongoNodes.flatMap((node, n) =>
      states[n] === wanted ? [[`mongod-${n + 1}`, node] as const] : [],
    );
  }
}

/** undefined while it is neither. */
export async function stateOf({ port }: ServerProcess): Promise<'primary' | 'secondary' | undefined> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    ...{ serverSelectionTimeoutMS: 2_000, connectTimeoutMS: 2_000, socketTimeoutMS: 2_000 },
  });
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello['isWritablePrimary'] === true) return 'primary';
    return hello['secondary'] === true ? 'secondary' : undefined;
  } catch {
    return undefined;
  } finally {
    await client.close();
  }
}

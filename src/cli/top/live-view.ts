import type { MessageFigures, TimingFigures } from '../../core/message-figures.js';
import { type ProcessStatus, processTroubles } from '../process-lines.js';

/** What `GET /admin/v1/status/live` answers, as far as it is shown. Times are ISO 8601. */
export interface LiveStatus {
  readonly at: string;
  readonly version: string;
  readonly startedAt: string;
  readonly ready: boolean;
  readonly processes: readonly ProcessStatus[];
  readonly threads: readonly { readonly name: string; readonly running: boolean; readonly ended: number }[];
  readonly waiting: readonly { readonly tenant: string; readonly reason: string }[];
  readonly queueDepth: number | null;
  readonly freeBytes: number | null;
  readonly oldestUnsettled: string | null;
  readonly messages: Readonly<Record<string, number>> | null;
  readonly listeners: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly connections: number;
  }[];
  readonly directories: readonly {
    readonly name: string;
    readonly path: string;
    readonly waiting: number;
    readonly trouble: string | null;
  }[];
  readonly figures: MessageFigures;
  /** The last warnings and errors of its log, newest first. */
  readonly errors: readonly {
    readonly at: string;
    readonly level: string;
    readonly text: string;
    readonly about: string;
  }[];
  readonly lag: {
    readonly partitions: number;
    readonly tenants: readonly {
      readonly id: string;
      readonly name: string;
      readonly waiting: number;
      readonly oldest: string | null;
    }[];
  } | null;
  readonly failures:
    | readonly {
        readonly sequence: string;
        readonly arrival: string | null;
        readonly listener: string;
        readonly reason: string;
      }[]
    | null;
}

/** What is shown of a running system. Rates per second; ages and latencies in seconds; null: not known. */
export interface LiveView {
  readonly at: string;
  readonly version: string;
  readonly ready: boolean;
  readonly uptime: number;
  readonly arriving: number | null;
  readonly settling: number | null;
  /** Messages that wait. */
  readonly backlog: number | null;
  readonly oldest: number | null;
  /** Seconds until the backlog is gone at this pace; null when it does not get shorter. */
  readonly timeLeft: number | null;
  readonly partitions: number | null;
  readonly freeBytes: number | null;
  readonly messages: Readonly<Record<string, number>> | null;
  readonly listeners: readonly ListenerView[];
  readonly directories: readonly {
    readonly name: string;
    readonly path: string;
    /** Files. */
    readonly waiting: number;
    readonly arriving: number | null;
  }[];
  readonly tenants: readonly { readonly name: string; readonly waiting: number; readonly oldest: number | null }[];
  readonly errors: readonly {
    readonly age: number | null;
    readonly level: string;
    readonly text: string;
    readonly about: string;
  }[];
  /** What does not work as it should. */
  readonly troubles: readonly string[];
  readonly failures: readonly {
    readonly sequence: string;
    readonly age: number | null;
    readonly listener: string;
    readonly reason: string;
  }[];
}

export interface ListenerView {
  readonly name: string;
  readonly address: string;
  readonly connections: number;
  readonly arriving: number | null;
  readonly acknowledged: number | null;
  /** Negative acknowledgements since the start. */
  readonly refused: number;
  /** Latency of acknowledgements of the last moment; of all since the start where there were none. */
  readonly median: number | null;
  readonly slowest: number | null;
}

/** What is to be shown of the system as it is, and as it was a moment before: rates come from the difference. */
export function viewOf(now: LiveStatus, before?: LiveStatus): LiveView {
  const at = Date.parse(now.at);
  // A system that was started anew counts from nothing.
  const earlier = before !== undefined && before.startedAt === now.startedAt && before.at < now.at ? before : undefined;
  const seconds = earlier === undefined ? 0 : (at - Date.parse(earlier.at)) / 1000;
  const rate = (count: (figures: MessageFigures) => number): number | null =>
    earlier === undefined ? null : Math.max(0, count(now.figures) - count(earlier.figures)) / seconds;
  const age = (time: string | null): number | null =>
    time === null ? null : Math.max(0, (at - Date.parse(time)) / 1000);
  const settling = rate(({ settled }) => Object.values(settled).reduce((sum, count) => sum + count, 0));
  const backlog = now.messages?.unsettled ?? now.queueDepth;
  const shrinking = earlier === undefined ? null : (waitingOf(earlier) ?? 0) - (waitingOf(now) ?? 0);
  return {
    at: now.at,
    version: now.version,
    ready: now.ready,
    uptime: (at - Date.parse(now.startedAt)) / 1000,
    arriving: rate((figures) => stored(figures)),
    settling,
    backlog,
    oldest: age(now.oldestUnsettled),
    timeLeft: backlog !== null && shrinking !== null && shrinking > 0 ? (backlog / shrinking) * seconds : null,
    partitions: now.lag?.partitions ?? null,
    freeBytes: now.freeBytes,
    messages: now.messages,
    listeners: [...listenersOf(now)].map(([name, listeners]) => ({
      name,
      address: addressOf(listeners),
      connections: listeners.reduce((sum, { connections }) => sum + connections, 0),
      arriving: rate((figures) => stored(figures, name)),
      acknowledged: rate(({ acknowledged }) => sumOf(acknowledged.filter(({ listener }) => listener === name))),
      refused: sumOf(now.figures.acknowledged.filter(({ listener, code }) => listener === name && !code.endsWith('A'))),
      ...latency(now.figures.acknowledgement[name], earlier?.figures.acknowledgement[name]),
    })),
    directories: now.directories.map(({ name, path, waiting }) => ({
      ...{ name, path, waiting },
      arriving: rate((figures) => stored(figures, name)),
    })),
    tenants: (now.lag?.tenants ?? []).map(({ id, name, waiting, oldest }) => ({
      name: name || id,
      waiting,
      oldest: age(oldest),
    })),
    troubles: [
      ...now.directories
        .filter(({ trouble }) => trouble !== null)
        .map(({ name, trouble }) => `directory ${name} cannot be used (${trouble})`),
      ...processTroubles(now.processes),
      ...now.threads.filter(({ running }) => !running).map(({ name }) => `thread ${name} is being started anew`),
      ...now.waiting.map(({ tenant, reason }) => `messages of tenant ${tenant} wait: ${reason}`),
    ],
    errors: now.errors.map(({ at: time, ...error }) => ({ ...error, age: age(time) })),
    failures: (now.failures ?? []).map(({ sequence, arrival, listener, reason }) => ({
      sequence,
      age: age(arrival),
      listener,
      reason,
    })),
  };
}

/** Listeners by name: several processes may each have one of the same. */
function listenersOf({ listeners }: LiveStatus): Map<string, LiveStatus['listeners']> {
  const byName = new Map<string, LiveStatus['listeners'][number][]>();
  for (const listener of listeners) {
    const known = byName.get(listener.name);
    if (known === undefined) byName.set(listener.name, [listener]);
    else known.push(listener);
  }
  return byName;
}

function addressOf(listeners: LiveStatus['listeners']): string {
  const addresses = [...new Set(listeners.map(({ host, port }) => `${host}:${port}`))];
  return listeners.length === 1 ? addresses.join() : `${addresses[0]} × ${listeners.length}`;
}

function waitingOf({ messages, queueDepth }: LiveStatus): number | null {
  return messages?.unsettled ?? queueDepth;
}

/** Messages that were kept, repeats not counted. */
function stored({ received }: MessageFigures, name?: string): number {
  return sumOf(
    received.filter(({ listener, outcome }) => (name === undefined || listener === name) && outcome === 'archived'),
  );
}

function sumOf(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

function latency(
  now: TimingFigures | undefined,
  before: TimingFigures | undefined,
): { readonly median: number | null; readonly slowest: number | null } {
  if (now === undefined || now.count === 0) return { median: null, slowest: null };
  const fresh = before !== undefined && now.count > before.count ? without(now, before) : now;
  return { median: quantile(fresh, 0.5), slowest: quantile(fresh, 0.99) };
}

function without(now: TimingFigures, before: TimingFigures): TimingFigures {
  return {
    buckets: now.buckets.map(({ atMost, count }, index) => ({
      atMost,
      count: count - (before.buckets[index]?.count ?? 0),
    })),
    count: now.count - before.count,
    sum: now.sum - before.sum,
  };
}

/** Seconds within which this share lies: within its bucket by proportion; the last bound where it lies beyond. */
export function quantile({ buckets, count }: TimingFigures, share: number): number {
  const wanted = count * share;
  let lower = { atMost: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      const within = bucket.count - lower.count;
      const part = within === 0 ? 0 : (wanted - lower.count) / within;
      return lower.atMost + (bucket.atMost - lower.atMost) * part;
    }
    lower = bucket;
  }
  return lower.atMost;
}

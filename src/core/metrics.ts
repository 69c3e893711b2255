import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MessageFigures, TimingFigures } from './message-figures.js';

/** Counts things that happen. Labels are few and closed: nothing of a patient, no ids. */
interface Count<L extends string> {
  add(labels: Readonly<Record<L, string>>, by?: number): void;
}

interface Timing<L extends string> {
  /** In seconds. */
  observe(labels: Readonly<Record<L, string>>, seconds: number): void;
}

interface Level<L extends string> {
  set(labels: Readonly<Record<L, string>>, value: number): void;
}

/** Levels of what comes and goes: those that are not named any more are gone. */
interface Levels<L extends string> {
  replace(values: readonly (readonly [labels: Readonly<Record<L, string>>, value: number])[]): void;
}

/** Everything that Wardline measures. */
export interface Metrics {
  /** Messages by what became of them at the door: archived, repeat, truncated, rejected, refused. */
  readonly received: Count<'listener' | 'outcome'>;
  /** Oddities of frames and connections: junk, missing-cr, too-large, timeout, not-allowed, too-many … */
  readonly frameEvents: Count<'listener' | 'event'>;
  readonly acknowledged: Count<'listener' | 'code'>;
  /** From the last byte of a frame to its acknowledgement on the socket. */
  readonly acknowledgement: Timing<'listener'>;
  readonly connections: Level<'listener'>;
  /** Files of watched directories: done, partly, failed. */
  readonly files: Count<'directory' | 'outcome'>;
  readonly queueDepth: Level<never>;
  /** 1 while the queue answers. */
  readonly queueAnswers: Level<never>;
  /** Messages of the archive by state, as last counted. */
  readonly messages: Level<'state'>;
  /** Age in seconds of the oldest message that is not settled; 0 where none waits. */
  readonly oldestUnsettled: Level<never>;
  /** The same of each tenant that has messages that wait, and how many those are. */
  readonly tenantOldest: Levels<'tenant'>;
  readonly tenantUnsettled: Levels<'tenant'>;
  /** When what waits was counted last, in seconds since 1970. */
  readonly backlogSeen: Level<never>;
  /** 1 while the process is ready. */
  readonly ready: Level<never>;
  readonly settled: Count<'state'>;
  /** Of these, messages that said what one before them said, and were not mapped. */
  readonly repeated: Count<never>;
  /** Rows that messages made in the tenants' stores: documents, versions, indexRows, touches; and commits. */
  readonly written: Count<'kind'>;
  /** From claim to settle, one message. */
  readonly transform: Timing<never>;
  /** `kind`: what it goes by, see `searchKind`. */
  readonly search: Timing<'version' | 'type' | 'kind'>;
  readonly requests: Count<'route' | 'status'>;
  readonly tokens: Count<'outcome'>;
  /** Number of the mapping that is live. */
  readonly mappingVersion: Level<never>;
  /** Changed mapping files that did not hold together. */
  readonly mappingRefusals: Count<never>;
  /** Threads that ended by themselves and were started anew. */
  readonly threadsEnded: Count<'thread'>;
  /** The text of a Prometheus scrape, and its media type. */
  scrape(): Promise<{ readonly type: string; readonly text: string }>;
  /** The figures of messages as numbers, for those who draw them. */
  figures(): Promise<MessageFigures>;
}

/** A registry of its own, so that several installations can run in one process, as tests do. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const count = <L extends string>(name: string, help: string, labelNames: readonly L[]): Count<L> => {
    const counter = new Counter({ name, help, labelNames, registers });
    return { add: (labels, by = 1) => counter.inc(labels, by) };
  };
  const timing = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ): Timing<L> => {
    const histogram = new Histogram({ name, help, labelNames, buckets, registers });
    return { observe: (labels, seconds) => histogram.observe(labels, seconds) };
  };
  const level = <L extends string>(name: string, help: string, labelNames: readonly L[]): Level<L> => {
    const gauge = new Gauge({ name, help, labelNames, registers });
    return { set: (labels, value) => gauge.set(labels, value) };
  };
  const levels = <L extends string>(name: string, help: string, labelNames: readonly L[]): Levels<L> => {
    const gauge = new Gauge({ name, help, labelNames, registers });
    return {
      replace(values) {
        gauge.reset();
        for (const [labels, value] of values) gauge.set(labels, value);
      },
    };
  };
  const fast = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];
  return {
    received: count('wardline_messages_received_total', 'Messages by what became of them at the door', [
      'listener',
      'outcome',
    ]),
    frameEvents: count('wardline_frame_events_total', 'Oddities of frames and connections', ['listener', 'event']),
    acknowledged: count('wardline_acknowledgements_total', 'Acknowledgements by code', ['listener', 'code']),
    acknowledgement: timing(
      'wardline_acknowledgement_seconds',
      'Last byte of a frame to its acknowledgement',
      ['listener'],
      fast,
    ),
    connections: level('wardline_connections', 'Open MLLP connections', ['listener']),
    files: count('wardline_files_total', 'Files of watched directories by outcome', ['directory', 'outcome']),
    queueDepth: level('wardline_queue_depth', 'Messages waiting or under way', []),
    queueAnswers: level('wardline_queue_answers', '1 while the queue answers', []),
    messages: level('wardline_messages', 'Messages of the archive by state', ['state']),
    oldestUnsettled: level('wardline_oldest_unsettled_seconds', 'Age of the oldest message that is not settled', []),
    tenantOldest: levels(
      'wardline_tenant_oldest_unsettled_seconds',
      'The same by tenant, of those with messages that wait',
      ['tenant'],
    ),
    tenantUnsettled: levels('wardline_tenant_unsettled_messages', 'Messages that are not settled, by tenant', [
      'tenant',
    ]),
    backlogSeen: level('wardline_backlog_seen_timestamp_seconds', 'When what waits was counted last', []),
    ready: level('wardline_ready', '1 while the process is ready', []),
    settled: count('wardline_messages_settled_total', 'Messages by end state', ['state']),
    repeated: count('wardline_messages_repeated_total', 'Messages settled that said what one before them said', []),
    written: count('wardline_store_writes_total', 'Rows written to the stores of tenants, and commits', ['kind']),
    transform: timing('wardline_transform_seconds', 'One message from claim to settle', [], fast),
    search: timing('wardline_search_seconds', 'FHIR searches by what they go by', ['version', 'type', 'kind'], fast),
    requests: count('wardline_http_requests_total', 'HTTP requests by route pattern', ['route', 'status']),
    mappingVersion: level('wardline_mapping_version', 'Number of the mapping that is live', []),
    mappingRefusals: count('wardline_mapping_refusals_total', 'Changed mapping files that were refused', []),
    threadsEnded: count('wardline_threads_ended_total', 'Threads that ended by themselves', ['thread']),
    tokens: count('wardline_tokens_total', 'Token requests by outcome', ['outcome']),
    figures: () => messageFigures(registry),
    scrape: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

/** A value of the library's registry. */
interface Sample {
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
  readonly metricName?: string;
}

async function messageFigures(registry: Registry): Promise<MessageFigures> {
  const samples = async (name: string): Promise<readonly Sample[]> =>
    (await registry.getSingleMetric(name)?.get())?.values ?? [];
  const label = ({ labels }: Sample, name: string): string => String(labels[name] ?? '');
  const [received, acknowledged, settled, timings] = await Promise.all(
    [
      'wardline_messages_received_total',
      'wardline_acknowledgements_total',
      'wardline_messages_settled_total',
      'wardline_acknowledgement_seconds',
    ].map(samples),
  );
  const listeners = new Set((timings ?? []).map((sample) => label(sample, 'listener')));
  return {
    received: (received ?? []).map((sample) => ({
      listener: label(sample, 'listener'),
      outcome: label(sample, 'outcome'),
      count: sample.value,
    })),
    acknowledged: (acknowledged ?? []).map((sample) => ({
      listener: label(sample, 'listener'),
      code: label(sample, 'code'),
      count: sample.value,
    })),
    settled: Object.fromEntries((settled ?? []).map((sample) => [label(sample, 'state'), sample.value])),
    acknowledgement: Object.fromEntries(
      [...listeners].map((listener) => [
        listener,
        timingFigures((timings ?? []).filter((sample) => label(sample, 'listener') === listener)),
      ]),
    ),
  };
}

function timingFigures(samples: readonly Sample[]): TimingFigures {
  const named = (end: string): readonly Sample[] => samples.filter(({ metricName }) => metricName?.endsWith(end));
  return {
    buckets: named('_bucket')
      .filter(({ labels }) => labels['le'] !== '+Inf')
      .map(({ labels, value }) => ({ atMost: Number(labels['le']), count: value }))
      .sort((a, b) => a.atMost - b.atMost),
    count: named('_count')[0]?.value ?? 0,
    sum: named('_sum')[0]?.value ?? 0,
  };
}

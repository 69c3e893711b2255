/** A run from its start to its count: the topology under load, whatever is done to it meanwhile, and then the ledger. */
import { type ArchiveReader, openArchiveReader } from './archive-count.js';
import { Ends } from './ends.js';
import { type Feeds, startFeeds } from './feed.js';
import { readShown, startReading } from './fhir-count.js';
import { Journal } from './journal.js';
import { judge, type Verdict } from './ledger.js';
import { startTopology, type Topology, type TopologyOptions } from './topology.js';

export interface SessionOptions extends TopologyOptions {
  /** Milliseconds between two messages of a feed. */
  readonly interval: number;
  readonly log: (line: string) => void;
}

export interface Session {
  readonly topology: Topology;
  readonly journal: Journal;
  readonly archive: ArchiveReader;
  /** Stops the feeds, waits until all is settled, and counts. */
  count(): Promise<Counts>;
  /** Ends all processes. */
  end(): Promise<void>;
}

export interface Counts {
  readonly verdict: Verdict;
  /** Counts of messages that operators see and that are wrong. */
  readonly miscounted: number;
  /** Seconds from the last acknowledgement until all was settled. */
  readonly settledAfter: number;
  /** When it was counted, in ms of the monotonic clock. */
  readonly at: number;
}

/** Milliseconds that a sender waits for an acknowledgement before it connects anew. */
const patience = 5_000;
/** Milliseconds until messages under way have to be acknowledged, and all have to be settled. */
const within = 300_000;

export async function startSession(options: SessionOptions): Promise<Session> {
  const { log } = options;
  const topology = await startTopology(options);
  const ends = new Ends();
  ends.after(() => topology.end());
  const end = (): Promise<void> => ends.run();
  const { mongoUrl, prefix, tenants, publicUrl, client, mllpPort } = topology;
  const journal = new Journal();
  const archive = openArchiveReader(mongoUrl, prefix);
  ends.before(() => archive.close());
  archive.watch(journal);
  const { feedsPerTenant, interval } = options;
  const feeds: Feeds = startFeeds(journal, { tenants, feedsPerTenant, interval, port: mllpPort, patience });
  ends.before(() => feeds.stop(0));
  const [tenant = ''] = tenants;
  const reading = startReading(journal, { publicUrl, client, tenant });
  ends.before(() => reading.stop());
  log(`running: ${topology.members.map(({ name }) => name).join(', ')}, redis, mongod ×${topology.mongoNodes.length}`);
  return {
    ...{ topology, journal, archive, end },
    async count() {
      await feeds.stop(within);
      const stopped = performance.now();
      while (journal.unsettled().length > 0 && performance.now() < stopped + within)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const at = performance.now();
      log(`fed and settled: ${journal.entries.length} messages, ${journal.unsettled().length} unsettled; counting`);
      await reading.stop();
      const sent = journal.sent();
      const verdict = judge({
        sent,
        archived: await archive.states(),
        shown: await readShown(sent, { publicUrl, client }),
      });
      return { verdict, miscounted: await archive.miscounted(), settledAfter: (at - stopped) / 1000, at };
    },
  };
}

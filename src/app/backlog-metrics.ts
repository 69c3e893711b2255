/** What waits, and for how long, as metrics: counted now and then, for to count costs by what waits. */
import type { Clock } from '../core/clock.js';
import type { Metrics } from '../core/metrics.js';
import type { ArchivePort } from '../store/archive-port.js';

type Counted = Pick<Metrics, 'messages' | 'oldestUnsettled' | 'tenantUnsettled' | 'tenantOldest' | 'backlogSeen'>;

/** As many of the oldest waiting messages are looked at, to tell whose they are. */
const looked = 500;
/** Tenants that are told of, those that are furthest behind. */
const mostTenants = 20;
/** A look is followed by a pause so many times as long. */
const rest = 20;

/** Gives what looks once, to be called every few seconds: it leaves turns out after a look that took long. */
export function backlogMetrics(
  archive: Pick<ArchivePort, 'counts' | 'unsettled'>,
  metrics: Counted,
  clock: Pick<Clock, 'now' | 'monotonic'>,
): () => Promise<void> {
  let notBefore = Number.NEGATIVE_INFINITY;
  return async () => {
    const begun = clock.monotonic();
    if (begun < notBefore) return;
    const [counts, oldest] = await Promise.all([archive.counts(), archive.unsettled(looked)]);
    const now = clock.now();
    const age = (arrival: number): number => Math.max(0, (now - arrival) / 1000);
    const tenants = new Map<string, number>();
    for (const { tenant, sequence } of oldest) {
      if (tenant !== null && !tenants.has(tenant) && tenants.size < mostTenants)
        tenants.set(tenant, age(sequence.arrival));
    }
    const waiting = await Promise.all(
      [...tenants.keys()].map(async (tenant) => [tenant, (await archive.counts(tenant)).unsettled] as const),
    );
    for (const [state, rows] of Object.entries(counts)) metrics.messages.set({ state }, rows);
    metrics.oldestUnsettled.set({}, oldest[0] === undefined ? 0 : age(oldest[0].sequence.arrival));
    metrics.tenantOldest.replace([...tenants].map(([tenant, seconds]) => [{ tenant }, seconds]));
    metrics.tenantUnsettled.replace(waiting.map(([tenant, rows]) => [{ tenant }, rows]));
    metrics.backlogSeen.set({}, now / 1000);
    notBefore = clock.monotonic() + rest * (clock.monotonic() - begun);
  };
}

import type { FastifyInstance } from 'fastify';
import { isTransient } from '../core/errors.js';
import { sequenceName } from '../core/stamp.js';
import type { ArchiveRow } from '../store/archive-port.js';
import type { AdminParts } from './admin-parts.js';
import { upgradeJson } from './upgrade-routes.js';

/**
 * `GET /status`: processes, listeners, threads, counts by state, queue depth, arrival of the oldest unsettled message, versions. Counts
 * and depth are null while the thread that knows them is started anew. `GET /status/live`: the same with what moves: figures
 * since the start, what waits by tenant, the last messages that were parked, the last warnings and errors of the log.
 */
export function statusRoutes(api: FastifyInstance, parts: AdminParts): void {
  api.get('/status', () => statusOf(parts));
  api.get('/status/live', async () => {
    const [status, figures, lag, failures] = await Promise.all([
      statusOf(parts),
      parts.metrics.figures(),
      lagOf(parts).catch(unknownMeanwhile),
      failuresOf(parts).catch(unknownMeanwhile),
    ]);
    const errors = parts
      .recentFailures()
      .slice(0, 5)
      .map(({ at, ...failure }) => ({ at: new Date(at).toISOString(), ...failure }));
    return { ...status, at: new Date(parts.clock.now()).toISOString(), figures, lag, failures, errors };
  });
}

async function statusOf(parts: AdminParts) {
  const [status, messages, { mappingVersion, tenants, clients }, waiting, upgrade] = await Promise.all([
    parts.status(),
    parts.archive.counts().catch(unknownMeanwhile),
    parts.registry.snapshot(),
    parts.archive.unsettled(1).catch(unknownMeanwhile),
    parts.upgrades.state(),
  ]);
  return {
    ...status,
    startedAt: new Date(status.startedAt).toISOString(),
    processes: status.processes.map(({ startedAt, ...one }) => ({
      ...one,
      startedAt: new Date(startedAt).toISOString(),
    })),
    waiting: status.waiting.map(({ since, ...one }) => ({ ...one, since: new Date(since).toISOString() })),
    ready: parts.ready(),
    node: process.versions.node,
    mappingVersion,
    mappingProblems: parts.mapping.refusal()?.problems ?? [],
    tenants: tenants.length,
    clients: clients.length,
    upgrade: upgradeJson(upgrade),
    oldestUnsettled: arrivalOf(waiting?.[0]),
    messages,
  };
}

/** How many of the oldest waiting messages are looked at, to tell whose they are. */
const looked = 500;

/** What waits, by tenant, those with the oldest message first; and in how many partitions among the oldest so many. */
async function lagOf({ archive, registry }: AdminParts) {
  const oldest = await archive.unsettled(looked);
  const byTenant = new Map<string, ArchiveRow>();
  for (const row of oldest) if (row.tenant !== null && !byTenant.has(row.tenant)) byTenant.set(row.tenant, row);
  const { tenants } = await registry.snapshot();
  return {
    partitions: new Set(oldest.map(({ tenant, partition }) => `${tenant} ${partition}`)).size,
    tenants: await Promise.all(
      [...byTenant].slice(0, 20).map(async ([id, row]) => ({
        id,
        name: tenants.find((tenant) => tenant.id === id)?.name ?? '',
        waiting: (await archive.counts(id)).unsettled,
        oldest: arrivalOf(row),
      })),
    ),
  };
}

/** The last messages that were parked: names and reasons, nothing of their content. */
async function failuresOf({ archive }: AdminParts) {
  const parked = await archive.list({ states: ['parked'], limit: 5 });
  return parked.map(({ row, outcome }) => ({
    sequence: sequenceName(row.sequence),
    arrival: arrivalOf(row),
    listener: row.listener,
    reason: outcome?.reason ?? '',
  }));
}

/** ISO 8601; null where nothing waits. */
function arrivalOf(row: ArchiveRow | undefined): string | null {
  return row === undefined ? null : new Date(row.sequence.arrival).toISOString();
}

function unknownMeanwhile(error: unknown): null {
  if (isTransient(error)) return null;
  throw error;
}

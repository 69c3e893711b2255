import type { FastifyInstance } from 'fastify';
import { isTransient } from '../core/errors.js';
import type { ArchiveRow } from '../store/archive-port.js';
import type { AdminParts } from './admin-parts.js';

/**
 * `GET /status`: listeners, threads, counts by state, queue depth, arrival of the oldest unsettled message, versions. Counts and depth are null while the thread
 * that knows them is started anew.
 */
export function statusRoutes(api: FastifyInstance, parts: AdminParts): void {
  api.get('/status', async () => {
    const [status, messages, { mappingVersion, tenants, clients }, waiting] = await Promise.all([
      parts.status(),
      parts.archive.counts().catch(unknownMeanwhile),
      parts.registry.snapshot(),
      parts.archive.unsettled(1).catch(unknownMeanwhile),
    ]);
    return {
      ...status,
      startedAt: new Date(status.startedAt).toISOString(),
      waiting: status.waiting.map(({ since, ...one }) => ({ ...one, since: new Date(since).toISOString() })),
      ready: parts.ready(),
      node: process.versions.node,
      mappingVersion,
      mappingProblems: parts.mapping.refusal()?.problems ?? [],
      tenants: tenants.length,
      clients: clients.length,
      oldestUnsettled: arrivalOf(waiting?.[0]),
      messages,
    };
  });
}

/** ISO 8601; null where nothing waits. */
function arrivalOf(row: ArchiveRow | undefined): string | null {
  return row === undefined ? null : new Date(row.sequence.arrival).toISOString();
}

function unknownMeanwhile(error: unknown): null {
  if (isTransient(error)) return null;
  throw error;
}

import type { FastifyInstance } from 'fastify';
import type { AdminParts } from './admin-parts.js';

/** `GET /status`: listeners, counts by state, queue depth, versions. */
export function statusRoutes(api: FastifyInstance, parts: AdminParts): void {
  api.get('/status', async () => {
    const [status, messages, { mappingVersion, tenants, clients }] = await Promise.all([
      parts.status(),
      parts.archive.counts(),
      parts.registry.snapshot(),
    ]);
    return {
      ...status,
      startedAt: new Date(status.startedAt).toISOString(),
      ready: parts.ready(),
      node: process.versions.node,
      mappingVersion,
      tenants: tenants.length,
      clients: clients.length,
      messages,
    };
  });
}

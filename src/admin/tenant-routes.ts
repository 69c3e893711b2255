import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { guid, shortName } from '../core/config-values.js';
import type { TenantRecord } from '../store/registry-port.js';
import type { AdminParts } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';
import { checked } from './problem.js';

const wish = z.strictObject({ name: z.string().min(1).max(200), id: guid.optional(), cluster: shortName.optional() });

/** `GET /tenants`, `POST /tenants {name, id?, cluster?}`. */
export function tenantRoutes(api: FastifyInstance, parts: AdminParts, audit: Audit): void {
  api.get('/tenants', async (request) =>
    audited(audit, { request, subject: 'tenant-list', tenant: null }, async () => {
      const { tenants } = await parts.registry.snapshot();
      return { tenants: tenants.map(tenantJson) };
    }),
  );
  api.post('/tenants', async (request, reply) => {
    const made = await audited(audit, { request, subject: 'tenant-create', tenant: null }, async () => {
      const { name, id, cluster } = checked(wish, request.body);
      return parts.createTenant({
        name,
        ...(id === undefined ? {} : { id }),
        ...(cluster === undefined ? {} : { cluster }),
      });
    });
    return reply.code(201).send(tenantJson(made));
  });
}

/** What is shown of a tenant: never its keys. */
function tenantJson({ id, name, createdAt, kind, settings, partitions, fromConfiguration }: TenantRecord) {
  return { id, name, createdAt: new Date(createdAt).toISOString(), kind, settings, partitions, fromConfiguration };
}

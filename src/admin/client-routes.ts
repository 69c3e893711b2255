import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  createClient,
  deleteClient,
  type NewSecret,
  revokeSecret,
  rotateSecret,
  setClientEnabled,
} from '../auth/clients.js';
import { guid } from '../core/config-values.js';
import type { ClientRecord } from '../store/registry-port.js';
import type { AdminParts } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';
import { checked } from './problem.js';

const wish = z.strictObject({
  client_id: z.string().optional(),
  client_name: z.string().min(1).max(200),
  tenants: z.array(guid).min(1),
  scope: z.string().optional(),
});
/** Seconds that the earlier secrets go on working. */
const rotation = z.strictObject({
  overlap: z
    .int()
    .min(0)
    .max(90 * 86_400)
    .default(0),
});

interface ById {
  Params: { id: string };
}

interface BySecret {
  Params: { id: string; secret: string };
}

/**
 * Clients by the names of OAuth (RFC 7591): `GET /clients`; `POST /clients`; `DELETE /clients/:id`;
 * `POST /clients/:id/secrets {overlap}` rotates; `DELETE /clients/:id/secrets/:secret` revokes one;
 * `POST /clients/:id/disable` and `/enable`. A secret is in the answer that made it, and nowhere else.
 */
export function clientRoutes(api: FastifyInstance, parts: AdminParts, audit: Audit): void {
  const { registry, clock } = parts;
  api.get('/clients', async (request) =>
    audited(audit, { request, subject: 'client-list', tenant: null }, async () => {
      const { clients } = await registry.snapshot();
      return { clients: clients.map(clientJson) };
    }),
  );
  api.post('/clients', async (request, reply) => {
    const made = await audited(audit, { request, subject: 'client-create', tenant: null }, async () => {
      const { client_id: id, client_name: name, tenants, scope } = checked(wish, request.body);
      return createClient(registry, clock, {
        name,
        tenants,
        ...(id === undefined ? {} : { id }),
        ...(scope === undefined ? {} : { scopes: scope.split(' ').filter((part) => part !== '') }),
      });
    });
    return reply.code(201).send(withSecret(made));
  });
  api.post<ById>('/clients/:id/secrets', async (request, reply) => {
    const made = await audited(audit, { request, subject: 'client-rotate', tenant: null }, async () => {
      const { overlap } = checked(rotation, request.body);
      return rotateSecret(registry, clock, request.params.id, overlap * 1000);
    });
    return reply.code(201).send(withSecret(made));
  });
  api.delete<BySecret>('/clients/:id/secrets/:secret', async (request) =>
    audited(audit, { request, subject: 'client-revoke', tenant: null }, async () =>
      clientJson(await revokeSecret(registry, clock, request.params.id, request.params.secret)),
    ),
  );
  for (const [verb, enabled] of [
    ['disable', false],
    ['enable', true],
  ] as const) {
    api.post<ById>(`/clients/:id/${verb}`, async (request) =>
      audited(audit, { request, subject: `client-${verb}`, tenant: null }, async () =>
        clientJson(await setClientEnabled(registry, clock, request.params.id, enabled)),
      ),
    );
  }
  api.delete<ById>('/clients/:id', async (request, reply) => {
    await audited(audit, { request, subject: 'client-delete', tenant: null }, () =>
      deleteClient(registry, request.params.id),
    );
    return reply.code(204).send();
  });
}

function withSecret({ client, secretId, secret }: NewSecret) {
  return { ...clientJson(client), secret_id: secretId, client_secret: secret };
}

/** What is shown of a client: never a hash. Times are seconds since 1970, 0 for never, as in RFC 7591. */
function clientJson(client: ClientRecord) {
  return {
    client_id: client.id,
    client_name: client.name,
    client_id_issued_at: seconds(client.createdAt),
    tenants: client.tenants,
    scope: client.scopes.join(' '),
    disabled: client.disabledAt !== null,
    jwks: client.jwks,
    secrets: client.secrets.map(({ id, createdAt, expiresAt, revokedAt }) => ({
      secret_id: id,
      issued_at: seconds(createdAt),
      client_secret_expires_at: expiresAt === null ? 0 : seconds(expiresAt),
      revoked_at: revokedAt === null ? 0 : seconds(revokedAt),
    })),
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

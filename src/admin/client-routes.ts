import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readClientKeys } from '../auth/client-keys.js';
import {
  createClient,
  createKeyClient,
  deleteClient,
  type NewSecret,
  revokeSecret,
  revokeTokens,
  rotateSecret,
  setClientEnabled,
  setClientKeys,
  setGrants,
} from '../auth/clients.js';
import type { Clock } from '../core/clock.js';
import { guid } from '../core/config-values.js';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { ClientRecord } from '../store/registry-port.js';
import type { AdminParts } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';
import { checked } from './problem.js';

/** Seconds after which the new secret ends by itself. */
const expiry = z
  .int()
  .min(1)
  .max(10 * 366 * 86_400)
  .optional();
/** Public keys for `private_key_jwt`, or where they are published. */
const keys = { jwks: z.record(z.string(), z.json()).optional(), jwks_uri: z.string().optional() };
const newKeys = z.strictObject(keys);

const wish = z.strictObject({
  client_id: z.string().optional(),
  client_name: z.string().min(1).max(200),
  tenants: z.array(guid).min(1),
  scope: z.string().optional(),
  expires_in: expiry,
  ...keys,
});
/** `overlap`: seconds that the earlier secrets go on working. */
const rotation = z.strictObject({
  overlap: z
    .int()
    .min(0)
    .max(90 * 86_400)
    .default(0),
  expires_in: expiry,
});

const grants = z.strictObject({ tenants: z.array(guid).min(1).optional(), scope: z.string().optional() });

interface ById {
  Params: { id: string };
}

interface BySecret {
  Params: { id: string; secret: string };
}

/**
 * Clients by the names of OAuth (RFC 7591): `GET /clients`; `POST /clients`; `DELETE /clients/:id`;
 * `POST /clients/:id/secrets {overlap, expires_in}` rotates; `PUT /clients/:id/keys {jwks | jwks_uri}`, `DELETE` of it; `DELETE /clients/:id/secrets/:secret` revokes one;
 * `PATCH /clients/:id {tenants, scope}` changes what it may ask for; `DELETE /clients/:id/tokens` ends all its tokens;
 * `POST /clients/:id/disable` and `/enable`. What the configuration file states of a client (that it is, its grants, its keys) is
 * refused a change with `conflict`. A secret is in the answer that made it, and nowhere else.
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
      const asked = checked(wish, request.body);
      const { client_id: id, client_name: name, tenants, scope } = asked;
      const client = {
        name,
        tenants,
        ...(id === undefined ? {} : { id }),
        ...scopesOf(scope),
      };
      const given = keysOf(asked);
      if (given !== undefined) return clientJson(await createKeyClient(registry, clock, client, given));
      return withSecret(await createClient(registry, clock, client, endOf(clock, asked.expires_in)));
    });
    return reply.code(201).send(made);
  });
  api.post<ById>('/clients/:id/secrets', async (request, reply) => {
    const made = await audited(audit, { request, subject: 'client-rotate', tenant: null }, async () => {
      const { overlap, expires_in } = checked(rotation, request.body);
      return rotateSecret(registry, clock, request.params.id, overlap * 1000, endOf(clock, expires_in));
    });
    return reply.code(201).send(withSecret(made));
  });
  api.patch<ById>('/clients/:id', async (request) =>
    audited(audit, { request, subject: 'client-grant', tenant: null }, async () => {
      const { tenants, scope } = checked(grants, request.body);
      const wish = { ...(tenants === undefined ? {} : { tenants }), ...scopesOf(scope) };
      return clientJson(await setGrants(registry, request.params.id, wish));
    }),
  );
  api.delete<ById>('/clients/:id/tokens', async (request) =>
    audited(audit, { request, subject: 'client-tokens', tenant: null }, async () =>
      clientJson(await revokeTokens(registry, request.params.id)),
    ),
  );
  api.put<ById>('/clients/:id/keys', async (request) =>
    audited(audit, { request, subject: 'client-keys', tenant: null }, async () => {
      const given = keysOf(checked(newKeys, request.body)) ?? readClientKeys(null);
      return clientJson(await setClientKeys(registry, request.params.id, given));
    }),
  );
  api.delete<ById>('/clients/:id/keys', async (request) =>
    audited(audit, { request, subject: 'client-keys', tenant: null }, async () =>
      clientJson(await setClientKeys(registry, request.params.id, null)),
    ),
  );
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

function scopesOf(scope: string | undefined): { scopes?: string[] } {
  return scope === undefined ? {} : { scopes: scope.split(' ').filter((part) => part !== '') };
}

/** The keys of a request; undefined where it names none. */
function keysOf(asked: z.output<typeof newKeys>): JsonObject | undefined {
  const { jwks, jwks_uri } = asked;
  if (jwks !== undefined && jwks_uri !== undefined) throw fault('invalid-request', 'state jwks or jwks_uri, not both');
  if (jwks_uri !== undefined) return readClientKeys({ jwks_uri });
  return jwks === undefined ? undefined : readClientKeys(jwks as JsonObject);
}

/** Epoch ms at which a secret of so many seconds ends. */
function endOf(clock: Pick<Clock, 'now'>, seconds: number | undefined): number | null {
  return seconds === undefined ? null : clock.now() + seconds * 1000;
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
    from_configuration: client.fromConfiguration === true,
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

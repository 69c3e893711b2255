import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import { canonicalJson, type Json, type JsonObject } from '../core/json.js';
import type { ClientRecord, RegistryPort, SecretRecord } from '../store/registry-port.js';
import { hashSecret } from './secrets.js';

/** A client as the configuration file states it. What it does not state (secrets made at run time) stays. */
export interface DeclaredClient {
  readonly id: string;
  readonly name: string;
  readonly tenants: readonly string[];
  readonly scopes: readonly string[];
  readonly secret?: string;
  readonly jwks?: JsonObject;
}

/** Id of the secret that the configuration gives. */
const declaredSecret = 'configured';

/**
 * Brings a declared client into the registry. A configured secret that changed replaces the one before, so that tokens
 * of the former are refused.
 * @throws Fault `conflict` when the client is changed elsewhere in the same moment
 */
export async function declareClient(
  registry: Pick<RegistryPort, 'snapshot' | 'putClient'>,
  clock: Clock,
  wish: DeclaredClient,
): Promise<void> {
  const before = (await registry.snapshot()).clients.find((client) => client.id === wish.id) ?? null;
  const now = clock.now();
  const after: ClientRecord = {
    id: wish.id,
    name: wish.name,
    createdAt: before?.createdAt ?? now,
    tenants: wish.tenants,
    scopes: wish.scopes,
    secrets: secretsOf(before, wish.secret, now),
    jwks: wish.jwks ?? before?.jwks ?? null,
    generation: before?.generation ?? 1,
    disabledAt: before?.disabledAt ?? null,
  };
  if (before !== null && sameRecord(before, after)) return;
  if (!(await registry.putClient(before, after))) {
    throw fault('conflict', `client ${wish.id} was changed elsewhere while the configuration was read; start again`);
  }
}

function secretsOf(before: ClientRecord | null, secret: string | undefined, now: number): SecretRecord[] {
  const others = (before?.secrets ?? []).filter((one) => one.id !== declaredSecret);
  if (secret === undefined) return others;
  const hash = hashSecret(secret);
  const same = before?.secrets.find((one) => one.id === declaredSecret && one.hash === hash);
  const record = same ?? { id: declaredSecret, hash, createdAt: now, expiresAt: null, revokedAt: null };
  return [...others, record];
}

function sameRecord(a: ClientRecord, b: ClientRecord): boolean {
  return canonicalJson(a as unknown as Json) === canonicalJson(b as unknown as Json);
}

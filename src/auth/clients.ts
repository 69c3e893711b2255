import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { ClientRecord, RegistryPort, SecretRecord } from '../store/registry-port.js';
import { isGrantable } from './scopes.js';
import { hashSecret, isLive, newSecret } from './secrets.js';

/** A client with a secret just made. The secret is shown this once and kept nowhere. */
export interface NewSecret {
  readonly client: ClientRecord;
  readonly secretId: string;
  readonly secret: string;
}

export interface ClientWish {
  /** `client_id`; made at random when left out. */
  readonly id?: string;
  readonly name: string;
  /** Tenant ids that it may ask a token for. */
  readonly tenants: readonly string[];
  /** `system/*.read` when left out. */
  readonly scopes?: readonly string[];
}

type Registry = Pick<RegistryPort, 'snapshot' | 'putClient' | 'deleteClient'>;

const clientIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const attempts = 8;

/**
 * Makes a client with its first secret. `expiresAt`: epoch ms, null for never.
 * @throws Fault `invalid-request` for an id that cannot be one or an unknown tenant, `conflict` for an id in use
 */
export async function createClient(
  registry: Registry,
  clock: Clock,
  wish: ClientWish,
  expiresAt: number | null = null,
): Promise<NewSecret> {
  const { record, secret } = makeSecret(clock.now(), expiresAt);
  const client = await register(registry, clock, wish, { secrets: [record], jwks: null });
  return { client, secretId: record.id, secret };
}

/** Makes a client that proves itself by keys (as `readClientKeys` gives them) and has no secret. Throws like `createClient`. */
export async function createKeyClient(
  registry: Registry,
  clock: Clock,
  wish: ClientWish,
  jwks: JsonObject,
): Promise<ClientRecord> {
  return register(registry, clock, wish, { secrets: [], jwks });
}

async function register(
  registry: Registry,
  clock: Clock,
  wish: ClientWish,
  proofs: Pick<ClientRecord, 'secrets' | 'jwks'>,
): Promise<ClientRecord> {
  const id = wish.id ?? randomUUID();
  if (!clientIdForm.test(id)) {
    throw fault('invalid-request', 'a client id has 1 to 64 letters, digits, dots, hyphens and underscores');
  }
  const tenants = await knownTenants(registry, wish.tenants);
  checkScopes(wish.scopes);
  const client: ClientRecord = {
    id,
    name: wish.name,
    createdAt: clock.now(),
    tenants,
    scopes: wish.scopes ?? ['system/*.read'],
    ...proofs,
    generation: 1,
    disabledAt: null,
  };
  if (!(await registry.putClient(null, client))) throw fault('conflict', `a client ${id} exists already`);
  return client;
}

/** A client as the configuration states it. */
export interface ConfiguredClient {
  readonly id: string;
  readonly name: string;
  readonly tenants: readonly string[];
  readonly scopes: readonly string[];
  /** From its file; without one, and without keys, it can only be given a secret at run time. */
  readonly secret?: string;
  readonly jwks?: JsonObject;
}

/**
 * Makes the registry say of a client what the configuration states; run at each start, and a no-op when nothing changed.
 * A secret that the configuration no longer states is revoked; secrets made at run time stay.
 */
export async function putConfiguredClient(registry: Registry, clock: Clock, stated: ConfiguredClient): Promise<void> {
  const tenants = await knownTenants(registry, stated.tenants);
  const now = clock.now();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = (await registry.snapshot()).clients.find(({ id }) => id === stated.id) ?? null;
    const keys = stated.jwks ?? null;
    const changedKeys = before !== null && JSON.stringify(before.jwks) !== JSON.stringify(keys);
    const after: ClientRecord = {
      id: stated.id,
      name: stated.name,
      createdAt: before?.createdAt ?? now,
      tenants,
      scopes: stated.scopes,
      secrets: configuredSecrets(before?.secrets ?? [], stated.secret, now),
      jwks: keys,
      generation: (before?.generation ?? 1) + (changedKeys ? 1 : 0),
      disabledAt: before?.disabledAt ?? null,
      fromConfiguration: true,
    };
    if (before !== null && JSON.stringify(before) === JSON.stringify(after)) return;
    if (await registry.putClient(before, after)) return;
  }
  throw fault('conflict', `client ${stated.id} is being changed by others; try again`);
}

/** Makes clients that the configuration does not name any more what those made at run time are; they stay as they were. */
export async function releaseUnconfigured(registry: Registry, stated: ReadonlySet<string>): Promise<void> {
  const { clients } = await registry.snapshot();
  for (const { id } of clients.filter((client) => client.fromConfiguration === true && !stated.has(client.id))) {
    await change(registry, id, ({ fromConfiguration: _, ...client }) => client);
  }
}

/** Adds a secret; those that the client has go on working. `expiresAt`: epoch ms, null for never. */
export async function addSecret(
  registry: Registry,
  clock: Clock,
  id: string,
  expiresAt: number | null = null,
): Promise<NewSecret> {
  const { record, secret } = makeSecret(clock.now(), expiresAt);
  const client = await change(registry, id, (before) => ({ ...before, secrets: [...before.secrets, record] }));
  return { client, secretId: record.id, secret };
}

/**
 * Adds a secret and lets every other live one end after `overlap` milliseconds (0: at once, for tokens already issued
 * too). Dead secrets are forgotten, but for one that the configuration may still name: it would come back with the next start.
 */
export async function rotateSecret(
  registry: Registry,
  clock: Clock,
  id: string,
  overlap: number,
  expiresAt: number | null = null,
): Promise<NewSecret> {
  const now = clock.now();
  const { record, secret } = makeSecret(now, expiresAt);
  const ended = (old: SecretRecord): SecretRecord[] => {
    if (isLive(old, now)) return [endAt(old, now, now + overlap)];
    return old.id.startsWith(configured) && !endedByFile(old) ? [old] : [];
  };
  const client = await change(registry, id, (before) => ({
    ...before,
    secrets: [...before.secrets.flatMap(ended), record],
  }));
  return { client, secretId: record.id, secret };
}

/** Revokes one secret; tokens issued by it stop working within a second. Throws `not-found` for an unknown one. */
export async function revokeSecret(
  registry: Registry,
  clock: Clock,
  id: string,
  secretId: string,
): Promise<ClientRecord> {
  return change(registry, id, (before) => {
    if (!before.secrets.some((secret) => secret.id === secretId)) {
      throw fault('not-found', `client ${id} has no secret ${secretId}`);
    }
    const end = (secret: SecretRecord): SecretRecord => ({ ...secret, revokedAt: secret.revokedAt ?? clock.now() });
    return { ...before, secrets: before.secrets.map((secret) => (secret.id === secretId ? end(secret) : secret)) };
  });
}

/** Disables a client or enables it again. Disabling ends its tokens for good: they do not come back with it. */
export async function setClientEnabled(
  registry: Registry,
  clock: Clock,
  id: string,
  enabled: boolean,
): Promise<ClientRecord> {
  return change(registry, id, (before) =>
    enabled
      ? { ...before, disabledAt: null }
      : { ...before, disabledAt: before.disabledAt ?? clock.now(), generation: before.generation + 1 },
  );
}

/** Sets what a client may ask for. Tokens already issued shrink with it. @throws Fault `conflict` for a configured client */
export async function setGrants(
  registry: Registry,
  id: string,
  grants: { readonly tenants?: readonly string[]; readonly scopes?: readonly string[] },
): Promise<ClientRecord> {
  const tenants = grants.tenants === undefined ? undefined : await knownTenants(registry, grants.tenants);
  checkScopes(grants.scopes);
  return change(registry, id, (before) => ({
    ...unlessConfigured(before),
    tenants: tenants ?? before.tenants,
    scopes: grants.scopes ?? before.scopes,
  }));
}

/**
 * Sets the public keys for `private_key_jwt`: a JWK set, `{ "jwks_uri": "https://…" }`, or null. Ends all its tokens.
 * @throws Fault `conflict` for a configured client
 */
export async function setClientKeys(registry: Registry, id: string, jwks: JsonObject | null): Promise<ClientRecord> {
  return change(registry, id, (before) => ({ ...unlessConfigured(before), jwks, generation: before.generation + 1 }));
}

/** Ends all tokens of a client at once; its secrets stay. */
export async function revokeTokens(registry: Registry, id: string): Promise<ClientRecord> {
  return change(registry, id, (before) => ({ ...before, generation: before.generation + 1 }));
}

/**
 * Deletes a client with its secrets and tokens.
 * @throws Fault `not-found` for an unknown one, `conflict` for a configured one, which the next start would bring back
 */
export async function deleteClient(registry: Registry, id: string): Promise<void> {
  const client = (await registry.snapshot()).clients.find((one) => one.id === id);
  if (client !== undefined) unlessConfigured(client);
  if (!(await registry.deleteClient(id))) throw fault('not-found', `no client ${id}`);
}

/** @throws Fault `conflict` for a client whose grants, keys and existence the configuration file states */
function unlessConfigured(client: ClientRecord): ClientRecord {
  if (client.fromConfiguration !== true) return client;
  throw fault(
    'conflict',
    `client ${client.id} is named by the configuration file and read-only here: change the file and reload it (SIGHUP), ` +
      'or disable the client',
  );
}

/** Ids of secrets that come from the configuration begin so. */
const configured = 'configured-';

/**
 * True for a secret that the configuration no longer named, and may name again. One that was revoked by hand stays revoked
 * while the file names it: a restart brings nothing back.
 */
function endedByFile({ revokedAt, expiresAt }: SecretRecord): boolean {
  return revokedAt !== null && revokedAt === expiresAt;
}

function configuredSecrets(
  before: readonly SecretRecord[],
  stated: string | undefined,
  now: number,
): readonly SecretRecord[] {
  const hash = stated === undefined ? undefined : hashSecret(stated);
  const kept = before.map((secret) => {
    const leaves = secret.id.startsWith(configured) && secret.hash !== hash && secret.revokedAt === null;
    return leaves ? { ...secret, revokedAt: now, expiresAt: now } : secret;
  });
  if (hash === undefined || kept.some((secret) => secret.hash === hash && !endedByFile(secret))) return kept;
  const id = configured + randomBytes(6).toString('base64url');
  return [...kept, { id, hash, createdAt: now, expiresAt: null, revokedAt: null }];
}

function makeSecret(now: number, expiresAt: number | null): { record: SecretRecord; secret: string } {
  const secret = newSecret();
  const id = randomBytes(6).toString('base64url');
  return { record: { id, hash: hashSecret(secret), createdAt: now, expiresAt, revokedAt: null }, secret };
}

function endAt(secret: SecretRecord, now: number, end: number): SecretRecord {
  if (end <= now) return { ...secret, revokedAt: now };
  return { ...secret, expiresAt: Math.min(secret.expiresAt ?? end, end) };
}

/** @throws Fault `invalid-request` for a scope that could never be granted */
function checkScopes(scopes: readonly string[] | undefined): void {
  if (scopes === undefined) return;
  const wrong = scopes.length === 0 ? 'none' : scopes.find((scope) => !isGrantable(scope));
  if (wrong === undefined) return;
  throw fault('invalid-request', `scopes are system/*.read, system/Patient.rs, … or hl7:send; ${wrong} is not`);
}

async function knownTenants(registry: Registry, tenants: readonly string[]): Promise<readonly string[]> {
  const known = new Set((await registry.snapshot()).tenants.map((tenant) => tenant.id));
  const asked = [...new Set(tenants.map((tenant) => tenant.toLowerCase()))];
  const unknown = asked.filter((tenant) => !known.has(tenant));
  if (unknown.length > 0) throw fault('invalid-request', `unknown tenant ${unknown.join(', ')}`);
  return asked;
}

async function change(
  registry: Registry,
  id: string,
  how: (before: ClientRecord) => ClientRecord,
): Promise<ClientRecord> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = (await registry.snapshot()).clients.find((client) => client.id === id);
    if (before === undefined) throw fault('not-found', `no client ${id}`);
    const after = how(before);
    if (await registry.putClient(before, after)) return after;
  }
  throw fault('conflict', `client ${id} is being changed by others; try again`);
}

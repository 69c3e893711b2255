/** The token endpoint: client credentials only (RFC 6749 §4.4), answers and errors by §5. Knows nothing of HTTP servers. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from '../core/clock.js';
import { isTransient } from '../core/errors.js';
import type { ClientRecord, RegistryPort, RegistrySnapshot } from '../store/registry-port.js';
import type { AttemptLimit } from './attempt-limit.js';
import { assertedClient, assertionType, verifyAssertion } from './client-assertion.js';
import type { RegistryCopy } from './registry-copy.js';
import { defaultScope, grantScopes, readScopes } from './scopes.js';
import { matchSecret } from './secrets.js';
import { activeKey, type ImportedKey } from './signing-keys.js';
import { readTokenRequest, type TokenHttpRequest, type TokenRequest } from './token-request.js';

export interface TokenEndpointParts {
  readonly registry: Pick<RegistryPort, 'useOnce'>;
  readonly copy: RegistryCopy;
  readonly clock: Clock;
  readonly limit: AttemptLimit;
  readonly privateKey: (key: RegistrySnapshot['signingKeys'][number]) => Promise<ImportedKey>;
  /** `iss` and `aud` of tokens. */
  readonly publicUrl: string;
  /** Milliseconds that a token lives. */
  readonly tokenLife: number;
}

/** What to send back, and what the audit is told of it. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string | number>>;
  /** Null where no known client authenticated itself. */
  readonly client: string | null;
  readonly tenant: string | null;
}

export const usualTokenLife = 10 * 60_000;

/** URL of the token endpoint under the public URL: the `aud` of client assertions. */
export function tokenEndpointUrl(publicUrl: string): string {
  return `${publicUrl}/oauth2/token`;
}

/** `sid` of tokens that were asked for with a key instead of a secret. */
export const keySecretId = 'jwk';

/** A client that proved who it is, and by which secret. */
interface Authenticated {
  readonly client: ClientRecord;
  readonly secretId: string;
  /** Epoch ms at which the secret ends. */
  readonly secretEnd: number;
}

interface Granted {
  readonly tenant: string;
  readonly scope: string;
}

/**
 * Answers a token request in any accepted form. A failed attempt beyond the limit is answered 429 instead of 401;
 * a good one is answered whatever failed before it.
 * @throws Fault `stale-registry` and other transient faults, to be answered 503
 */
export async function answerTokenRequest(parts: TokenEndpointParts, http: TokenHttpRequest): Promise<TokenAnswer> {
  const request = readTokenRequest(http);
  if ('error' in request) return refusal(400, request.error, request.description);
  if (request.grantType === '') return refusal(400, 'invalid_request', 'grant_type is missing');
  if (request.grantType !== 'client_credentials') {
    return refusal(400, 'unsupported_grant_type', 'only client_credentials is supported');
  }
  let snapshot = await parts.copy.current();
  let authenticated = await authenticate(parts, snapshot, request);
  if (authenticated === null) {
    // a client or a secret that another process has just made works at once
    const { generation } = snapshot;
    snapshot = await parts.copy.refresh();
    if (snapshot.generation !== generation) authenticated = await authenticate(parts, snapshot, request);
  }
  if (authenticated === null) return unauthenticated(parts, request, http.address);
  const { client } = authenticated;
  const granted = grant(snapshot, client, request.scope);
  if (typeof granted === 'string') return { ...refusal(400, 'invalid_scope', granted), client: client.id };
  const now = parts.clock.now();
  const expires = Math.min(now + parts.tokenLife, authenticated.secretEnd);
  return {
    status: 200,
    headers: noStore,
    body: {
      access_token: await signToken(parts, snapshot, authenticated, granted, now, expires),
      token_type: 'Bearer',
      expires_in: Math.max(1, Math.floor((expires - now) / 1000)),
      scope: granted.scope,
    },
    client: client.id,
    tenant: granted.tenant,
  };
}

/** RFC 6749 §4.1.2.1: what the authorization endpoint answers, since there is no flow that uses it. */
export function answerAuthorizeRequest(): Pick<TokenAnswer, 'status' | 'headers' | 'body'> {
  return refusal(400, 'unsupported_response_type', 'only the client credentials grant is supported: use the token URL');
}

async function authenticate(
  parts: TokenEndpointParts,
  snapshot: RegistrySnapshot,
  request: TokenRequest,
): Promise<Authenticated | null> {
  const now = parts.clock.now();
  if (request.assertion !== '') {
    const id = assertedClient(request.assertion);
    const client = usable(snapshot, id);
    const named = request.clientId === '' || request.clientId === id;
    if (client === undefined || !named || request.assertionType !== assertionType) return null;
    const endpoint = tokenEndpointUrl(parts.publicUrl);
    const useOnce = parts.registry.useOnce.bind(parts.registry);
    if (!(await verifyAssertion(request.assertion, client, endpoint, now, useOnce))) return null;
    return { client, secretId: keySecretId, secretEnd: Number.POSITIVE_INFINITY };
  }
  const client = usable(snapshot, request.clientId);
  const secret = matchSecret(client, request.clientSecret, now);
  if (client === undefined || secret === null) return null;
  return { client, secretId: secret.id, secretEnd: secret.expiresAt ?? Number.POSITIVE_INFINITY };
}

function usable(snapshot: RegistrySnapshot, id: string): ClientRecord | undefined {
  return snapshot.clients.find((client) => client.id === id && client.disabledAt === null);
}

function unauthenticated(parts: TokenEndpointParts, request: TokenRequest, address: string): TokenAnswer {
  const client = request.clientId === '' ? assertedClient(request.assertion) : request.clientId;
  const wait = parts.limit.failed(client, address);
  if (wait > 0) {
    const answer = refusal(429, 'invalid_client', 'too many failed attempts; wait before the next');
    return { ...answer, headers: { ...answer.headers, 'Retry-After': String(wait) } };
  }
  const answer = refusal(401, 'invalid_client', 'unknown client, or its secret or assertion is not valid');
  if (!request.basic) return answer;
  return { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': 'Basic realm="wardline"' } };
}

/** The tenant and scopes for a request, or why not. An unknown tenant is refused in the words of an ungranted one. */
function grant(snapshot: RegistrySnapshot, client: ClientRecord, scope: string): Granted | string {
  const asked = readScopes(scope);
  if (asked.tenants.length > 1) return 'scope names several tenants; name one';
  const known = new Set(snapshot.tenants.map(({ id }) => id));
  const mine = client.tenants.filter((id) => known.has(id));
  const tenant = asked.tenants[0] ?? (asked.others.length > 0 && mine.length === 1 ? mine[0] : undefined);
  if (tenant === undefined) return 'scope names no tenant; name the id of one';
  if (!mine.includes(tenant)) return 'the tenant in scope is not granted to this client';
  const granted = grantScopes(asked.others.length === 0 ? [defaultScope] : asked.others, client.scopes);
  if (granted.length === 0) return 'none of the scopes asked for is granted to this client';
  return { tenant, scope: [tenant, ...granted].join(' ') };
}

async function signToken(
  parts: TokenEndpointParts,
  snapshot: RegistrySnapshot,
  { client, secretId }: Authenticated,
  { tenant, scope }: Granted,
  now: number,
  expires: number,
): Promise<string> {
  const key = activeKey(snapshot, now);
  return new SignJWT({ client_id: client.id, tenant, scope, sid: secretId, gen: client.generation })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'at+jwt' })
    .setIssuer(parts.publicUrl)
    .setAudience(parts.publicUrl)
    .setSubject(client.id)
    .setJti(randomUUID())
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.max(Math.floor(expires / 1000), Math.floor(now / 1000) + 1))
    .sign(await parts.privateKey(key));
}

const noStore = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

function refusal(status: number, error: string, description: string): TokenAnswer {
  return { status, headers: noStore, body: { error, error_description: description }, client: null, tenant: null };
}

/** RFC 6749 §5.2 has no code for a server that cannot answer now; OAuth clients know `temporarily_unavailable`. */
export function tokenFailure(error: unknown): Pick<TokenAnswer, 'status' | 'headers' | 'body'> {
  return isTransient(error)
    ? refusal(503, 'temporarily_unavailable', 'no token can be issued just now; try again')
    : refusal(500, 'server_error', 'no token can be issued');
}

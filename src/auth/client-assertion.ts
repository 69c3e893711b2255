/** `private_key_jwt`: RFC 7523 §3 as SMART Backend Services narrows it. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { ClientRecord } from '../store/registry-port.js';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const assertionAlgorithms: readonly string[] = [
  'ES256',
  'ES384',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
];
const longestLife = 5 * 60;
/** Seconds by which a client's clock may differ. */
const tolerance = 10;

/** The client that an assertion says it is from, unverified; empty when it says none. */
export function assertedClient(assertion: string): string {
  try {
    const { sub } = decodeJwt(assertion);
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}

/**
 * True when the assertion was signed by one of the client's keys, is from and about that client, for this token
 * endpoint, ends within five minutes, and was not used before.
 * @throws Fault `not-reachable` when the keys lie at a `jwks_uri` that does not answer
 * @param useOnce records an id until its expiry (epoch ms); false when it was used before
 */
export async function verifyAssertion(
  assertion: string,
  client: ClientRecord,
  endpoint: string,
  now: number,
  useOnce: (id: string, expires: number) => Promise<boolean>,
): Promise<boolean> {
  if (client.jwks === null) return false;
  let payload: JWTPayload;
  try {
    const verified = await jwtVerify(assertion, keysOf(client.jwks), {
      algorithms: [...assertionAlgorithms],
      issuer: client.id,
      subject: client.id,
      audience: endpoint,
      currentDate: new Date(now),
      clockTolerance: tolerance,
      requiredClaims: ['exp', 'jti'],
    });
    payload = verified.payload;
  } catch (error) {
    if (client.jwks['jwks_uri'] !== undefined && isUnread(error)) {
      throw fault('not-reachable', "the client's keys cannot be read from its jwks_uri just now", { cause: error });
    }
    return false;
  }
  const { exp, jti } = payload;
  if (typeof exp !== 'number' || typeof jti !== 'string' || jti === '' || jti.length > 256) return false;
  if (exp > now / 1000 + longestLife + tolerance) return false;
  return useOnce(`${client.id}|${jti}`, (exp + tolerance) * 1000);
}

/** True where the keys were not there to verify by: nothing is said of the assertion. */
function isUnread(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (
    code === 'ERR_JWKS_TIMEOUT' || code === 'ERR_JOSE_GENERIC' || (error instanceof TypeError && code === undefined)
  );
}

const remoteKeys = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

function keysOf(jwks: JsonObject): JWTVerifyGetKey {
  const uri = jwks['jwks_uri'];
  if (typeof uri !== 'string') return createLocalJWKSet(jwks as unknown as JSONWebKeySet);
  let keys = remoteKeys.get(uri);
  if (keys === undefined) {
    const url = new URL(uri);
    if (url.protocol !== 'https:') throw new TypeError('a jwks_uri is an https URL');
    keys = createRemoteJWKSet(url, { timeoutDuration: 3000 });
    remoteKeys.set(uri, keys);
  }
  return keys;
}

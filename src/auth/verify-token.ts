import { createHash } from 'node:crypto';
import { importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import type { ClientRecord, RegistrySnapshot } from '../store/registry-port.js';
import type { RegistryCopy } from './registry-copy.js';
import { grantScopes } from './scopes.js';
import { isLive } from './secrets.js';
import { type ImportedKey, isBelieved } from './signing-keys.js';
import { keySecretId } from './token-endpoint.js';

/** Who asks, for whose data, and what it may. */
export interface Principal {
  readonly client: string;
  readonly tenant: string;
  /** SMART scopes and Wardline's own, without the tenant. */
  readonly scopes: readonly string[];
}

/** Turns an `Authorization` header into a principal. */
export interface TokenVerifier {
  /**
   * @throws Fault `unauthorized` for a missing, malformed, expired or revoked token (the message does not tell which of
   * the last), `stale-registry` when the registry cannot be read
   */
  verify(authorization: string | undefined): Promise<Principal>;
}

interface Verified {
  readonly kid: string;
  readonly payload: JWTPayload;
}

const mostKept = 5000;
const longestToken = 8192;

/**
 * Verifies tokens that this installation issued. Signatures once found good are remembered; what the registry says of
 * key, client, secret, generation, tenant and scopes is looked up in its copy at every call.
 */
export function openTokenVerifier(copy: RegistryCopy, clock: Clock, publicUrl: string): TokenVerifier {
  const good = new Map<string, Verified>();
  const keys = new Map<string, Promise<ImportedKey>>();

  const signature = async (token: string, snapshot: RegistrySnapshot): Promise<Verified> => {
    const name = createHash('sha256').update(token).digest('base64');
    const known = good.get(name);
    if (known !== undefined) return known;
    const { payload, protectedHeader } = await jwtVerify(
      token,
      ({ kid, alg }) => {
        const key = snapshot.signingKeys.find((one) => one.kid === kid && one.algorithm === alg);
        if (key === undefined) throw refused();
        let imported = keys.get(key.kid);
        if (imported === undefined) {
          imported = importJWK(key.publicJwk as JWK, key.algorithm);
          keys.set(key.kid, imported);
        }
        return imported;
      },
      {
        algorithms: ['ES256', 'EdDSA'],
        typ: 'at+jwt',
        issuer: publicUrl,
        audience: publicUrl,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub', 'tenant', 'scope', 'sid', 'gen'],
      },
    );
    const verified = { kid: protectedHeader.kid ?? '', payload };
    good.set(name, verified);
    for (const oldest of good.keys()) {
      if (good.size <= mostKept) break;
      good.delete(oldest);
    }
    return verified;
  };

  return {
    async verify(authorization) {
      if (authorization === undefined) throw fault('unauthorized', 'a Bearer token is required');
      const token = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1];
      if (token === undefined || token.length > longestToken) {
        throw fault('unauthorized', 'the Authorization header holds no Bearer token');
      }
      const snapshot = await copy.current();
      const verified = await signature(token, snapshot).catch(() => {
        throw refused();
      });
      return check(verified, snapshot, clock.now());
    },
  };
}

/** The principal of a token whose signature is good, if the registry still stands behind everything in it. */
function check({ kid, payload }: Verified, snapshot: RegistrySnapshot, now: number): Principal {
  const { sub, exp, tenant, scope, sid, gen } = payload;
  const key = snapshot.signingKeys.find((one) => one.kid === kid);
  const client = snapshot.clients.find((one) => one.id === sub);
  if (key === undefined || !isBelieved(key, now) || exp === undefined || exp * 1000 <= now) throw refused();
  if (client === undefined || client.disabledAt !== null || gen !== client.generation) throw refused();
  if (typeof sid !== 'string' || !secretHolds(client, sid, now)) throw refused();
  if (typeof tenant !== 'string' || typeof scope !== 'string' || !client.tenants.includes(tenant)) throw refused();
  if (!snapshot.tenants.some((one) => one.id === tenant)) throw refused();
  const [named, ...asked] = scope.split(' ');
  if (named !== tenant) throw refused();
  return { client: client.id, tenant, scopes: grantScopes(asked, client.scopes) };
}

function secretHolds(client: ClientRecord, id: string, now: number): boolean {
  if (id === keySecretId) return client.jwks !== null;
  return client.secrets.some((secret) => secret.id === id && isLive(secret, now));
}

function refused(): Error {
  return fault('unauthorized', 'the token is not valid: ask for a new one');
}

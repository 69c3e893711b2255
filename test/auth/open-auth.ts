import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openAttemptLimit } from '../../src/auth/attempt-limit.js';
import { openRegistryCopy, type RegistryCopy } from '../../src/auth/registry-copy.js';
import { maintainSigningKeys, openPrivateKeys } from '../../src/auth/signing-keys.js';
import {
  answerTokenRequest,
  type TokenAnswer,
  type TokenEndpointParts,
  usualTokenLife,
} from '../../src/auth/token-endpoint.js';
import { openTokenVerifier, type TokenVerifier } from '../../src/auth/verify-token.js';
import type { Clock } from '../../src/core/clock.js';
import { newKey } from '../../src/core/seal.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import type { RegistryPort, TenantRecord } from '../../src/store/registry-port.js';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';

export const publicUrl = 'https://fhir.example.org';
export const north = '3f0c2a4e-0d0f-4c53-9d5e-6f6f2f6b1a11';
export const south = '8a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';

/** A clock that tests set; both hands move together. Far ahead, so that stores that look at the real time forget nothing. */
export class HandClock implements Clock {
  time = Date.UTC(2096, 10, 23, 12);

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }
}

export interface Auth {
  readonly registry: RegistryPort;
  readonly copy: RegistryCopy;
  readonly clock: HandClock;
  readonly master: Uint8Array;
  readonly endpoint: TokenEndpointParts;
  readonly verifier: TokenVerifier;
  token(body: string, more?: { contentType?: string; authorization?: string; address?: string }): Promise<TokenAnswer>;
}

/** The auth parts over a real registry with two tenants, north and south. */
export async function openAuth(t: TestContext): Promise<Auth> {
  const folder = temporaryFolder();
  const registry = openEmbeddedRegistry(join(folder.path, 'registry.db'));
  const clock = new HandClock();
  const master = newKey();
  await registry.putTenant(tenant(north, 'North'));
  await registry.putTenant(tenant(south, 'South'));
  await maintainSigningKeys(registry, master, clock);
  const copy = openRegistryCopy(registry, clock);
  t.after(async () => {
    copy.close();
    await registry.close();
    folder.remove();
  });
  const endpoint: TokenEndpointParts = {
    registry,
    copy,
    clock,
    limit: openAttemptLimit(clock),
    privateKey: openPrivateKeys(master),
    publicUrl,
    tokenLife: usualTokenLife,
  };
  return {
    registry,
    copy,
    clock,
    master,
    endpoint,
    verifier: openTokenVerifier(copy, clock, publicUrl),
    token: (body, more = {}) =>
      answerTokenRequest(endpoint, {
        contentType: more.contentType ?? 'application/x-www-form-urlencoded',
        authorization: more.authorization,
        address: more.address ?? '192.0.2.1',
        body,
      }),
  };
}

function tenant(id: string, name: string): TenantRecord {
  return {
    id,
    name,
    createdAt: 0,
    kind: 'own',
    settings: {},
    sealedIdKey: '',
    sealedDataKey: '',
    partitions: 32,
    fromConfiguration: false,
  };
}

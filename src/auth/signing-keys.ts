import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Clock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { sealText, unsealText } from '../core/seal.js';
import type { RegistryPort, RegistrySnapshot, SigningKeyRecord } from '../store/registry-port.js';

export interface KeySettings {
  /** Milliseconds between publishing a new key and signing with it. */
  readonly publishLead: number;
  /** Milliseconds after which a key is replaced. */
  readonly rotateAfter: number;
  /** Milliseconds for which tokens of a replaced key are still believed; at least a token's life. */
  readonly overlap: number;
}

export const usualKeySettings: KeySettings = {
  publishLead: 5 * 60_000,
  rotateAfter: 30 * 24 * 3_600_000,
  overlap: 24 * 3_600_000,
};

type Registry = Pick<RegistryPort, 'snapshot' | 'putSigningKey' | 'deleteSigningKey'>;

/**
 * Sees to the signing keys: makes the first, publishes the next one ahead of its use when the newest is old, and
 * forgets those whose tokens have all ended. Run at start and on a schedule, in one process at a time; a second one
 * at the same moment only makes a key more.
 */
export async function maintainSigningKeys(
  registry: Registry,
  master: Uint8Array,
  clock: Pick<Clock, 'now'>,
  settings: KeySettings = usualKeySettings,
): Promise<void> {
  const now = clock.now();
  const keys = (await registry.snapshot()).signingKeys;
  for (const key of keys) {
    if (key.retiredAt !== null && key.retiredAt <= now) await registry.deleteSigningKey(key.kid);
  }
  const inUse = keys.filter((key) => key.retiredAt === null);
  const newest = Math.max(...inUse.map((key) => key.activeFrom));
  if (inUse.length === 0) await publishKey(registry, master, now, now);
  else if (now - newest >= settings.rotateAfter) await rotateSigningKey(registry, master, clock, settings);
}

/** Publishes a new key, active after the lead, and lets the present ones end after the overlap. Returns its `kid`. */
export async function rotateSigningKey(
  registry: Registry,
  master: Uint8Array,
  clock: Pick<Clock, 'now'>,
  settings: KeySettings = usualKeySettings,
): Promise<string> {
  const now = clock.now();
  const inUse = (await registry.snapshot()).signingKeys.filter((key) => key.retiredAt === null);
  const activeFrom = now + settings.publishLead;
  const kid = await publishKey(registry, master, now, activeFrom);
  for (const key of inUse) await registry.putSigningKey({ ...key, retiredAt: activeFrom + settings.overlap });
  return kid;
}

/** The public keys as a JWK set (RFC 7517), those published ahead of use included. */
export function publicKeySet(snapshot: RegistrySnapshot, now: number): { keys: JsonObject[] } {
  return { keys: snapshot.signingKeys.filter((key) => isBelieved(key, now)).map((key) => key.publicJwk) };
}

/** True while tokens that a key signed are believed. */
export function isBelieved(key: SigningKeyRecord, now: number): boolean {
  return key.retiredAt === null || key.retiredAt > now;
}

/** The key that signs now: the active one that became so last. Throws `internal` when there is none. */
export function activeKey(snapshot: RegistrySnapshot, now: number): SigningKeyRecord {
  let best: SigningKeyRecord | undefined;
  for (const key of snapshot.signingKeys) {
    if (key.activeFrom > now || !isBelieved(key, now)) continue;
    if (best === undefined || key.activeFrom > best.activeFrom) best = key;
  }
  if (best === undefined) throw fault('internal', 'the registry holds no active signing key');
  return best;
}

export type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

/** Opens private keys as they are needed and keeps them open. */
export function openPrivateKeys(master: Uint8Array): (key: SigningKeyRecord) => Promise<ImportedKey> {
  const open = new Map<string, Promise<ImportedKey>>();
  return (key) => {
    const known = open.get(key.kid);
    if (known !== undefined) return known;
    const jwk = JSON.parse(unsealText(master, key.sealedPrivateJwk, about(key.kid))) as JWK;
    const imported = importJWK(jwk, key.algorithm);
    open.set(key.kid, imported);
    return imported;
  };
}

async function publishKey(registry: Registry, master: Uint8Array, now: number, activeFrom: number): Promise<string> {
  const algorithm = 'ES256';
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = randomBytes(9).toString('base64url');
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } as JsonObject;
  const sealedPrivateJwk = sealText(master, JSON.stringify(await exportJWK(privateKey)), about(kid));
  await registry.putSigningKey({
    kid,
    algorithm,
    publicJwk,
    sealedPrivateJwk,
    createdAt: now,
    activeFrom,
    retiredAt: null,
  });
  return kid;
}

function about(kid: string): string {
  return `signing-key ${kid}`;
}

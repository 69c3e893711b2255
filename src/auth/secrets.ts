import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClientRecord, SecretRecord } from '../store/registry-port.js';

/** A new client secret: 256 random bits as base64url. So much chance needs no slow hash to keep. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the registry keeps of a secret: its SHA-256 as base64url. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64url');
}

/** True while a secret may be used: not revoked, and not past its expiry. */
export function isLive(secret: SecretRecord, now: number): boolean {
  return secret.revokedAt === null && (secret.expiresAt === null || secret.expiresAt > now);
}

const nobody: readonly SecretRecord[] = [
  { id: '', hash: hashSecret(newSecret()), createdAt: 0, expiresAt: 0, revokedAt: 0 },
];

/**
 * The live secret of a client that equals `given`, or null. All of the client's secrets are compared, each in constant
 * time; for an unknown client a dummy is, so that the time taken does not tell which clients exist.
 */
export function matchSecret(client: ClientRecord | undefined, given: string, now: number): SecretRecord | null {
  const hash = Buffer.from(hashSecret(given));
  let found: SecretRecord | null = null;
  const secrets = client === undefined || client.secrets.length === 0 ? nobody : client.secrets;
  for (const secret of secrets) {
    const kept = Buffer.from(secret.hash);
    const equal = kept.length === hash.length && timingSafeEqual(kept, hash);
    if (equal && isLive(secret, now)) found = secret;
  }
  return found;
}

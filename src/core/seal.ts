/**
 * Encryption at rest. AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D 8.2.2): safe for 2^32 sealings a key.
 * Layout of a sealed value: 1 byte layout version, 12 bytes nonce, 16 bytes tag, then the ciphertext.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { fault } from './errors.js';

const layout = 1;
const nonceLength = 12;
const tagLength = 16;
const noncesDrawn = 256;
const headLength = 1 + nonceLength + tagLength;

/** Bytes of every key here. */
export const keyLength = 32;

/** A new random key of 32 bytes. */
export function newKey(): Uint8Array {
  return randomBytes(keyLength);
}

/** Encrypts `bytes` so that they open only with the same key and the same `about` (what and where the value is). */
export function seal(key: Uint8Array, bytes: Uint8Array, about: string): Uint8Array {
  const nonce = newNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(Buffer.from(about, 'utf8'));
  const body = cipher.update(bytes);
  const rest = cipher.final();
  return Buffer.concat([Buffer.of(layout), nonce, cipher.getAuthTag(), body, rest]);
}

let nonces = new Uint8Array(0);
let noncesUsed = 0;

/** Random bytes that no other nonce shares. They are drawn for many nonces at once: a draw costs as much as a small sealing. */
function newNonce(): Uint8Array {
  if (noncesUsed === nonces.length) {
    nonces = randomBytes(noncesDrawn * nonceLength);
    noncesUsed = 0;
  }
  const nonce = nonces.subarray(noncesUsed, noncesUsed + nonceLength);
  noncesUsed += nonceLength;
  return nonce;
}

/** Opens what `seal` made. Throws `seal-broken` when the key or `about` is another, or a byte was changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, about: string): Uint8Array {
  if (sealed.length < headLength || sealed[0] !== layout) {
    throw fault('seal-broken', 'a sealed value is cut short or of an unknown layout');
  }
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(about, 'utf8'));
  decipher.setAuthTag(sealed.subarray(1 + nonceLength, headLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headLength)), decipher.final()]);
  } catch {
    throw fault('seal-broken', 'a sealed value does not open: it was changed, or sealed with another key');
  }
}

/** Seals text, such as a key of a tenant or a private JWK, as base64url text for the registry. */
export function sealText(key: Uint8Array, text: string, about: string): string {
  return Buffer.from(seal(key, Buffer.from(text, 'utf8'), about)).toString('base64url');
}

/** Opens what `sealText` made. Throws `seal-broken`. */
export function unsealText(key: Uint8Array, sealed: string, about: string): string {
  return Buffer.from(unseal(key, Buffer.from(sealed, 'base64url'), about)).toString('utf8');
}

/** Wraps a key under the master key, as base64url text for the registry. */
export function wrapKey(master: Uint8Array, key: Uint8Array, about: string): string {
  return Buffer.from(seal(master, key, about)).toString('base64url');
}

/** Opens what `wrapKey` made. Throws `seal-broken`. */
export function unwrapKey(master: Uint8Array, wrapped: string, about: string): Uint8Array {
  const key = unseal(master, Buffer.from(wrapped, 'base64url'), about);
  if (key.length !== keyLength) throw fault('seal-broken', 'a wrapped key is not 32 bytes long');
  return key;
}

/** A key for one purpose, made from another; the same purpose gives the same key. */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  return createHmac('sha256', key).update(`wardline:${purpose}`).digest();
}

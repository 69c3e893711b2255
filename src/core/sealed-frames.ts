/**
 * A long stream sealed piece by piece: AES-256-GCM under a key that seals nothing else. A frame's nonce is its place in the stream and
 * whether it is the last, so that frames that were changed, left out, swapped or cut off do not open (the STREAM construction,
 * Hoang, Reyhanitabar, Rogaway and Vizár 2015).
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceLength = 12;

/** Bytes by which a sealed frame is longer than what it holds. */
export const frameOverhead = 16;

/** Seals and opens the frames of one stream, in their order. `about` is bound into each of them. */
export class SealedFrames {
  readonly #key: Uint8Array;
  readonly #about: Uint8Array;
  #next = 0;

  constructor(key: Uint8Array, about: Uint8Array) {
    this.#key = key;
    this.#about = about;
  }

  /** The next frame: 16 bytes of tag, then the ciphertext. */
  seal(bytes: Uint8Array, last: boolean): Uint8Array {
    const cipher = createCipheriv(algorithm, this.#key, this.#nonce(last), { authTagLength: frameOverhead });
    cipher.setAAD(this.#about);
    const body = cipher.update(bytes);
    cipher.final();
    return Buffer.concat([cipher.getAuthTag(), body]);
  }

  /** What the next frame holds; undefined where it does not open. */
  open(frame: Uint8Array, last: boolean): Uint8Array | undefined {
    if (frame.length < frameOverhead) return undefined;
    const decipher = createDecipheriv(algorithm, this.#key, this.#nonce(last), { authTagLength: frameOverhead });
    decipher.setAAD(this.#about);
    decipher.setAuthTag(frame.subarray(0, frameOverhead));
    const body = decipher.update(frame.subarray(frameOverhead));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return body;
  }

  #nonce(last: boolean): Uint8Array {
    const nonce = Buffer.alloc(nonceLength);
    nonce.writeBigUInt64BE(BigInt(this.#next++));
    nonce[nonceLength - 1] = last ? 1 : 0;
    return nonce;
  }
}

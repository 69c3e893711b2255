import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';

const block = 64;

/**
 * HMAC-SHA-256 (RFC 2104) under one key, for many short texts: two hashes at one call each. `createHmac` makes an object
 * for every digest, which costs more than the digest of a short text and leaves work to the collector.
 */
export class KeyedHash {
  readonly #inner: Buffer;
  readonly #outer: Buffer;
  #scratch: Buffer;

  /** Any length of key; one longer than 64 bytes is hashed first, as the RFC says. */
  constructor(key: Uint8Array) {
    const short = key.length > block ? createHash('sha256').update(key).digest() : key;
    this.#inner = Buffer.alloc(block, 0x36);
    this.#outer = Buffer.alloc(block + 32, 0x5c);
    short.forEach((byte, at) => {
      this.#inner[at] = 0x36 ^ byte;
      this.#outer[at] = 0x5c ^ byte;
    });
    this.#scratch = Buffer.alloc(1024);
    this.#inner.copy(this.#scratch);
  }

  /** The 32 bytes for a text (as UTF-8) or for bytes. */
  digest(message: string | Uint8Array): Buffer {
    this.#begin(message);
    return hash('sha256', this.#outer, 'buffer');
  }

  /** The same as 64 hexadecimal digits in lower case. */
  hex(message: string | Uint8Array): string {
    this.#begin(message);
    return hash('sha256', this.#outer, 'hex');
  }

  /** Puts the inner hash where the outer one is taken from. */
  #begin(message: string | Uint8Array): void {
    const most = typeof message === 'string' ? message.length * 3 : message.length;
    if (block + most > this.#scratch.length) {
      this.#scratch = Buffer.alloc(2 * (block + most));
      this.#inner.copy(this.#scratch);
    }
    const scratch = this.#scratch;
    let length = message.length;
    if (typeof message === 'string') length = scratch.write(message, block, 'utf8');
    else scratch.set(message, block);
    this.#outer.write(hash('sha256', scratch.subarray(0, block + length), 'binary'), block, 'latin1');
    if (scratch.length > largest) this.#scratch = Buffer.from(this.#inner);
  }
}

/** Room for a longer message is given back. */
const largest = 1 << 20;

import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { fault } from '../core/errors.js';
import type { ListenerTls } from './listener-settings.js';

/** The key and certificates of a listener, read from their files. */
export class TlsFiles {
  readonly #tls: ListenerTls;
  #version = '';

  constructor(tls: ListenerTls) {
    this.#tls = tls;
  }

  /**
   * Reads the files and checks that they fit together. Throws `config-invalid` with the listener's name when they do not, or
   * cannot be read.
   */
  read(listener: string): SecureContextOptions {
    const { key, cert, ca } = this.#tls;
    try {
      const version = this.#stamp();
      const options: SecureContextOptions = { key: readFileSync(key), cert: readFileSync(cert) };
      if (ca !== undefined) options.ca = readFileSync(ca);
      createSecureContext(options);
      this.#version = version;
      return options;
    } catch (error) {
      throw fault('config-invalid', `listener ${listener}: key and certificate cannot be used`, { cause: error });
    }
  }

  /** True when a file was changed after the last successful `read`. */
  get changed(): boolean {
    try {
      return this.#stamp() !== this.#version;
    } catch {
      return false;
    }
  }

  #stamp(): string {
    const { key, cert, ca } = this.#tls;
    const files = ca === undefined ? [key, cert] : [key, cert, ca];
    return files
      .map((file) => statSync(file, { bigint: true }))
      .map((at) => `${at.mtimeNs} ${at.size} ${at.ino}`)
      .join(' ');
  }
}

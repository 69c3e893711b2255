import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a file in `test/support/certificates`, from where compiled tests lie. */
export function certificatePath(name: string): string {
  return fileURLToPath(new URL(`../../../test/support/certificates/${name}`, import.meta.url));
}

export function certificate(name: string): Buffer {
  return readFileSync(certificatePath(name));
}

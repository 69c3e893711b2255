import { statSync } from 'node:fs';

/** Where Docker and Podman put secrets: all in a container may read them, and nobody else is in it. */
const ofContainer = '/run/secrets/';

/** True for a file, or folder, that others than its owner may look into by its mode. Windows has no such modes. */
export function isOpenToOthers(path: string, modeOf = (file: string): number => statSync(file).mode): boolean {
  if (process.platform === 'win32' || path.startsWith(ofContainer)) return false;
  return (modeOf(path) & 0o077) !== 0;
}

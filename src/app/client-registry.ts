import type { RegistryCopy } from '../auth/registry-copy.js';
import type { RegistryPort } from '../store/registry-port.js';

/** What managing clients needs of the registry. */
export type ClientRegistry = Pick<RegistryPort, 'snapshot' | 'putClient' | 'deleteClient'>;

/** The registry, where this process knows of a change before it is answered: a secret just made works at once. */
export function knownAtOnce(registry: ClientRegistry, copy: RegistryCopy): ClientRegistry {
  return {
    snapshot: () => registry.snapshot(),
    async putClient(before, after) {
      const written = await registry.putClient(before, after);
      await copy.refresh();
      return written;
    },
    async deleteClient(id) {
      const deleted = await registry.deleteClient(id);
      await copy.refresh();
      return deleted;
    },
  };
}

import type { MessageReader } from '../facade/facade-parts.js';
import type { ArchivePort } from '../store/archive-port.js';

/** What the facade may see of the archive: one tenant's messages, without their content. */
export function messagesIn(archive: Pick<ArchivePort, 'get'>): MessageReader {
  return {
    async get(tenant, message) {
      const found = await archive.get(message);
      if (found === undefined || found.row.tenant !== tenant || found.row.kind !== 'message') return undefined;
      const { sequence, listener, sender, type } = found.row;
      return { arrival: sequence.arrival, listener, sender, type, made: found.outcome?.made ?? [] };
    },
  };
}

import { type Fault, fault } from '../core/errors.js';
import type { ListenerSettings } from './listener-settings.js';

/** Why a listener cannot listen: `port-in-use`, else `config-invalid`. */
export function listenFault(
  { name, host, port }: Pick<ListenerSettings, 'name' | 'host' | 'port'>,
  error: NodeJS.ErrnoException,
): Fault {
  const inUse = error.code === 'EADDRINUSE';
  const why = inUse ? 'is in use' : `cannot be listened on (${error.code ?? 'unknown'})`;
  return fault(inUse ? 'port-in-use' : 'config-invalid', `listener ${name}: port ${port} of ${host} ${why}`);
}

import { openAttemptLimit } from '../auth/attempt-limit.js';
import { openPrivateKeys } from '../auth/signing-keys.js';
import type { Config } from '../core/config.js';
import type { StartedParts } from '../core/lifecycle.js';
import { usualLimits } from '../facade/facade-parts.js';
import { type RunningFacade, startFacade } from '../facade/listen.js';
import type { ArchivePort } from '../store/archive-port.js';
import type { AuditPort } from '../store/audit-port.js';
import { messagesIn } from './archived-messages.js';
import type { Installation } from './installation.js';

/** Serves FHIR and OAuth over HTTP. @throws Fault `port-in-use` */
export async function serveFhir(
  parts: StartedParts,
  here: Installation,
  config: Config,
  { archive, audit }: { readonly archive: ArchivePort; readonly audit: AuditPort },
): Promise<RunningFacade> {
  const { stores, threads, clock, log, metrics, master, copy, publicUrl, verifier, version } = here;
  const { host, tls, trustedProxies } = config.http;
  const reader = parts.add('facade reads', await stores.openReader(threads.watch('facade reads')), (port) =>
    port.close(),
  );
  const token = {
    ...{ copy, clock },
    registry: here.registry,
    limit: openAttemptLimit(clock),
    privateKey: openPrivateKeys(master),
    publicUrl: publicUrl.url,
    tokenLife: config.tokenLife,
  };
  const facade = {
    ...{ audit, verifier, token, clock, log, metrics, master },
    publicUrl: publicUrl.url,
    resources: reader,
    messages: messagesIn(archive),
    software: { name: 'Wardline', version },
    limits: usualLimits,
  };
  const door = { host, port: publicUrl.port, trustedProxies, ...(tls === undefined ? {} : { tls }) };
  return parts.add('facade', await startFacade(facade, door), (running) => running.close());
}

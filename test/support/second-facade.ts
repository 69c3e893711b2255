/** A further facade over the data folder of a running system, with connections, caches and a port of its own. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openAttemptLimit } from '../../src/auth/attempt-limit.js';
import { openRegistryCopy } from '../../src/auth/registry-copy.js';
import { openPrivateKeys } from '../../src/auth/signing-keys.js';
import { openTokenVerifier } from '../../src/auth/verify-token.js';
import { systemClock as clock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { createMetrics } from '../../src/core/metrics.js';
import { newKey } from '../../src/core/seal.js';
import { usualLimits } from '../../src/facade/facade-parts.js';
import { startFacade } from '../../src/facade/listen.js';
import { openEmbeddedAudit } from '../../src/store/embedded/audit.js';
import { startReadThread } from '../../src/store/embedded/read-client.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { temporaryFolder } from './temporary-folder.js';

/** Resolves its base URL. Tokens name the first one's URL, which is the public one of both. */
export async function startSecondFacade(t: TestContext, dataFolder: string, publicUrl: string): Promise<string> {
  const registry = openEmbeddedRegistry(join(dataFolder, 'registry.db'));
  const master = await openMasterKey(registry, { folder: dataFolder });
  const copy = openRegistryCopy(registry, clock);
  const resources = await startReadThread(join(dataFolder, 'tenants'));
  const audit = openEmbeddedAudit(join(temporaryFolder(t), 'audit.db'), { run: 1, key: newKey() });
  const facade = await startFacade(
    {
      publicUrl,
      resources,
      messages: { get: async () => undefined },
      audit,
      verifier: openTokenVerifier(copy, clock, publicUrl),
      token: {
        registry,
        copy,
        clock,
        limit: openAttemptLimit(clock),
        privateKey: openPrivateKeys(master),
        publicUrl,
        tokenLife: 900_000,
      },
      clock,
      log: silentLog,
      metrics: createMetrics(),
      master,
      software: { name: 'Wardline', version: 'test' },
      limits: usualLimits,
    },
    { host: '127.0.0.1', port: 0, trustedProxies: [] },
  );
  t.after(async () => {
    await facade.close();
    await resources.close();
    await audit.close();
    copy.close();
    await registry.close();
  });
  return `http://127.0.0.1:${facade.port}`;
}

/** Tenants and clients that the configuration names, brought into the registry at start. They are read-only at run time. */
import { readFileSync } from 'node:fs';
import { readClientKeys } from '../auth/client-keys.js';
import { putConfiguredClient, releaseUnconfigured } from '../auth/clients.js';
import { isGrantable } from '../auth/scopes.js';
import type { Clock } from '../core/clock.js';
import type { Config } from '../core/config.js';
import { Fault, fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { settingsOf } from '../engine/tenant-contexts.js';
import type { RegistryPort, TenantRecord } from '../store/registry-port.js';
import { newTenantRecord } from '../store/tenant-record.js';
import { settingsRekey } from './changed-keys.js';

/**
 * Writes what differs. `rekeyed` is called for a tenant whose settings now make other ids of what is stored; it resolves when its
 * rebuild is noted. Throws `config-invalid` for a secret or key file that cannot be used.
 */
export async function declareFromConfig(
  config: Config,
  registry: RegistryPort,
  master: Uint8Array,
  clock: Clock,
  rekeyed: (tenant: string) => Promise<void>,
): Promise<void> {
  const known = new Map((await registry.snapshot()).tenants.map((tenant) => [tenant.id, tenant]));
  for (const { id, name, ...stated } of config.tenants) {
    const settings = JSON.parse(JSON.stringify(stated)) as JsonObject;
    let before = known.get(id);
    if (before === undefined) {
      const made = newTenantRecord(master, { id, name, settings, fromConfiguration: true }, clock.now());
      before = await putNewTenant(registry, made);
    }
    const record = { ...before, name, settings, fromConfiguration: true };
    if (JSON.stringify(record) === JSON.stringify(before)) continue;
    const rekeys = settingsRekey(settingsOf(before), settingsOf(record));
    // noted before, so that a crash leaves it not out, and after, as a rebuild that began in between went by the former keys
    if (rekeys) await rekeyed(id);
    await registry.putTenant(record);
    if (rekeys) await rekeyed(id);
  }
  for (const client of config.clients) {
    const wrong = client.scopes.find((scope) => !isGrantable(scope));
    if (wrong !== undefined) {
      const right = 'system/*.read, system/Patient.rs, … and hl7:send';
      throw fault(
        'config-invalid',
        `clients: ${client.id}: the scope ${wrong} can never be granted; there are ${right}`,
      );
    }
    await putConfiguredClient(registry, clock, {
      id: client.id,
      name: client.name ?? client.id,
      tenants: client.tenants,
      scopes: client.scopes,
      ...(client.secretFile === undefined ? {} : { secret: readSecret(client.secretFile) }),
      ...(client.jwksFile === undefined ? {} : { jwks: readKeys(client.jwksFile) }),
      ...(client.jwksUri === undefined ? {} : { jwks: { jwks_uri: client.jwksUri } }),
    });
  }
  await releaseUnconfigured(registry, new Set(config.clients.map(({ id }) => id)));
}

/** The tenant as it is stored: the one that another process made where it was faster, whose keys count. */
async function putNewTenant(registry: RegistryPort, made: TenantRecord): Promise<TenantRecord> {
  try {
    await registry.putTenant(made);
    return made;
  } catch (error) {
    const other = (await registry.snapshot()).tenants.find(({ id }) => id === made.id);
    if (other === undefined) throw error;
    return other;
  }
}

function readSecret(file: string): string {
  const secret = readText(file).trim();
  if (secret.length < 32) throw fault('config-invalid', `the secret in ${file} is shorter than 32 characters`);
  return secret;
}

function readKeys(file: string): JsonObject {
  const text = readText(file);
  try {
    return readClientKeys(JSON.parse(text));
  } catch (error) {
    const why = error instanceof Fault ? `: ${error.message}` : '';
    throw fault('config-invalid', `${file} does not hold a JWK set${why}`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw fault('config-invalid', `${file} cannot be read (${code})`);
  }
}

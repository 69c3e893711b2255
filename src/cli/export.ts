import { Command } from 'commander';
import { loadConfig } from '../core/config.js';
import type { Json, JsonObject } from '../core/json.js';
import { adminClient } from './admin-client.js';
import { configFile, dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson } from './print-table.js';

interface Tenant extends JsonObject {
  id: string;
  name: string;
  settings: JsonObject;
}

interface Client extends JsonObject {
  client_id: string;
  client_name: string;
  tenants: string[];
  scope: string;
  disabled: boolean;
  jwks: JsonObject | null;
}

/** `wardline export`: what was made at run time, as the configuration would state it. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Print tenants and clients that were made at run time as a part of wardline.yaml.')
    .option(
      '-c, --config <file>',
      'configuration whose tenants and clients are left out (WARDLINE_CONFIG, else ./wardline.yaml)',
    )
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Secrets are kept as hashes and cannot be printed: of each client the file is named that a secret, or its public keys, are to be
put into; stderr says what. Secrets made at run time go on working beside that of the file until they are revoked.

Example:
  wardline export > made-at-run-time.yaml`,
    )
    .action(async ({ config, data, json }: { config?: string; data?: string; json?: true }) => {
      const admin = adminClient(dataFolder(data));
      const stated = namesOf(config);
      const { tenants } = await admin.call<{ tenants: Tenant[] }>('GET', '/tenants');
      const { clients } = await admin.call<{ clients: Client[] }>('GET', '/clients');
      const made = {
        tenants: tenants.filter(({ id }) => !stated.has(`tenant ${id}`)).map(tenantEntry),
        clients: clients.filter(({ client_id: id }) => !stated.has(`client ${id}`)).map(clientEntry),
      };
      if (json) return printJson(made);
      for (const [list, entries] of Object.entries(made)) process.stdout.write(yamlList(list, entries));
      for (const client of clients) {
        if (!stated.has(`client ${client.client_id}`)) process.stderr.write(fileToMake(client));
      }
    });
}

/** What the configuration states already: `tenant <id>`, `client <id>`. */
function namesOf(named: string | undefined): ReadonlySet<string> {
  const file = configFile(named);
  if (file === undefined) return new Set();
  const { tenants, clients } = loadConfig({ file, env: process.env });
  return new Set([...tenants.map(({ id }) => `tenant ${id}`), ...clients.map(({ id }) => `client ${id}`)]);
}

function tenantEntry({ id, name, settings }: Tenant): JsonObject {
  return { id, name, ...settings };
}

function clientEntry({ client_id: id, client_name: name, tenants, scope, jwks }: Client): JsonObject {
  const uri = jwks?.['jwks_uri'];
  const proof: JsonObject =
    jwks === null
      ? { secretFile: `${id}.secret` }
      : uri === undefined
        ? { jwksFile: `${id}.jwks.json` }
        : { jwksUri: uri };
  return { id, name, tenants, scopes: scope.split(' '), ...proof };
}

/** What has to be put where before the part works, and what it cannot say. */
function fileToMake({ client_id: id, jwks, disabled }: Client): string {
  const proof =
    jwks === null
      ? `${id}.secret: a secret of 32 characters at least; the present one is kept as a hash alone\n`
      : jwks['jwks_uri'] === undefined
        ? `${id}.jwks.json: ${JSON.stringify(jwks)}\n`
        : '';
  return `${proof}${disabled ? `client ${id} is disabled, which the registry keeps and no file says\n` : ''}`;
}

/** A list as YAML, whose values are JSON; nothing for an empty one. */
function yamlList(name: string, entries: readonly JsonObject[]): string {
  if (entries.length === 0) return '';
  const lines = entries.flatMap((entry) =>
    Object.entries(entry).map(
      ([key, value]: [string, Json], at) => `${at === 0 ? '  - ' : '    '}${key}: ${JSON.stringify(value)}\n`,
    ),
  );
  return `${name}:\n${lines.join('')}`;
}

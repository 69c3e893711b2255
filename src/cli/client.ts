import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson, printTable } from './print-table.js';

interface Client extends JsonObject {
  client_id: string;
  client_name: string;
  tenants: string[];
  scope: string;
  disabled: boolean;
  secrets: { secret_id: string; issued_at: number; client_secret_expires_at: number; revoked_at: number }[];
}

/** A client with keys has no secret. */
interface NewSecret extends Client {
  secret_id?: string;
  client_secret?: string;
}

interface Keys {
  readonly jwks?: string;
  readonly jwksUri?: string;
}

interface Wish {
  readonly tenant: string[];
  readonly id?: string;
  readonly scope: string;
  readonly expires?: number;
}

interface Options {
  readonly data?: string;
  readonly json?: true;
}

/** `wardline client create|grant|keys|rotate|revoke|list`. */
export function clientCommand(): Command {
  const command = new Command('client').description('Register applications, rotate and revoke their secrets.');
  command
    .command('create')
    .description('Register a client. Its secret is shown once.')
    .argument('<name>', 'name for people')
    .requiredOption('--tenant <guid...>', 'tenants that it may ask a token for')
    .option('--id <client_id>', 'its client_id; made at random when left out')
    .option('--scope <scopes>', 'SMART scopes that it may be granted', 'system/*.read')
    .option('--expires <duration>', 'when the secret ends by itself: 90d', length)
    .option('--jwks <file>', 'its public keys (a JWK set) instead of a secret: private_key_jwt')
    .option('--jwks-uri <url>', 'where it publishes those keys')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline client create "Patients app" --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11\n' +
        '  wardline client create "Registry" --tenant 3f0c9a52-… --jwks-uri https://registry.example/jwks.json',
    )
    .action(async (name: string, options: Options & Keys & Wish) => {
      const wish = {
        client_name: name,
        tenants: options.tenant,
        scope: options.scope,
        ...(options.id === undefined ? {} : { client_id: options.id }),
        ...(options.expires === undefined ? {} : { expires_in: options.expires }),
        ...keysOf(options),
      };
      showSecret(await adminClient(dataFolder(options.data)).call<NewSecret>('POST', '/clients', wish), options);
    });
  command
    .command('grant')
    .description('Change the tenants and scopes of a client; tokens already issued shrink with them.')
    .argument('<client_id>')
    .option('--tenant <guid...>', 'tenants that it may ask a token for')
    .option('--scope <scopes>', 'SMART scopes that it may be granted')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  wardline client grant registry --scope "system/Patient.rs system/Encounter.rs"',
    )
    .action(async (id: string, options: Options & Partial<Pick<Wish, 'tenant' | 'scope'>>) => {
      const wish = {
        ...(options.tenant === undefined ? {} : { tenants: options.tenant }),
        ...(options.scope === undefined ? {} : { scope: options.scope }),
      };
      const path = `/clients/${encodeURIComponent(id)}`;
      const after = await adminClient(dataFolder(options.data)).call<Client>('PATCH', path, wish);
      if (options.json) return printJson(after);
      process.stdout.write(`client ${id}: ${after.scope}, tenants ${after.tenants.join(', ')}\n`);
    });
  command
    .command('keys')
    .description('Set the public keys of a client (private_key_jwt), or take them away; its tokens end.')
    .argument('<client_id>')
    .option('--jwks <file>', 'a JWK set')
    .option('--jwks-uri <url>', 'where the client publishes it')
    .option('--none', 'it has keys no more')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline client keys registry --jwks public-keys.json\n  wardline client keys registry --none',
    )
    .action(async (id: string, options: Options & Keys & { none?: true }) => {
      const client = adminClient(dataFolder(options.data));
      const path = `/clients/${encodeURIComponent(id)}/keys`;
      const after = options.none
        ? await client.call<Client>('DELETE', path)
        : await client.call<Client>('PUT', path, keysOf(options));
      if (options.json) return printJson(after);
      process.stdout.write(`client ${id} has ${options.none ? 'no keys any more' : 'new keys'}\n`);
    });
  command
    .command('rotate')
    .description('Make a new secret and end the earlier ones.')
    .argument('<client_id>')
    .option('--overlap <duration>', 'how long the earlier secrets go on working: 0, 30m, 24h, 7d', length, 0)
    .option('--expires <duration>', 'when the new secret ends by itself: 90d', length)
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline client rotate demo-app\n  wardline client rotate patients-app --overlap 24h',
    )
    .action(async (id: string, options: Options & { overlap: number; expires?: number }) => {
      const path = `/clients/${encodeURIComponent(id)}/secrets`;
      const client = adminClient(dataFolder(options.data));
      const wish = {
        overlap: options.overlap,
        ...(options.expires === undefined ? {} : { expires_in: options.expires }),
      };
      showSecret(await client.call<NewSecret>('POST', path, wish), options);
    });
  command
    .command('revoke')
    .description('Revoke one secret, or the whole client; tokens already issued stop working within a second.')
    .argument('<client_id>')
    .option('--secret <secret_id>', 'only this secret (`wardline client list` shows the ids)')
    .option('--tokens', 'only the tokens that it has; it may ask for new ones')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline client revoke demo-app --secret 4fK2mQ9x\n  wardline client revoke demo-app',
    )
    .action(async (id: string, options: Options & { secret?: string; tokens?: true }) => {
      const client = adminClient(dataFolder(options.data));
      const path = `/clients/${encodeURIComponent(id)}`;
      if (options.tokens) {
        const left = await client.call<Client>('DELETE', `${path}/tokens`);
        if (options.json) return printJson(left);
        process.stdout.write(`the tokens of client ${id} are revoked\n`);
        return;
      }
      const after =
        options.secret === undefined
          ? await client.call<Client>('POST', `${path}/disable`)
          : await client.call<Client>('DELETE', `${path}/secrets/${encodeURIComponent(options.secret)}`);
      if (options.json) return printJson(after);
      process.stdout.write(
        options.secret === undefined ? `client ${id} disabled\n` : `secret ${options.secret} revoked\n`,
      );
    });
  command
    .command('list')
    .description('List clients with their tenants, scopes and secrets.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  wardline client list')
    .action(async (options: Options) => {
      const answer = await adminClient(dataFolder(options.data)).call<{ clients: Client[] }>('GET', '/clients');
      if (options.json) return printJson(answer);
      const rows = answer.clients.map((client) => [
        client.client_id,
        client.disabled ? 'disabled' : 'active',
        client.scope,
        client.tenants.join(','),
        liveSecrets(client).join(','),
        client.client_name,
      ]);
      process.stdout.write(printTable(['CLIENT', 'STATE', 'SCOPE', 'TENANTS', 'SECRETS', 'NAME'], rows));
    });
  return command;
}

/** The keys that a command names, as the admin API takes them. */
function keysOf({ jwks, jwksUri }: Keys): JsonObject {
  if (jwks === undefined) return jwksUri === undefined ? {} : { jwks_uri: jwksUri };
  let text: string;
  try {
    text = readFileSync(jwks, 'utf8');
  } catch {
    throw fault('usage', `${jwks} cannot be read`);
  }
  try {
    return { jwks: JSON.parse(text), ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }) };
  } catch {
    throw fault('usage', `${jwks} is no JSON`);
  }
}

function showSecret(made: NewSecret, { json }: Options): void {
  if (json) {
    printJson(made);
    return;
  }
  process.stdout.write(`client_id      ${made.client_id}\n`);
  if (made.client_secret === undefined) return;
  process.stdout.write(`client_secret  ${made.client_secret}\n`);
  process.stdout.write('The secret is shown this once and kept nowhere.\n');
}

function liveSecrets({ secrets }: Client): string[] {
  const now = Date.now() / 1000;
  return secrets
    .filter(({ revoked_at, client_secret_expires_at: end }) => revoked_at === 0 && (end === 0 || end > now))
    .map(({ secret_id }) => secret_id);
}

/** Seconds. */
function length(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('must be a length of time such as 0, 30m, 24h or 7d.');
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit || 's'] ?? 1;
  return Number(count) * seconds;
}

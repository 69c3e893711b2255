import { Command, InvalidArgumentError } from 'commander';
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

interface NewSecret extends Client {
  secret_id: string;
  client_secret: string;
}

interface Options {
  readonly data?: string;
  readonly json?: true;
}

/** `wardline client create|rotate|revoke|list`. */
export function clientCommand(): Command {
  const command = new Command('client').description('Register applications, rotate and revoke their secrets.');
  command
    .command('create')
    .description('Register a client. Its secret is shown once.')
    .argument('<name>', 'name for people')
    .requiredOption('--tenant <guid...>', 'tenants that it may ask a token for')
    .option('--id <client_id>', 'its client_id; made at random when left out')
    .option('--scope <scopes>', 'SMART scopes that it may be granted', 'system/*.read')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  wardline client create "Patients app" --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11',
    )
    .action(async (name: string, options: Options & { tenant: string[]; id?: string; scope: string }) => {
      const wish = {
        client_name: name,
        tenants: options.tenant,
        scope: options.scope,
        ...(options.id === undefined ? {} : { client_id: options.id }),
      };
      showSecret(await adminClient(dataFolder(options.data)).call<NewSecret>('POST', '/clients', wish), options);
    });
  command
    .command('rotate')
    .description('Make a new secret and end the earlier ones.')
    .argument('<client_id>')
    .option('--overlap <duration>', 'how long the earlier secrets go on working: 0, 30m, 24h, 7d', overlap, 0)
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline client rotate demo-app\n  wardline client rotate patients-app --overlap 24h',
    )
    .action(async (id: string, options: Options & { overlap: number }) => {
      const path = `/clients/${encodeURIComponent(id)}/secrets`;
      const client = adminClient(dataFolder(options.data));
      showSecret(await client.call<NewSecret>('POST', path, { overlap: options.overlap }), options);
    });
  command
    .command('revoke')
    .description('Revoke one secret, or the whole client; tokens already issued stop working within a second.')
    .argument('<client_id>')
    .option('--secret <secret_id>', 'only this secret (`wardline client list` shows the ids)')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline client revoke demo-app --secret 4fK2mQ9x\n  wardline client revoke demo-app',
    )
    .action(async (id: string, options: Options & { secret?: string }) => {
      const client = adminClient(dataFolder(options.data));
      const path = `/clients/${encodeURIComponent(id)}`;
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

function showSecret(made: NewSecret, { json }: Options): void {
  if (json) {
    printJson(made);
    return;
  }
  process.stdout.write(`client_id      ${made.client_id}\nclient_secret  ${made.client_secret}\n`);
  process.stdout.write('The secret is shown this once and kept nowhere.\n');
}

function liveSecrets({ secrets }: Client): string[] {
  const now = Date.now() / 1000;
  return secrets
    .filter(({ revoked_at, client_secret_expires_at: end }) => revoked_at === 0 && (end === 0 || end > now))
    .map(({ secret_id }) => secret_id);
}

/** Seconds. */
function overlap(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('must be a length of time such as 0, 30m, 24h or 7d.');
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit || 's'] ?? 1;
  return Number(count) * seconds;
}

import { Command } from 'commander';
import { fault } from '../core/errors.js';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson } from './print-table.js';

interface Options {
  readonly tenant?: string;
  readonly scope?: string;
  readonly secret?: string;
  readonly url?: string;
  readonly data?: string;
  readonly json?: true;
}

/** `wardline token`: what a client would get from the token endpoint. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('Get an access token for a client from the token endpoint.')
    .argument('<client_id>')
    .option('--tenant <guid>', 'tenant whose data is asked for; may be left out when the client has one only')
    .option('--scope <scopes>', 'SMART scopes to ask for beside the tenant')
    .option('--secret <client_secret>', 'its secret; better in WARDLINE_CLIENT_SECRET, where no process list shows it')
    .option('--url <url>', 'base URL of Wardline; asked from the running system when left out')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  TOKEN=$(WARDLINE_CLIENT_SECRET=… wardline token demo-app --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11)',
    )
    .action(async (id: string, options: Options) => {
      const secret = options.secret ?? process.env.WARDLINE_CLIENT_SECRET;
      if (secret === undefined) throw fault('usage', 'state the secret in WARDLINE_CLIENT_SECRET or with --secret');
      const scope = [options.tenant, options.scope].filter((part) => part !== undefined).join(' ') || 'system/*.read';
      const answer = await requestToken(options.url ?? (await runningUrl(options)), { id, secret, scope });
      if (options.json) return printJson(answer);
      process.stdout.write(`${answer.access_token}\n`);
    });
}

async function runningUrl({ data }: Options): Promise<string> {
  const { publicUrl } = await adminClient(dataFolder(data)).call<{ publicUrl: string }>('GET', '/status');
  return publicUrl;
}

async function requestToken(
  url: string,
  { id, secret, scope }: { readonly id: string; readonly secret: string; readonly scope: string },
): Promise<{ access_token: string; token_type: string; expires_in: number; scope: string }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret, scope });
  const response = await fetch(`${url.replace(/\/$/, '')}/oauth2/token`, { method: 'POST', body }).catch(() => {
    throw fault('not-reachable', `${url} cannot be reached`);
  });
  const answer = await response.json();
  if (response.ok) return answer as { access_token: string; token_type: string; expires_in: number; scope: string };
  const { error, error_description: why } = answer as { error?: string; error_description?: string };
  throw fault('unauthorized', `no token: ${[error, why].filter((part) => part !== undefined).join(', ')}`);
}

import { Command } from 'commander';
import type { JsonObject } from '../core/json.js';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson, printTable } from './print-table.js';

interface Tenant extends JsonObject {
  id: string;
  name: string;
  createdAt: string;
}

interface Options {
  readonly data?: string;
  readonly json?: true;
}

/** `wardline tenant create|list`. */
export function tenantCommand(): Command {
  const command = new Command('tenant').description('Make and list tenants: one per hospital.');
  command
    .command('create')
    .description('Make a tenant.')
    .argument('<name>', 'name for people')
    .option('--id <guid>', 'its id, such as an Azure AD tenant GUID; made at random when left out')
    .option('--cluster <name>', 'cluster of mongodb.clusters that holds its resources; fixed from then on')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  wardline tenant create "North Hospital"\n  wardline tenant create North --id 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11',
    )
    .action(async (name: string, options: Options & { id?: string; cluster?: string }) => {
      const { id, cluster } = options;
      const wish = { name, ...(id === undefined ? {} : { id }), ...(cluster === undefined ? {} : { cluster }) };
      const tenant = await adminClient(dataFolder(options.data)).call<Tenant>('POST', '/tenants', wish);
      if (options.json) return printJson(tenant);
      process.stdout.write(`tenant ${tenant.id}  ${tenant.name}\n`);
    });
  command
    .command('list')
    .description('List the tenants.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  wardline tenant list --json')
    .action(async (options: Options) => {
      const answer = await adminClient(dataFolder(options.data)).call<{ tenants: Tenant[] }>('GET', '/tenants');
      if (options.json) return printJson(answer);
      const rows = answer.tenants.map(({ id, name, createdAt }) => [id, name, createdAt]);
      process.stdout.write(printTable(['ID', 'NAME', 'CREATED'], rows));
    });
  return command;
}

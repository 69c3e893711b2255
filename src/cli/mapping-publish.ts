import type { Command } from 'commander';
import type { Json } from '../core/json.js';
import { readMappingFiles } from '../store/mapping-files.js';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson, printTable } from './print-table.js';

interface Options {
  readonly data?: string;
  readonly json?: true;
  readonly rebuild?: true;
}

interface Published {
  readonly version: number;
  readonly changed: boolean;
}

interface Versions {
  readonly versions: readonly { number: number; hash: string; publishedAt: string; live: boolean }[];
  readonly refusal: { readonly at: string; readonly problems: readonly string[] } | null;
}

/** `wardline mapping publish` and `wardline mapping versions`: the mapping of a running system. */
export function addPublishCommands(mapping: Command): void {
  mapping
    .command('publish')
    .description('Make mapping files live in a running system; files that do not hold together are refused.')
    .argument('[folder]', 'base mappings to take instead of the configured ones')
    .option('--rebuild', 'take files that change what ids are made from, and rebuild every tenant from its archive')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A running system looks at its folders itself and takes changes over within two seconds. Files of another folder are
live until those of the configuration change, or until the next start.

Files that change what the ids of stored resources are made from (identity.yaml, or keys of a layer) are refused without
--rebuild: what is stored would go by ids that no message finds any more. With it they are live at once, and the archived
messages of every tenant are replayed; 'messages replays' shows how far that is.

Examples:
  wardline mapping publish
  wardline mapping publish ./mappings-tried-out
  wardline mapping publish --rebuild`,
    )
    .action(async (folder: string | undefined, { data, json, rebuild }: Options) => {
      const body: Json = {
        ...(folder === undefined ? {} : { files: { ...readMappingFiles(folder, 'mappings/') } }),
        ...(rebuild === true ? { rebuild } : {}),
      };
      const client = adminClient(dataFolder(data));
      const { version, changed } = await client.call<Published>('POST', '/mapping/publish', body);
      if (json) return printJson({ version, changed });
      process.stdout.write(changed ? `version ${version} is live\n` : `these files are live already: ${version}\n`);
    });
  mapping
    .command('versions')
    .description('List the mapping versions of a running system, newest first, and what was refused.')
    .option('-n, --limit <count>', 'how many', '20')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  wardline mapping versions -n 5')
    .action(async ({ data, json, limit }: Options & { limit: string }) => {
      const path = `/mapping/versions?limit=${encodeURIComponent(limit)}`;
      const { versions, refusal } = await adminClient(dataFolder(data)).call<Versions>('GET', path);
      if (json) return printJson({ versions: [...versions], refusal } as unknown as Json);
      const rows = versions.map(({ number, publishedAt, live }) => [String(number), publishedAt, live ? 'live' : '']);
      process.stdout.write(printTable(['VERSION', 'PUBLISHED', ''], rows));
      if (refusal === null) return;
      process.stdout.write(`\nrefused ${refusal.at}, the live version stays:\n`);
      for (const problem of refusal.problems) process.stdout.write(`${problem}\n`);
    });
}

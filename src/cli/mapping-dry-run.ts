import { Command } from 'commander';
import type { JsonObject } from '../core/json.js';
import { readMappingFiles } from '../store/mapping-files.js';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { type ElementJson, printDifference } from './print-difference.js';
import { printJson, printTable } from './print-table.js';

interface Options {
  readonly layers?: string;
  readonly tenant?: string;
  readonly last: string;
  readonly show: string;
  readonly data?: string;
  readonly json?: true;
}

interface End {
  readonly outcome: string;
  readonly reason: string;
}

interface DryRun extends JsonObject {
  readonly messages: number;
  readonly differ: number;
  readonly ends: { before: string; after: string; messages: number }[];
  readonly elements: { element: string; messages: number; rules: string[] }[];
}

interface Shown {
  readonly message: string;
  readonly type: string;
  readonly before: End;
  readonly after: End;
  readonly resources: readonly {
    readonly reference: string;
    readonly change: string;
    readonly elements: readonly (ElementJson & { readonly rules: readonly string[] })[];
  }[];
}

/** `wardline mapping dry-run`. */
export function dryRunCommand(): Command {
  return new Command('dry-run')
    .description('Show what changed mapping files would make of the last archived messages. Nothing is published.')
    .argument('[folder]', 'base mappings to try instead of the configured ones')
    .option('--layers <folder>', 'layers of the tenant to try instead of its configured ones; with --tenant')
    .option('--tenant <guid>', 'messages of this tenant alone')
    .option('--last <count>', 'how many messages, at most 10000', '100')
    .option('--show <count>', 'how many differing messages to show, at most 500', '20')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Each message is mapped by itself with the live mapping and with the files, and compared: old → new, with the rule that
makes it. What messages together make of a patient is shown by \`wardline messages replay --dry\` once the files are live.
The read is audited. Files that do not hold together are refused with every problem and its place.

Examples:
  wardline mapping dry-run ./mappings-tried-out --last 500
  wardline mapping dry-run --layers ./north --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11 --show 5`,
    )
    .action(async (folder: string | undefined, { data, json, ...options }: Options) => {
      const wish: JsonObject = { last: Number(options.last), show: Number(options.show) };
      if (folder !== undefined) wish['files'] = { ...readMappingFiles(folder, 'mappings/') };
      if (options.layers !== undefined) wish['layers'] = { ...readMappingFiles(options.layers) };
      if (options.tenant !== undefined) wish['tenant'] = options.tenant;
      const answer = await adminClient(dataFolder(data)).call<DryRun>('POST', '/mapping/dry-run', wish);
      if (json) return printJson(answer);
      process.stdout.write(summaryText(answer));
      for (const message of answer['shown'] as unknown as Shown[]) process.stdout.write(messageText(message));
    });
}

function summaryText({ messages, differ, ends, elements }: DryRun): string {
  const lines = [`${differ} of ${messages} messages come out otherwise\n`];
  for (const end of ends) lines.push(`${end.messages} messages: ${end.before} → ${end.after}\n`);
  const rows = elements.map(({ element, messages: count, rules }) => [element, String(count), rules.join(', ')]);
  if (rows.length > 0) lines.push('\n', printTable(['ELEMENT', 'MESSAGES', 'RULES'], rows));
  return lines.join('');
}

function messageText({ message, type, before, after, resources }: Shown): string {
  const end = ({ outcome, reason }: End): string => (reason === '' ? outcome : `${outcome} (${reason})`);
  const ends = end(before) === end(after) ? '' : `  ${end(before)} → ${end(after)}`;
  const differences = resources.map(({ reference, change, elements }) => {
    const ruled = elements.map(({ rules, ...element }) =>
      rules.length === 0 ? element : { ...element, rule: rules.join(', ') },
    );
    return printDifference({ reference, change, elements: ruled });
  });
  return `\n${message}  ${type}${ends}\n${differences.join('')}`;
}

import { Command } from 'commander';
import { rowsToPaste, UnmappedCodes } from '../engine/unmapped-codes.js';
import { labelOf } from '../hl7/definitions.js';
import { parsePath } from '../hl7/paths.js';
import { dataOption, jsonOption } from './data-folder-option.js';
import { printJson, printTable } from './print-table.js';
import { type TraceOptions, tracedMessages, traceOptions } from './traced-messages.js';

interface Options extends TraceOptions {
  readonly sender?: string;
  readonly yaml?: true;
  readonly json?: true;
}

/** `wardline codes unmapped`. */
export function codesCommand(): Command {
  const codes = new Command('codes').description('Work on codes of senders.');
  const command = codes
    .command('unmapped')
    .description('List codes that a table has no row for, by sender, most frequent first.')
    .argument('[path...]', 'files, folders, or - for stdin; nothing: the archive of the running system');
  for (const option of traceOptions()) command.addOption(option);
  command
    .option('--sender <name>', 'only of this sender: MSH-3|MSH-4')
    .option('--yaml', 'print only the rows to paste into a layer of the sender')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Computed with the mapping of today over the newest 1000 archived messages, or as many as --last says: a row that was added
takes its code from the list at once, and messages replay brings it into what is stored.
A row to paste has ~ in place of the code that is meant; mapping check refuses it until one stands there.

Examples:
  wardline codes unmapped
  wardline codes unmapped --sender 'LAB|NORTH' --yaml
  wardline codes unmapped --json feed.hl7`,
    )
    .action(async (paths: string[], options: Options) => {
      const found = new UnmappedCodes();
      const asked = paths.length === 0 && options.last === undefined ? { ...options, last: '1000' } : options;
      for await (const message of tracedMessages(paths, asked)) {
        if (options.sender === undefined || options.sender === message.sender) {
          found.add(message.name, message.sender, message.unmapped);
        }
      }
      const rows = found.report();
      if (options.json) return printJson({ codes: rows.map((row) => ({ ...row, yaml: rowsToPaste([row]) })) });
      if (options.yaml !== true) {
        const cells = rows.map(({ sender, table, code, fields, count, messages, first, last }) => [
          ...[sender, table, code, fields.map(labelled).join('; ')],
          ...[String(count), String(messages), first, last],
        ]);
        const columns = ['SENDER', 'TABLE', 'CODE', 'FIELD', 'COUNT', 'MESSAGES', 'FIRST', 'LAST'];
        process.stdout.write(printTable(columns, cells));
        process.stdout.write(rows.length === 0 ? 'every code has its row\n' : '\n');
      }
      process.stdout.write(rowsToPaste(rows));
    });
  return codes;
}

function labelled(field: string): string {
  const path = parsePath(field);
  const label = path?.field === undefined ? '' : labelOf(path.segment, path.field);
  return label === '' ? field : `${field} ${label}`;
}

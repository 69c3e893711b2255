import { Command } from 'commander';
import { Coverage, type CoverageReport } from '../engine/coverage.js';
import { dataOption, jsonOption } from './data-folder-option.js';
import { printJson, printTable } from './print-table.js';
import { type TraceOptions, tracedMessages, traceOptions } from './traced-messages.js';

interface Options extends TraceOptions {
  readonly dropped?: true;
  readonly json?: true;
}

/** `wardline mapping coverage`. */
export function coverageCommand(): Command {
  const command = new Command('coverage')
    .description('Show which fields of messages carry data that no rule reads, most frequent first.')
    .argument('[path...]', 'files, folders, or - for stdin');
  for (const option of traceOptions()) command.addOption(option);
  return command
    .option('--values', 'show a value of each field instead of what it looks like; files only')
    .option('--dropped', 'also show fields that rules read and made nothing of')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A value is shown by its shape: A and a for letters, 9 for digits. Archived messages are mapped by the running system with
the mapping of today; each read is audited.

Examples:
  wardline mapping coverage samples
  wardline mapping coverage --values feed.hl7
  wardline mapping coverage --tenant 1f0c… --last 500`,
    )
    .action(async (paths: string[], options: Options) => {
      const coverage = new Coverage();
      for await (const { fields } of tracedMessages(paths, options)) coverage.add(fields);
      const report = coverage.report();
      const rows = report.rows.filter(({ fate }) => options.dropped === true || fate === 'unmapped');
      if (options.json) printJson({ ...report, rows });
      else process.stdout.write(printed({ ...report, rows }, options));
    });
}

function printed({ messages, without, valued, mapped, rows }: CoverageReport, { values, dropped }: Options): string {
  const columns = ['FIELD', 'LABEL', ...(dropped ? ['FATE'] : []), 'COUNT', 'MESSAGES', 'SHARE'];
  const cells = rows.map((row) => [
    row.field,
    row.label,
    ...(dropped ? [row.fate] : []),
    String(row.count),
    String(row.messages),
    percent(row.share),
    row.example,
  ]);
  const table = printTable([...columns, values ? 'VALUE' : 'SHAPE'], cells);
  const share = valued === 0 ? 1 : mapped / valued;
  const lost = without === 0 ? '' : `; nothing is made of ${without}, no mapping is for them or they cannot be read`;
  const summary = `${messages} messages, ${valued} valued fields, ${percent(share)} carried over${lost}\n`;
  return table === '' ? summary : `${table}\n${summary}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

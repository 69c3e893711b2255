import { Command } from 'commander';
import { fault } from '../core/errors.js';
import { labelOf } from '../hl7/definitions.js';
import { parsePath } from '../hl7/paths.js';
import { setFor } from '../mapping/compile.js';
import { type Explained, explainRules } from '../mapping/explain-rules.js';
import { jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { mappingOf, mappingsOption } from './mapping-folders.js';
import { printJson } from './print-table.js';

interface Options {
  readonly mappings: readonly string[];
  readonly sender?: string;
  readonly message?: string;
  readonly json?: true;
}

/** `wardline mapping explain`. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('Show every rule that reads a field, or that makes an element, with its place.')
    .argument('<what>', 'a field (PID-5, PID-5.1) or an element (Patient.name, Patient.name.family)')
    .option('--sender <name>', 'with the layers of this sender: MSH-3|MSH-4')
    .option('--message <structure>', 'only rules that count for this message structure: ADT_A01')
    .addOption(mappingsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Data type maps are followed: the rules of theirs that read the part, or make the member, stand indented below.
Ends with 0 when there is such a rule, 1 when there is none.

Examples:
  wardline mapping explain PID-5
  wardline mapping explain PV1-3.4 --message ADT_A01
  wardline mapping explain Patient.name.family --sender 'LAB|NORTH'`,
    )
    .action((what: string, { mappings, sender, message, json }: Options) => {
      const set = setFor(mappingOf(mappings), sender ?? '|');
      if (message !== undefined && !set.messages.has(message)) throw fault('usage', `no mapping is for ${message}`);
      const found = explainRules(set, what, message);
      if (found === undefined) throw fault('usage', `${what} is neither a field (PID-5) nor an element (Patient.name)`);
      const path = parsePath(what);
      const label =
        path?.field === undefined ? '' : labelOf(path.segment, path.field, path.component, path.subcomponent);
      if (json) printJson({ what, label, rules: found });
      else {
        process.stdout.write(label === '' ? '' : `${what} ${label}\n\n`);
        process.stdout.write(found.length === 0 ? 'no rule\n' : found.map((rule) => printed(rule, '')).join(''));
      }
      process.exitCode = found.length === 0 ? exitCodes.failed : exitCodes.ok;
    });
}

function printed(rule: Explained, indent: string): string {
  const made = rule.reads === 'condition' ? 'only tests it' : rule.makes === '' ? '' : `→ ${rule.makes}`;
  const details = [
    ...(rule.from.length === 0 ? [] : [`from ${rule.from.join(', ')}`]),
    ...rule.conditions.map((text) => `when ${text}`),
    ...(rule.map === undefined ? [] : [`map ${rule.map}`]),
    ...(rule.table === undefined ? [] : [`table ${rule.table}`]),
  ];
  return [
    `${indent}${`${rule.rule}  ${made}`.trimEnd()}\n`,
    ...details.map((text) => `${indent}    ${text}\n`),
    `${indent}    ${rule.layer}  ${rule.file}:${rule.line}\n`,
    ...rule.through.map((inner) => printed(inner, `${indent}    `)),
  ].join('');
}

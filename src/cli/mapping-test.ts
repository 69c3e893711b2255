import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { Command } from 'commander';
import { fault } from '../core/errors.js';
import { type CaseResult, runCase } from '../engine/mapping-tests.js';
import { printProblem } from '../mapping/problem.js';
import { readCases } from '../mapping/test-cases.js';
import { readMappingFiles } from '../store/mapping-files.js';
import { jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { mappingOf, mappingsOption } from './mapping-folders.js';
import { printJson } from './print-table.js';

interface Options {
  readonly mappings: readonly string[];
  readonly only?: string;
  readonly json?: true;
}

/** `wardline mapping test`. */
export function testCommand(): Command {
  return new Command('test')
    .description('Run the cases beside the rules: input, and what must come of it.')
    .argument('[path...]', 'mapping files or folders whose cases are run; nothing: those of all mapping folders')
    .option('--only <text>', 'only cases with this in their name, map or table')
    .addOption(mappingsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A case stands under tests: in a map, table, message or layer, or in a file of its own; docs/mapping-language.md says how.
Ends with 0 when all come out as expected, 1 when one does not.

Examples:
  wardline mapping test
  wardline mapping test mappings/tests/datatypes.yaml --only XPN
  wardline mapping test /etc/wardline/mappings/north --mappings mappings /etc/wardline/mappings/north`,
    )
    .action((paths: string[], { mappings, only, json }: Options) => {
      const { cases, problems } = readCases(filesOf(paths.length === 0 ? mappings : paths));
      if (problems.length > 0) throw fault('mapping-invalid', problems.map(printProblem).join('\n'));
      const wanted = cases.filter(
        ({ name, map, table }) => only === undefined || [name, map, table].some((text) => text?.includes(only)),
      );
      if (wanted.length === 0) throw fault('usage', 'there are no such cases');
      const mapping = mappingOf(mappings);
      const results = wanted.map((one) => runCase(mapping, one));
      const failed = results.filter(({ fault, differences }) => fault !== '' || differences.length > 0);
      if (json) printJson({ cases: results.length, failed: failed.map(asJson) });
      else {
        for (const result of failed) process.stdout.write(printed(result));
        process.stdout.write(`${results.length} cases, ${failed.length} failed\n`);
      }
      process.exitCode = failed.length === 0 ? exitCodes.ok : exitCodes.failed;
    });
}

function filesOf(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.assign(
    {},
    ...paths.map((path) => {
      const name = relative('.', path);
      if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return { [name]: readFileSync(path, 'utf8') };
      return readMappingFiles(path, name === '' ? '' : `${name}/`);
    }),
  ) as Record<string, string>;
}

function asJson({ case: { name, place, map, table }, fault: why, differences, diagnostics }: CaseResult) {
  return { name, ...place, map, table, fault: why, differences, diagnostics };
}

function printed({ case: { name, place, map, table }, fault: why, differences, diagnostics }: CaseResult): string {
  const subject = map ?? table ?? '';
  return [
    `${place.file}:${place.line}:${place.column} ${[subject, name].filter(Boolean).join(': ')}\n`,
    ...(why === '' ? [] : [`    ${why}\n`]),
    ...differences.flatMap(({ path, expected, got, rule }) => [
      `    ${path || 'the value'}${rule === undefined ? '' : `  (${rule})`}\n`,
      `      expected  ${shown(expected)}\n`,
      `      got       ${shown(got)}\n`,
    ]),
    ...diagnostics.map(({ severity, code, at, message }) => `    ${severity} ${code} at ${at}: ${message}\n`),
  ].join('');
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

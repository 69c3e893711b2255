import { readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Command } from 'commander';
import { fault } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { validateResource } from '../fhir/validate.js';
import type { Issue } from '../fhir/validation-issue.js';
import { counted } from './counted.js';
import { jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { fhirOption, versionNamed } from './fhir-option.js';
import { printJson } from './print-table.js';

/** `wardline validate`: resources against the definitions of their version. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Check FHIR resources against the definitions of a version.')
    .argument('[file...]', 'JSON files with a resource or a Bundle each, NDJSON files, or - for stdin', ['-'])
    .addOption(fhirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Checked are element names, types, cardinalities, choices, primitives, required bindings, reference targets and invariants.
Ends with 0 when everything is valid, 1 when there is an error. Findings never repeat values.

Examples:
  wardline validate patient.json
  wardline convert message.hl7 --fhir dstu2 | wardline validate --fhir dstu2`,
    )
    .action(async (files: string[], { fhir, json }: { fhir: string; json?: true }) => {
      const findings: (Issue & { readonly source: string })[] = [];
      let checked = 0;
      for (const file of files) {
        for (const { source, resource } of resourcesIn(file, await contentOf(file))) {
          checked += 1;
          findings.push(...validateResource(versionNamed(fhir), resource).map((issue) => ({ ...issue, source })));
        }
      }
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      if (json) printJson({ checked, errors, issues: findings });
      else {
        for (const { source, severity, path, code, message } of findings) {
          process.stdout.write(`${source}: ${severity} ${code} at ${path}: ${message}\n`);
        }
        process.stdout.write(`${checked} checked, ${counted(errors, 'error')}\n`);
      }
      process.exitCode = errors === 0 ? exitCodes.ok : exitCodes.failed;
    });
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw fault('usage', `${file} cannot be read`);
  }
}

function resourcesIn(file: string, content: string): readonly { readonly source: string; readonly resource: Json }[] {
  const whole = parsed(content);
  if (whole !== undefined) return [{ source: file, resource: whole }];
  return content.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const resource = parsed(line);
    if (resource === undefined) throw fault('usage', `${file} is neither JSON nor NDJSON (line ${index + 1})`);
    return [{ source: `${file}:${index + 1}`, resource }];
  });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

import { Command } from 'commander';
import type { Json } from '../core/json.js';
import { type Converted, convertMessages } from '../engine/convert.js';
import { exitCodes } from './exit-codes.js';
import { charsetOption, zoneOption } from './feed-options.js';
import { fhirOption, versionNamed } from './fhir-option.js';
import { mappingOf, mappingsOption } from './mapping-folders.js';
import { readMessages } from './message-files.js';

interface ConvertOptions {
  readonly fhir: string;
  readonly trace?: true;
  readonly mappings: readonly string[];
  readonly charset?: string;
  readonly zone?: string;
}

/** `wardline convert`: messages to FHIR without a server. */
export function convertCommand(): Command {
  return new Command('convert')
    .description('Convert HL7 v2 messages to FHIR, one collection Bundle per message. Needs no server.')
    .argument('[path...]', 'files, folders, or - for stdin', ['-'])
    .addOption(fhirOption())
    .option('--trace', 'show for each element the rule and the field it comes from, and what became of each field')
    .addOption(mappingsOption())
    .addOption(charsetOption('messages'))
    .addOption(zoneOption())
    .addHelpText(
      'after',
      `
Prints one line of JSON per message: a Bundle; with --trace an object of bundle, trace and diagnostics.
Ids are made under a fixed, public key: the same message gives the same ids everywhere, and they differ from every server's.
Ends with 0 when every message was converted, 1 when one could not be read or has no mapping.

Examples:
  wardline convert samples/adt-a01.hl7
  wardline convert --fhir dstu2 samples/ | wardline validate --fhir dstu2
  wardline convert --trace message.hl7 | jq .trace.fields`,
    )
    .action(async (paths: string[], options: ConvertOptions) => {
      process.exitCode = await convert(paths, options);
    });
}

async function convert(paths: readonly string[], options: ConvertOptions): Promise<number> {
  const messages = await readMessages(paths);
  const mapping = mappingOf(options.mappings);
  let failed = 0;
  for (const { source, bytes } of messages) {
    const converted = convertMessages(mapping, bytes, {
      version: versionNamed(options.fhir),
      trace: options.trace === true,
      ...(options.charset === undefined ? {} : { charset: options.charset }),
      ...(options.zone === undefined ? {} : { tenant: { zone: options.zone } }),
    });
    for (const one of converted) {
      if (one.outcome === 'unreadable' || one.outcome === 'unmapped') failed += 1;
      if (one.outcome !== 'mapped') process.stderr.write(`${source}: ${one.outcome}: ${one.reason}\n`);
      process.stdout.write(`${JSON.stringify(printed(one, options))}\n`);
    }
  }
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

function printed({ bundle, trace, diagnostics, outcome, reason }: Converted, options: ConvertOptions): Json {
  if (options.trace !== true) return bundle;
  return JSON.parse(JSON.stringify({ bundle, outcome, reason, diagnostics, trace })) as Json;
}

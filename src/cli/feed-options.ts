import { InvalidArgumentError, Option } from 'commander';
import { charset, zone } from '../core/config-values.js';

/** `--charset <name>`, refused where nobody knows the name. `what` is said to lack one: messages, files. */
export function charsetOption(what: string): Option {
  const text = `character set of ${what} that name none in MSH-18, as in HL7 table 0211`;
  return new Option('--charset <name>', text).argParser((name) => checked(charset, name));
}

/** `--zone <name>`, refused where it is none of the IANA database. */
export function zoneOption(): Option {
  const text = 'time zone of times without an offset, such as Europe/Berlin';
  return new Option('--zone <name>', text).argParser((name) => checked(zone, name));
}

function checked(schema: typeof charset | typeof zone, name: string): string {
  const result = schema.safeParse(name);
  if (!result.success) throw new InvalidArgumentError(`It ${result.error.issues[0]?.message}.`);
  return name;
}

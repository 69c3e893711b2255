import { printTable } from './print-table.js';

/** What the admin API tells of a message's way into FHIR. One that could not be read has nothing but the reason. */
export interface TraceJson {
  readonly unreadable?: string;
  readonly elements?: readonly {
    readonly resource: string;
    readonly path: string;
    readonly rule: string;
    readonly from: readonly string[];
    readonly labels: readonly string[];
  }[];
  readonly fields?: readonly {
    readonly field: string;
    readonly label: string;
    readonly fate: string;
    readonly rules: readonly string[];
  }[];
  readonly diagnostics?: readonly {
    readonly severity: string;
    readonly code: string;
    readonly at: string;
    readonly message: string;
  }[];
}

/**
 * A row per element with its rule and fields; then the fields that made nothing, by what became of them; then what the
 * mapping had to say of the message. Of many fields behind one element the first are named.
 */
export function printTrace({ unreadable, elements = [], fields = [], diagnostics = [] }: TraceJson): string {
  if (unreadable !== undefined) return `the message cannot be read: ${unreadable}\n`;
  const rows = elements.map(({ resource, path, rule, from, labels }) => [
    resource,
    path,
    rule,
    some([...new Set(from)], ' '),
    some(labels, '; '),
  ]);
  const fates = [...new Set(fields.map(({ fate }) => fate))].filter((fate) => fate !== 'mapped');
  const lists = fates.map((fate) => {
    const named = fields
      .filter((field) => field.fate === fate)
      .map(({ field, label, rules }) => [field, label, rules.join(', ')]);
    return `\n${printTable([fate.toUpperCase(), 'FIELD', 'READ BY'], named)}`;
  });
  const noted = diagnostics.map(({ severity, at, code, message }) => [severity, at, code, message]);
  const notes = noted.length === 0 ? '' : `\n${printTable(['NOTED', 'AT', 'CODE', 'WHAT'], noted)}`;
  return printTable(['RESOURCE', 'ELEMENT', 'RULE', 'FROM', 'FIELD'], rows) + lists.join('') + notes;
}

const most = 4;

/** The first of them, and how many more there are; `--json` has all. */
function some(names: readonly string[], separator: string): string {
  if (names.length <= most) return names.join(separator);
  return `${names.slice(0, most).join(separator)}${separator}and ${names.length - most} more`;
}

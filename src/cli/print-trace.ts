import { printTable } from './print-table.js';

/** What the admin API tells of a message's way into FHIR. */
export interface TraceJson {
  readonly elements: readonly {
    readonly resource: string;
    readonly path: string;
    readonly rule: string;
    readonly from: readonly string[];
    readonly labels: readonly string[];
  }[];
  readonly fields: readonly {
    readonly field: string;
    readonly label: string;
    readonly fate: string;
    readonly rules: readonly string[];
  }[];
}

/** A row per element with its rule and fields; then the fields that made nothing, by what became of them. */
export function printTrace({ elements, fields }: TraceJson): string {
  const rows = elements.map(({ resource, path, rule, from, labels }) => [
    resource,
    path,
    rule,
    [...new Set(from)].join(' '),
    labels.join('; '),
  ]);
  const fates = [...new Set(fields.map(({ fate }) => fate))].filter((fate) => fate !== 'mapped');
  const lists = fates.map((fate) => {
    const named = fields
      .filter((field) => field.fate === fate)
      .map(({ field, label, rules }) => [field, label, rules.join(', ')]);
    return `\n${printTable([fate.toUpperCase(), 'FIELD', 'READ BY'], named)}`;
  });
  return printTable(['RESOURCE', 'ELEMENT', 'RULE', 'FROM', 'FIELD'], rows) + lists.join('');
}

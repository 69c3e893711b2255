import { printTable } from './print-table.js';

/** What the admin API tells of a message's way into FHIR. */
export interface TraceJson {
  readonly elements: readonly {
    readonly resource: string;
    readonly path: string;
    readonly rule: string;
    readonly from: readonly string[];
  }[];
  readonly fields: readonly { readonly field: string; readonly fate: string; readonly rules: readonly string[] }[];
}

/** A row per element with its rule and fields; then the fields that made nothing, by what became of them. */
export function printTrace({ elements, fields }: TraceJson): string {
  const rows = elements.map(({ resource, path, rule, from }) => [resource, path, rule, [...new Set(from)].join(' ')]);
  const fates = [...new Set(fields.map(({ fate }) => fate))].filter((fate) => fate !== 'mapped');
  const lists = fates.map((fate) => {
    const named = fields
      .filter((field) => field.fate === fate)
      .map(({ field, rules }) => (rules.length === 0 ? field : `${field} (${rules.join(', ')})`));
    return `\n${fate}: ${named.join('  ')}\n`;
  });
  return printTable(['RESOURCE', 'ELEMENT', 'RULE', 'FROM'], rows) + lists.join('');
}

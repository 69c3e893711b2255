/** The worklist of codes without a row: counted over traces of messages, by sender. Pure. */

/** A code of one message that its table has no row for. */
export interface UnmappedCode {
  /** `OBX[3]-8[1]`. */
  readonly at: string;
  readonly table: string;
  readonly system: string;
  readonly code: string;
}

export interface UnmappedRow {
  /** MSH-3|MSH-4. */
  readonly sender: string;
  readonly table: string;
  readonly system: string;
  readonly code: string;
  /** Without numbers of segments and repetitions: `OBX-8`. */
  readonly fields: readonly string[];
  readonly count: number;
  readonly messages: number;
  /** The first and the last message, in the order in which they were counted. */
  readonly first: string;
  readonly last: string;
}

/** Counts messages one by one. */
export class UnmappedCodes {
  readonly #rows = new Map<string, Counted>();

  add(message: string, sender: string, codes: readonly UnmappedCode[]): void {
    for (const { at, table, system, code } of codes) {
      const key = JSON.stringify([sender, table, system, code]);
      const row = this.#rows.get(key) ?? {
        ...{ sender, table, system, code, count: 0, messages: 0, first: message, last: '' },
        fields: new Set<string>(),
      };
      this.#rows.set(key, row);
      row.count += 1;
      if (row.last !== message) row.messages += 1;
      row.last = message;
      row.fields.add(at.replaceAll(/\[\d+\]/g, ''));
    }
  }

  /** By sender, the most frequent first. */
  report(): readonly UnmappedRow[] {
    const rows = [...this.#rows.values()].map(({ fields, ...row }) => ({ ...row, fields: [...fields].sort() }));
    return rows.sort(
      (a, b) => order(a.sender, b.sender) || b.count - a.count || order(a.table, b.table) || order(a.code, b.code),
    );
  }
}

/** A layer for each sender, to paste and complete: `~` is refused by `mapping check` until a code stands there. */
export function rowsToPaste(rows: readonly UnmappedRow[]): string {
  const senders = [...new Set(rows.map(({ sender }) => sender))];
  return senders
    .map((sender) => {
      const own = rows.filter((row) => row.sender === sender);
      const tables = [...new Set(own.map(({ table }) => table))].map((table) => {
        const codes = own.filter((row) => row.table === table).map(pasted);
        return `  - table: ${table}\n    codes:\n${codes.join('')}`;
      });
      return `layer: sender\nsender: ${JSON.stringify(sender)}\ntables:\n${tables.join('')}`;
    })
    .join('---\n');
}

interface Counted extends Omit<UnmappedRow, 'fields'> {
  count: number;
  messages: number;
  last: string;
  readonly fields: Set<string>;
}

function pasted({ code, count, fields }: UnmappedRow): string {
  return `      ${JSON.stringify(code)}: ~   # ${count} ${count === 1 ? 'time' : 'times'}, ${fields.join(', ')}\n`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

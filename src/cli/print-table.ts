/** Columns under their names, as wide as their widest cell; nothing for no rows. */
export function printTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableLines(columns, rows)
    .map((line) => `${line}\n`)
    .join('');
}

/** The lines of such a table, the names first. */
export function tableLines(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = columns.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [columns, ...rows].map(line);
}

/** Prints a value as JSON for scripts. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

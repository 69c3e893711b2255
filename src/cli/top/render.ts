import { sizeOf, spanOf } from '../doctor/finding.js';
import { tableLines } from '../print-table.js';
import { timeLeft } from '../progress.js';
import type { LiveView } from './live-view.js';

/** One line of the screen. */
export interface ScreenLine {
  readonly text: string;
  /** How it stands out: column names, and what needs somebody. */
  readonly style?: 'head' | 'alarm';
}

/** What is shown of a system on so many columns and rows: no line is wider, and no more lines come than fit. */
export function render(view: LiveView, columns: number, rows: number): ScreenLine[] {
  const sections = [
    ...[summary(view), listeners(view), directories(view)],
    ...[tenants(view), failures(view), errors(view)],
  ].filter(({ length }) => length > 0);
  const lines = sections.flatMap((section, index) => (index === 0 ? section : [{ text: '' }, ...section]));
  const fitting =
    lines.length > rows ? [...lines.slice(0, rows - 1), { text: `… ${lines.length - rows + 1} more lines` }] : lines;
  return fitting.map((line) => ({ ...line, text: cut(line.text, columns) }));
}

function summary(view: LiveView): ScreenLine[] {
  const { version, ready, uptime, at, arriving, settling, backlog, oldest, partitions, messages, freeBytes } = view;
  const state = ready ? 'ready' : 'NOT READY';
  const first = `Wardline ${version}  ${state}  up ${spanOf(uptime * 1000)}  ${at.slice(0, 19).replace('T', ' ')} UTC`;
  const waits = [`waiting ${count(backlog)}`];
  if (oldest !== null) waits.push(`oldest ${spanOf(oldest * 1000)}`);
  if (partitions !== null && partitions > 0) waits.push(`in ${partitions} partitions`);
  if (backlog !== null && backlog > 0 && settling !== null) waits.push(pace(view));
  const disk = freeBytes === null ? [] : [`disk ${sizeOf(freeBytes)} free`];
  return [
    ready ? { text: first, style: 'head' } : { text: first, style: 'alarm' },
    { text: `in ${rate(arriving)}/s  out ${rate(settling)}/s  ${waits.join('  ')}` },
    {
      text: [...Object.entries(messages ?? {}).map(([name, number]) => `${name} ${number}`), ...disk].join('  '),
    },
    ...view.troubles.map((text): ScreenLine => ({ text, style: 'alarm' })),
  ];
}

function pace({ timeLeft: left }: LiveView): string {
  return left === null ? 'not getting shorter' : `done in ${timeLeft(left)}`;
}

function listeners({ listeners: rows }: LiveView): ScreenLine[] {
  return table(
    ['LISTENER', 'ADDRESS', 'CONN', 'IN/S', 'ACK/S', 'REFUSED', 'ACK P50', 'ACK P99'],
    rows.map((row) => [
      row.name,
      row.address,
      String(row.connections),
      rate(row.arriving),
      rate(row.acknowledged),
      String(row.refused),
      milliseconds(row.median),
      milliseconds(row.slowest),
    ]),
  );
}

function directories({ directories: rows }: LiveView): ScreenLine[] {
  return table(
    ['DIRECTORY', 'PATH', 'FILES', 'IN/S'],
    rows.map(({ name, path, waiting, arriving }) => [name, path, String(waiting), rate(arriving)]),
  );
}

function tenants({ tenants: rows }: LiveView): ScreenLine[] {
  return table(
    ['TENANT', 'WAITING', 'OLDEST'],
    rows.map(({ name, waiting, oldest }) => [name, String(waiting), oldest === null ? '' : spanOf(oldest * 1000)]),
  );
}

function failures({ failures: rows }: LiveView): ScreenLine[] {
  return table(
    ['PARKED', 'ARRIVED', 'LISTENER', 'REASON'],
    rows.map(({ sequence, age, listener, reason }) => [
      sequence,
      age === null ? '' : `${spanOf(age * 1000)} ago`,
      listener,
      reason,
    ]),
  );
}

function errors({ errors: rows }: LiveView): ScreenLine[] {
  return table(
    ['LOGGED', 'LEVEL', 'ABOUT', 'TEXT'],
    rows.map(({ age, level, about, text }) => [age === null ? '' : `${spanOf(age * 1000)} ago`, level, about, text]),
  );
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): ScreenLine[] {
  return tableLines(columns, rows).map((text, index) => (index === 0 ? { text, style: 'head' } : { text }));
}

function cut(text: string, columns: number): string {
  // What is not ours to choose (names, reasons) may hold characters that move the cursor.
  const plain = [...text].map((character) => (character < ' ' || character === '\u007f' ? ' ' : character));
  return plain.length <= columns ? plain.join('') : `${plain.slice(0, Math.max(columns - 1, 0)).join('')}…`;
}

function count(value: number | null): string {
  return value === null ? '?' : String(value);
}

function rate(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

function milliseconds(seconds: number | null): string {
  if (seconds === null) return '–';
  const value = seconds * 1000;
  return value >= 10 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`;
}

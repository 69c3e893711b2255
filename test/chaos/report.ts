/** A run's report as lines for people. */
import type { ChaosReport } from './chaos-run.js';
import type { Finding, Verdict } from './ledger.js';
import type { ScenarioReport } from './scenario.js';

const mostFindings = 50;

export function reportLines(report: ChaosReport): string[] {
  const { seconds, resent, refused, recoveries, endedThemselves, miscounted, settledAfter, seed } = report;
  const negative = Object.entries(refused).map(([code, times]) => `${times} ${code}`);
  const rows = recoveries.map(({ kind, how, times, acknowledged, settled, read }) => [
    `${how} ${kind}`,
    String(times),
    ...[acknowledged, settled, read].map((value) => value.toFixed(1)),
  ]);
  const head = ['what', 'times', 'acknowledged again', 'settled again', 'FHIR again'];
  const ends = endedThemselves.map(({ name }) => name);
  return [
    ...verdictLines(report.verdict),
    `${seconds.toFixed(0)} s, seed ${seed}; sent again ${resent} times; negative answers: ${negative.join(', ') || 'none'}`,
    `all settled ${settledAfter.toFixed(1)} s after the last acknowledgement; counts of the archive off by ${miscounted}`,
    ...(ends.length === 0 ? [] : [`ended by themselves: ${ends.join(', ')}`]),
    '',
    ...(rows.length === 0 ? [] : [...table([head, ...rows]), '(longest, in seconds)']),
  ];
}

export function scenarioLines({ verdict, seen, figures }: ScenarioReport): string[] {
  return [
    ...verdictLines(verdict),
    ...Object.entries(figures).map(([what, figure]) => `${what}: ${figure}`),
    ...Object.entries(seen).map(([what, holds]) => `${holds ? 'yes' : 'NO'}: ${what}`),
  ];
}

export function verdictLines({ lost, doubled, ...counted }: Verdict): string[] {
  const counts = Object.entries(counted).map(([what, rows]) => `${what} ${rows}`);
  return [
    `${counts.join(', ')}, lost ${lost.length}, doubled ${doubled.length}`,
    ...findings('LOST', lost),
    ...findings('DOUBLED', doubled),
  ];
}

function findings(what: string, found: readonly Finding[]): string[] {
  const shown = found.slice(0, mostFindings).map(({ controlId, where }) => `${what} ${controlId}: ${where}`);
  const more = found.length - shown.length;
  return more > 0 ? [...shown, `${what}: ${more} more`] : shown;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}

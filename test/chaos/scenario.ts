/** What all scenarios have in common: one thing goes wrong under load, and then the ledger is asked. */
import type { Verdict } from './ledger.js';

export interface ScenarioReport {
  readonly verdict: Verdict;
  /** What else was seen and has to be so; a false one fails the scenario. */
  readonly seen: Readonly<Record<string, boolean>>;
  /** Figures for people. */
  readonly figures: Readonly<Record<string, number | string>>;
}

export type Scenario = (log: (line: string) => void) => Promise<ScenarioReport>;

export function scenarioPassed({ verdict, seen }: ScenarioReport): boolean {
  const { lost, doubled, acknowledged } = verdict;
  return lost.length === 0 && doubled.length === 0 && acknowledged > 0 && Object.values(seen).every(Boolean);
}

export function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}

/** Resolves true once it holds, false after so many seconds. */
export async function becomes(holds: () => boolean | Promise<boolean>, within = 120): Promise<boolean> {
  const until = performance.now() + within * 1000;
  while (!(await holds())) {
    if (performance.now() > until) return false;
    await seconds(0.05);
  }
  return true;
}

/**
 * What all benchmarks share: their flags, and the figures that they print and write to a JSON file. A figure is compared with
 * a reference of the same run where there is one, since machines differ.
 */
import { writeFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a figure, or its ratio to the reference, should be. */
export interface Goal {
  readonly of: 'value' | 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `/s`, `ms`, `µs`, `MiB`, `s`, `%`, or nothing for a number without one. */
  readonly unit: string;
  readonly reference?: { readonly name: string; readonly value: number };
  /** The value divided by the reference's. */
  readonly ratio?: number;
  readonly goal?: Goal;
  /** Whether the goal was met. */
  readonly reached?: boolean;
}

/** A figure before it is judged. */
export type Measured = Omit<Figure, 'ratio' | 'reached'>;

/** Flags of every benchmark: `--seconds N` (a case), `--quick` (smaller and shorter), `--json FILE`, and its own. */
export interface Bench {
  readonly seconds: number;
  readonly quick: boolean;
  /** Whether a flag without a value is there. */
  is(name: string): boolean;
  /** A flag of this benchmark that is one of several words; the first where it is left out. */
  word<T extends string>(name: string, words: readonly [T, ...T[]]): T;
  /** A number flag of this benchmark. */
  number(name: string, usual: number, whenQuick?: number): number;
  /** Prints a figure and keeps it. */
  add(measured: Measured): Figure;
  /** Writes the figures to the file of `--json`, if any. */
  finish(): void;
}

/**
 * Reads the flags; `own` names those of this benchmark besides the shared ones, `switches` those without a value. Throws for
 * unknown ones.
 */
export function openBench(usualSeconds: number, own: readonly string[] = [], switches: readonly string[] = []): Bench {
  const options: NonNullable<ParseArgsConfig['options']> = {
    seconds: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean' },
  };
  for (const name of own) options[name] = { type: 'string' };
  for (const name of switches) options[name] = { type: 'boolean' };
  const { values } = parseArgs({ options });
  const quick = values['quick'] === true;
  const figures: Figure[] = [];
  const number = (name: string, usual: number, whenQuick = usual): number => {
    const given = values[name];
    const value = typeof given === 'string' ? Number(given) : quick ? whenQuick : usual;
    if (!(value > 0)) throw new Error(`--${name} takes a number above 0`);
    return value;
  };
  return {
    quick,
    seconds: number('seconds', usualSeconds, usualSeconds / 4),
    number,
    is: (name) => values[name] === true,
    word(name, words) {
      const found = words.find((one) => one === (values[name] ?? words[0]));
      if (found === undefined) throw new Error(`--${name} is one of ${words.join(', ')}`);
      return found;
    },
    add(measured) {
      const figure = judged(measured);
      figures.push(figure);
      console.log(cells(figure).join('  '));
      return figure;
    },
    finish() {
      if (typeof values['json'] === 'string') writeFileSync(values['json'], `${JSON.stringify(figures, null, 2)}\n`);
    },
  };
}

function judged(measured: Measured): Figure {
  const { value, reference, goal } = measured;
  const ratio = reference === undefined ? undefined : value / reference.value;
  const figure = ratio === undefined ? measured : { ...measured, ratio };
  const looked = goal?.of === 'ratio' ? ratio : value;
  if (goal === undefined || looked === undefined) return figure;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  return { ...figure, reached: looked >= atLeast && looked <= atMost };
}

/** A figure as the columns of a table: figure, reference, ratio, goal, reached. */
export function cells({ name, value, unit, reference, ratio, goal, reached }: Figure): string[] {
  const limits = [
    ...(goal?.atLeast === undefined ? [] : [`≥ ${short(goal.atLeast)}`]),
    ...(goal?.atMost === undefined ? [] : [`≤ ${short(goal.atMost)}`]),
  ];
  return [
    name.padEnd(58),
    `${short(value)} ${unit}`.padStart(13),
    (reference === undefined ? '' : `${short(reference.value)} ${unit}, ${reference.name}`).padEnd(44),
    (ratio === undefined ? '' : `× ${short(ratio)}`).padStart(9),
    (goal === undefined ? '' : `${limits.join(' ')}${goal.of === 'ratio' ? ' ×' : ` ${unit}`}`).padStart(13),
    reached === undefined ? '' : reached ? 'reached' : 'MISSED',
  ];
}

/** Headings of the columns of `cells`. */
export const headings = [
  'figure'.padEnd(58),
  'value'.padStart(13),
  'reference'.padEnd(44),
  'ratio'.padStart(9),
  'goal'.padStart(13),
  '',
];

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** The value below which this share of the sorted values lie. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

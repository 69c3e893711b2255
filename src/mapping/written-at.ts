/** Where a rule stands while it is written out: names of variables of the generated function. */
export interface At {
  /** The value that the rule stands at; '' where there is none. */
  readonly node: string;
  /** The value that the data type map runs on (`run.value`); '' in a segment map. */
  readonly value: string;
  /** The name of the segment in the variable `s`, which is the run's; '' where it may be any. */
  readonly segment: string;
}

/** A constant of a rule as source, made anew each time it is reached; undefined where it cannot be written so. */
export function jsonLiteral(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text.includes('"__proto__"') ? undefined : text;
}

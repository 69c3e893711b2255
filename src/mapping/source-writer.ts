/** Where a rule stands while it is written out: names of variables of the generated function. */
export interface At {
  /** The value that the rule stands at; '' where there is none. */
  readonly node: string;
  /** The value that the data type map runs on (`run.value`); '' in a segment map. */
  readonly value: string;
  /** The name of the segment in the variable `s`, which is the run's; '' where it may be any. */
  readonly segment: string;
}

/**
 * Collects source. Everything that comes from a mapping file goes in as a constant beside the source, or through
 * `JSON.stringify`, so that no text of a file can become code.
 */
export class SourceWriter {
  readonly constants: unknown[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #lines: string[] = [];
  #count = 0;

  /** A name that nothing else has. */
  name(prefix: string): string {
    this.#count++;
    return `${prefix}${this.#count}`;
  }

  /** The name under which a function or object stands beside the source. */
  constant(value: unknown): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = `k${this.constants.length}`;
    this.constants.push(value);
    this.#names.set(value, name);
    return name;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** A block: `head { … }`. */
  block(head: string, write: () => void): void {
    this.#lines.push(`${head} {`);
    write();
    this.#lines.push('}');
  }

  get source(): string {
    return this.#lines.join('\n');
  }
}

/** A text or number as source. */
export function literal(value: string | number | boolean | null): string {
  return JSON.stringify(value);
}

/** A constant of a rule as source, made anew each time it is reached; undefined where it cannot be written so. */
export function jsonLiteral(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text.includes('"__proto__"') ? undefined : text;
}

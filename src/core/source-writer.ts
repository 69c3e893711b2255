/**
 * Collects source. Everything that comes from a file goes in as a constant beside the source, or through
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

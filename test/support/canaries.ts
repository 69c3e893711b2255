/** Words that stand for what must not be seen: planted everywhere a message, a query or a header has room, and looked for after. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Marks all that is planted; what follows it says where it was planted. */
export const canaryMark = 'Zqkcanary';
/** The same for MSH-3 to MSH-10, which the list of messages shows and the archive keeps beside the sealed message. */
export const headerMark = 'Zqkheader';

/** A word with letters alone, as a name has: `canary('PID', 5)`. */
export function canary(...where: (string | number)[]): string {
  return `${canaryMark}${where.join('').replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`;
}

/** The same for the header fields. */
export function headerCanary(field: number): string {
  return `${headerMark}${'abcdefghij'.charAt(field % 10)}`;
}

interface Form {
  readonly name: string;
  readonly text: string;
  readonly anyCase: boolean;
}

/**
 * Finds words in text and in files, however they are written: in any case, as base64 at each of its three alignments, as
 * hexadecimal digits, in UTF-16.
 */
export class CanarySearch {
  readonly #forms: readonly Form[];

  constructor(words: readonly string[]) {
    this.#forms = words.flatMap(formsOf);
  }

  /** What is found in text or bytes: the form, and what stands around it. */
  in(content: string | Uint8Array): string[] {
    const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
    const lower = text.toLowerCase();
    return this.#forms.flatMap(({ name, text: word, anyCase }) => {
      const at = anyCase ? lower.indexOf(word) : text.indexOf(word);
      const around = text.slice(Math.max(0, at - 80), at + 80).replaceAll(/[^\x20-\x7e]/g, '.');
      return at < 0 ? [] : [`${name}: …${around}…`];
    });
  }

  /** What is found in the files below a folder, by their paths in it; `among` says which are looked at. */
  below(folder: string, among: (path: string) => boolean): string[] {
    return filesBelow(folder)
      .filter(among)
      .flatMap((path) => this.in(readFileSync(join(folder, path))).map((found) => `${path}: ${found}`));
  }
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

function formsOf(word: string): Form[] {
  const lower = word.toLowerCase();
  const cases = [...new Set([word, lower, word.toUpperCase()])];
  const utf16 = Buffer.from(lower, 'utf16le').toString('latin1');
  return [
    { name: 'plain', text: lower, anyCase: true },
    { name: 'utf-16', text: utf16, anyCase: true },
    ...cases.map((text): Form => ({ name: 'hex', text: Buffer.from(text).toString('hex'), anyCase: true })),
    ...cases.flatMap((text) =>
      [0, 1, 2].flatMap((shift) => {
        const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
        const whole = Math.floor(bytes.length / 3) * 3;
        // the first characters hold bits of what stands before
        const from = shift === 0 ? 0 : shift + 1;
        const written = bytes.subarray(0, whole).toString('base64').slice(from);
        const safe = written.replaceAll('+', '-').replaceAll('/', '_');
        return [...new Set([written, safe])].map((form): Form => ({ name: 'base64', text: form, anyCase: false }));
      }),
    ),
  ];
}

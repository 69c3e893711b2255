import { parseSourcePath, type SourcePath } from './source-path.js';

/** A condition of the guide's language as a tree. */
export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  | { readonly op: 'valued'; readonly path: SourcePath }
  | { readonly op: 'equals' | 'contains'; readonly path: SourcePath; readonly to: string | SourcePath }
  | { readonly op: 'in'; readonly path: SourcePath; readonly values: readonly string[] }
  | { readonly op: 'length' | 'count'; readonly path: SourcePath; readonly is: Comparison; readonly number: number }
  | { readonly op: 'starts' | 'matches'; readonly path: SourcePath; readonly text: string }
  | { readonly op: 'setting'; readonly name: string };

export type Comparison = '<' | '<=' | '=' | '!=' | '>=' | '>';

/** Why a text is no condition. */
export interface ConditionFault {
  readonly op: 'fault';
  readonly detail: string;
  readonly offset: number;
}

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'path' | 'symbol' | 'end';
  readonly text: string;
  readonly offset: number;
}

const tokenPattern =
  /\s+|"([^"]*)"|'([^']*)'|(<=|>=|!=|<>|[()=<>,])|(\$[a-zA-Z.]+|(?:[A-Z][A-Z0-9_]*(?:\[\*\])?\.)*[A-Z][A-Z0-9]{1,5}(?:\[\*\])?[-.]\d+(?:\[[\d=*]+\])?(?:\.\d+){0,2}|\.\d+(?:\.\d+)?|\.(?=\s|$))|(\d+(?:\.\d+)?)|([A-Za-z][A-Za-z0-9_.]*)/y;

/** Reads a condition: `IF PID-7 LENGTH GREATER THAN 8`. */
export function parseCondition(text: string): Condition | ConditionFault {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const offset = tokenPattern.lastIndex;
    const found = tokenPattern.exec(text);
    if (found === null) return { op: 'fault', detail: `'${text.charAt(offset)}' is not understood`, offset };
    const [, double, single, symbol, path, digits, word] = found;
    if (double !== undefined || single !== undefined) {
      tokens.push({ kind: 'text', text: double ?? single ?? '', offset });
    } else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, offset });
    else if (path !== undefined) tokens.push({ kind: 'path', text: path, offset });
    else if (digits !== undefined) tokens.push({ kind: 'number', text: digits, offset });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, offset });
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  const reader = new ConditionReader(tokens);
  try {
    return reader.whole();
  } catch (error) {
    if (error instanceof ConditionError) return { op: 'fault', detail: error.message, offset: error.offset };
    throw error;
  }
}

class ConditionError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

class ConditionReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #subject: SourcePath | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Condition {
    const condition = this.#or();
    if (this.#peek().kind !== 'end') this.#fail('AND, OR or the end expected');
    return condition;
  }

  #or(): Condition {
    const of = [this.#and()];
    while (this.#word('OR')) of.push(this.#and());
    return of.length === 1 && of[0] !== undefined ? of[0] : { op: 'or', of };
  }

  #and(): Condition {
    const of = [this.#unit()];
    while (this.#word('AND')) of.push(this.#unit());
    return of.length === 1 && of[0] !== undefined ? of[0] : { op: 'and', of };
  }

  #unit(): Condition {
    this.#word('IF');
    if (this.#peek().text === '(') return this.#parenthesis();
    if (this.#isWord('NOT') && this.#peek(1).text === '(') {
      this.#at++;
      return { op: 'not', of: this.#parenthesis() };
    }
    const next = this.#peek();
    if (next.kind === 'path' && next.text.startsWith('$tenant.')) {
      this.#at++;
      return { op: 'setting', name: next.text.slice('$tenant.'.length) };
    }
    const path = this.#path();
    if (path !== undefined) return this.#several(path);
    if (this.#subject === undefined) this.#fail('a path expected');
    return this.#predicates([this.#subject as SourcePath], 'and');
  }

  #parenthesis(): Condition {
    this.#at++;
    const inner = this.#or();
    if (this.#peek().text !== ')') this.#fail(') expected');
    this.#at++;
    return inner;
  }

  /** `PV1-20 AND PV1-21 VALUED`: several paths before one predicate. */
  #several(first: SourcePath): Condition {
    const paths = [first];
    let how: 'and' | 'or' = 'and';
    while ((this.#isWord('AND') || this.#isWord('OR')) && this.#startsPath(1) && !this.#startsPredicate()) {
      how = this.#isWord('AND') ? 'and' : 'or';
      this.#at++;
      this.#word('IF');
      const path = this.#path();
      if (path === undefined) this.#fail('a path expected');
      else paths.push(path);
    }
    return this.#predicates(paths, how);
  }

  /** One or several predicates on the same subject: `VALUED NOT EQUAL PID-12`. */
  #predicates(paths: readonly SourcePath[], how: 'and' | 'or'): Condition {
    const all: Condition[] = [];
    const start = this.#at;
    let end = start;
    for (const path of paths) {
      this.#subject = path;
      this.#at = start;
      const of = [this.#predicate(path)];
      while (this.#startsPredicate()) of.push(this.#predicate(path));
      all.push(of.length === 1 && of[0] !== undefined ? of[0] : { op: 'and', of });
      end = this.#at;
    }
    this.#at = end;
    return all.length === 1 && all[0] !== undefined ? all[0] : { op: how, of: all };
  }

  #predicate(path: SourcePath): Condition {
    this.#word('AREA');
    this.#word('IS');
    this.#word('ARE');
    if (this.#word('DOES')) {
      if (!this.#word('NOT') || !this.#word('EXIST')) this.#fail('DOES NOT EXIST expected');
      return { op: 'not', of: { op: 'valued', path } };
    }
    if (this.#word('NOT')) {
      this.#word('IS');
      return { op: 'not', of: this.#positive(path) };
    }
    return this.#positive(path);
  }

  #positive(path: SourcePath): Condition {
    if (this.#word('VALUED') || this.#word('VALUE') || this.#word('EXISTS')) return { op: 'valued', path };
    if (this.#word('EMPTY')) return { op: 'not', of: { op: 'valued', path } };
    if (this.#word('IN')) return { op: 'in', path, values: this.#values() };
    if (this.#word('CONTAINS')) return this.#compared('contains', path);
    if (this.#word('MATCHES')) return { op: 'matches', path, text: this.#text() };
    if (this.#word('STARTS')) {
      this.#word('WITH');
      return { op: 'starts', path, text: this.#text() };
    }
    if (this.#word('LENGTH')) return { op: 'length', path, ...this.#comparison() };
    if (this.#word('LST.COUNT') || this.#word('COUNT')) return { op: 'count', path, ...this.#comparison() };
    if (this.#word('EQUALS') || this.#word('EQUAL')) {
      this.#word('TO');
      return this.#equal(path);
    }
    if (this.#symbol('=')) return this.#equal(path);
    if (this.#symbol('!=') || this.#symbol('<>')) return { op: 'not', of: this.#equal(path) };
    if (this.#peek().kind === 'text') return this.#equal(path);
    return this.#fail('VALUED, EQUALS, IN, LENGTH, LST.COUNT, CONTAINS, STARTS WITH or MATCHES expected');
  }

  #equal(path: SourcePath): Condition {
    return this.#compared('equals', path);
  }

  #compared(op: 'equals' | 'contains', path: SourcePath): Condition {
    const next = this.#peek();
    if (next.kind === 'text' || next.kind === 'number') {
      this.#at++;
      return { op, path, to: next.text };
    }
    const other = this.#path();
    if (other === undefined) return this.#fail('a text in quotes or a path expected');
    return { op, path, to: other };
  }

  #comparison(): { readonly is: Comparison; readonly number: number } {
    let is: Comparison = '=';
    const negative = this.#word('NOT');
    if (this.#word('GREATER')) is = this.#orEquals('>', '>=');
    else if (this.#word('LESS')) is = this.#orEquals('<', '<=');
    else if (this.#word('EQUALS') || this.#word('EQUAL')) is = '=';
    else {
      const next = this.#peek();
      if (next.kind !== 'symbol' || !['<', '<=', '=', '!=', '>=', '>'].includes(next.text)) {
        this.#fail('GREATER THAN, LESS THAN or EQUALS expected');
      }
      is = next.text as Comparison;
      this.#at++;
    }
    this.#word('TO');
    const number = this.#peek();
    if (number.kind !== 'number') this.#fail('a number expected');
    this.#at++;
    return { is: negative ? '!=' : is, number: Number(number.text) };
  }

  #orEquals(plain: Comparison, equal: Comparison): Comparison {
    this.#word('THAN');
    if (!this.#word('OR')) return plain;
    this.#word('EQUALS');
    this.#word('EQUAL');
    return equal;
  }

  #values(): string[] {
    const values: string[] = [];
    if (!this.#symbol('(')) this.#fail('( expected');
    do values.push(this.#text());
    while (this.#symbol(','));
    if (!this.#symbol(')')) this.#fail(') expected');
    return values;
  }

  #text(): string {
    const next = this.#peek();
    if (next.kind !== 'text' && next.kind !== 'number') this.#fail('a text in quotes expected');
    this.#at++;
    return next.text;
  }

  #path(): SourcePath | undefined {
    const next = this.#peek();
    const named =
      next.kind === 'word' && /^(?:[A-Z][A-Z0-9_]*\.)*[A-Z][A-Z0-9]{2}$/.test(next.text) && !keywords.has(next.text);
    if (next.kind !== 'path' && !named) return undefined;
    const path = parseSourcePath(next.text);
    if (path === undefined) this.#fail(`'${next.text}' is no path`);
    this.#at++;
    return path;
  }

  #startsPath(ahead: number): boolean {
    let next = this.#peek(ahead);
    if (next.kind === 'word' && next.text.toUpperCase() === 'IF') next = this.#peek(ahead + 1);
    return (
      next.kind === 'path' || (next.kind === 'word' && /^[A-Z][A-Z0-9]{2}$/.test(next.text) && !keywords.has(next.text))
    );
  }

  #startsPredicate(): boolean {
    const next = this.#peek();
    if (next.kind === 'symbol') return ['=', '!=', '<>'].includes(next.text);
    return (
      next.kind === 'word' &&
      ['NOT', 'IS', 'VALUED', 'VALUE', 'IN', 'EQUALS', 'EQUAL'].includes(next.text.toUpperCase())
    );
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', text: '', offset: 0 };
  }

  #isWord(word: string): boolean {
    const next = this.#peek();
    return next.kind === 'word' && next.text.toUpperCase() === word;
  }

  #word(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #symbol(symbol: string): boolean {
    if (this.#peek().kind !== 'symbol' || this.#peek().text !== symbol) return false;
    this.#at++;
    return true;
  }

  #fail(detail: string): never {
    throw new ConditionError(detail, this.#peek().offset);
  }
}

const keywords = new Set(['AND', 'NOT', 'ARE', 'LST', 'THE']);

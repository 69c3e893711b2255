/** A parsed expression: the part of FHIRPath that search parameters and invariants of the definitions use. */
export type Expression =
  | { readonly op: 'literal'; readonly value: string | number | boolean }
  | { readonly op: 'empty' }
  | { readonly op: 'this' }
  | { readonly op: 'variable'; readonly name: string }
  | { readonly op: 'member'; readonly of: Expression | null; readonly name: string }
  | { readonly op: 'call'; readonly of: Expression | null; readonly name: string; readonly args: readonly Expression[] }
  | { readonly op: 'index'; readonly of: Expression; readonly index: number }
  | { readonly op: 'type'; readonly operator: 'is' | 'as'; readonly of: Expression; readonly type: string }
  | { readonly op: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression };

/** Thrown by parsing and compiling: the expression is not one that we can evaluate. Says why, with its position. */
export class ExpressionError extends Error {}

/** Binary operators by how tightly they bind (FHIRPath §6.8). */
const binding: ReadonlyMap<string, number> = new Map([
  ['implies', 1],
  ['or', 2],
  ['xor', 2],
  ['and', 3],
  ['in', 4],
  ['=', 5],
  ['!=', 5],
  ['<', 6],
  ['<=', 6],
  ['>', 6],
  ['>=', 6],
  ['|', 7],
  ['is', 8],
  ['as', 8],
  ['&', 9],
  ['+', 9],
]);

const tokenPattern =
  /\s*(?:(?<word>[$%]?[A-Za-z_][A-Za-z0-9_]*)|(?<number>[0-9]+(?:\.[0-9]+)?)|'(?<text>(?:[^'\\]|\\.)*)'|(?<sign><=|>=|!=|[()[\]{}.,|&=<>+]))\s*/y;

interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** Parses an expression. Throws {@link ExpressionError}. */
export function parseExpression(source: string): Expression {
  const reader = new TokenReader(tokensOf(source), source);
  const tree = parseBinary(reader, 0);
  reader.expectEnd();
  return tree;
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  let at = 0;
  while (at < source.length) {
    const groups = tokenPattern.exec(source)?.groups;
    if (groups === undefined) throw new ExpressionError(`unreadable at ${at} in ${source}`);
    const { word, number, text, sign } = groups;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll(/\\(.)/g, '$1'), at });
    else tokens.push({ kind: 'sign', text: sign ?? '', at });
    at = tokenPattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #source: string;
  #next = 0;

  constructor(tokens: readonly Token[], source: string) {
    this.#tokens = tokens;
    this.#source = source;
  }

  peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#source.length };
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  takeSign(text: string): boolean {
    const token = this.peek();
    if (token.kind !== 'sign' || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  expectSign(text: string): void {
    if (!this.takeSign(text)) throw this.error(`expected ${text}`);
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.error('expected the end');
  }

  error(why: string): ExpressionError {
    return new ExpressionError(`${why} at ${this.peek().at} in ${this.#source}`);
  }
}

function parseBinary(reader: TokenReader, least: number): Expression {
  let left = parsePostfix(reader);
  for (;;) {
    const token = reader.peek();
    const strength = token.kind === 'word' || token.kind === 'sign' ? binding.get(token.text) : undefined;
    if (strength === undefined || strength <= least) return left;
    reader.take();
    if (token.text === 'is' || token.text === 'as') {
      left = { op: 'type', operator: token.text, of: left, type: typeName(reader) };
    } else {
      left = { op: 'binary', operator: token.text, left, right: parseBinary(reader, strength) };
    }
  }
}

function parsePostfix(reader: TokenReader): Expression {
  let tree = parsePrimary(reader);
  for (;;) {
    if (reader.takeSign('.')) {
      const token = reader.take();
      if (token.kind !== 'word') throw reader.error('expected a name');
      tree = parseName(reader, tree, token.text);
    } else if (reader.takeSign('[')) {
      const token = reader.take();
      if (token.kind !== 'number') throw reader.error('expected an index');
      reader.expectSign(']');
      tree = { op: 'index', of: tree, index: Number(token.text) };
    } else {
      return tree;
    }
  }
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.take();
  if (token.kind === 'number') return { op: 'literal', value: Number(token.text) };
  if (token.kind === 'text') return { op: 'literal', value: token.text };
  if (token.kind === 'sign' && token.text === '(') {
    const tree = parseBinary(reader, 0);
    reader.expectSign(')');
    return tree;
  }
  if (token.kind === 'sign' && token.text === '{') {
    reader.expectSign('}');
    return { op: 'empty' };
  }
  if (token.kind !== 'word') throw reader.error('expected a value');
  if (token.text === 'true' || token.text === 'false') return { op: 'literal', value: token.text === 'true' };
  if (token.text === '$this') return { op: 'this' };
  if (token.text.startsWith('%')) return { op: 'variable', name: token.text.slice(1) };
  return parseName(reader, null, token.text);
}

function parseName(reader: TokenReader, of: Expression | null, name: string): Expression {
  if (!reader.takeSign('(')) return { op: 'member', of, name };
  if (name === 'is' || name === 'as') {
    const type = typeName(reader);
    reader.expectSign(')');
    return { op: 'type', operator: name, of: of ?? { op: 'this' }, type };
  }
  const args: Expression[] = [];
  while (!reader.takeSign(')')) {
    if (args.length > 0) reader.expectSign(',');
    args.push(parseBinary(reader, 0));
  }
  return { op: 'call', of, name, args };
}

function typeName(reader: TokenReader): string {
  const token = reader.take();
  if (token.kind !== 'word') throw reader.error('expected a type');
  return token.text;
}

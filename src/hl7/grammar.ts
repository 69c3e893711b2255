/** What a group may hold, in order: which segments and groups, which of them may be missing or repeat. */
export interface GroupGrammar {
  readonly kind: 'group';
  readonly name: string;
  readonly optional: boolean;
  readonly repeating: boolean;
  readonly members: readonly GrammarMember[];
}

export interface SegmentGrammar {
  readonly kind: 'segment';
  readonly name: string;
  readonly optional: boolean;
  readonly repeating: boolean;
}

/** One of several segments or groups at the same place. */
export interface ChoiceGrammar {
  readonly kind: 'choice';
  readonly optional: boolean;
  readonly repeating: boolean;
  readonly options: readonly (SegmentGrammar | GroupGrammar)[];
}

export type GrammarMember = SegmentGrammar | GroupGrammar | ChoiceGrammar;

/** What is wrong with a grammar text, and at which offset in it. */
export interface GrammarFault {
  readonly fault: 'grammar';
  readonly offset: number;
  readonly detail: string;
}

/**
 * Reads a group grammar: `MSH {PATIENT_RESULT: [PATIENT: PID [PD1] {NTE}] {ORDER_OBSERVATION: [ORC] OBR {OBSERVATION: OBX {NTE}}}}`.
 * `[ ]` is optional, `{ }` repeats, `NAME:` after a bracket makes a group, `(NAME: …)` one that neither may be
 * missing nor repeats, `<A|B>` is a choice. What repeats may also be missing, unless it opens its group.
 */
export function parseGrammar(text: string, name: string): GroupGrammar | GrammarFault {
  const reader = new GrammarReader(text);
  try {
    const members = reader.members('');
    if (members.length === 0) return reader.fault('a grammar names at least one segment');
    return Object.freeze({ kind: 'group', name, optional: false, repeating: false, members });
  } catch (error) {
    if (error instanceof GrammarError) return reader.fault(error.message);
    throw error;
  }
}

export function isGrammarFault(result: GroupGrammar | GrammarFault): result is GrammarFault {
  return 'fault' in result;
}

/** Writes a grammar so that `parseGrammar` reads it back, but for what repeats and must be there. */
export function printGrammar(grammar: GroupGrammar): string {
  return grammar.members.map(printMember).join(' ');
}

function printMember(member: GrammarMember): string {
  let text = '';
  if (member.kind === 'segment') text = member.name;
  else if (member.kind === 'group') text = `${member.name}: ${printGrammar(member)}`;
  else text = `<${member.options.map(printMember).join('|')}>`;
  if (member.repeating) return member.optional ? `[{${text}}]` : `{${text}}`;
  if (member.optional) return `[${text}]`;
  return member.kind === 'group' ? `(${text})` : text;
}

class GrammarError extends Error {}

const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };

class GrammarReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fault(detail: string): GrammarFault {
    return { fault: 'grammar', offset: this.#at, detail };
  }

  /** Members up to the closing bracket, which is taken. */
  members(end: string): readonly GrammarMember[] {
    const members: GrammarMember[] = [];
    for (;;) {
      const next = this.#peek();
      if (next === end) {
        this.#at += end.length;
        return Object.freeze(members);
      }
      if (next === '') throw new GrammarError(`${end} expected`);
      for (const member of this.#member(false, false)) {
        members.push(member.repeating && members.length > 0 ? Object.freeze({ ...member, optional: true }) : member);
      }
    }
  }

  #member(optional: boolean, repeating: boolean): GrammarMember[] {
    const next = this.#peek();
    if (next === '<') return [this.#choice(optional, repeating)];
    const end = closing[next];
    if (end !== undefined) {
      this.#at++;
      return this.#bracket(end, optional || next === '[', repeating || next === '{');
    }
    return [this.#segment(optional, repeating)];
  }

  #bracket(end: string, optional: boolean, repeating: boolean): GrammarMember[] {
    const name = this.#take(/([A-Z][A-Z0-9_]*)\s*:/y);
    if (name !== undefined) {
      const members = this.members(end);
      if (members.length === 0) throw new GrammarError(`group ${name} is empty`);
      return [Object.freeze({ kind: 'group', name, optional, repeating, members })];
    }
    const inner = this.#member(optional, repeating);
    if (this.#peek() === end) {
      this.#at++;
      return inner;
    }
    if (repeating) throw new GrammarError('segments that repeat together need a group name: {NAME: A B}');
    const rest = this.members(end).map((member) => Object.freeze({ ...member, optional: member.optional || optional }));
    return [...inner, ...rest];
  }

  #segment(optional: boolean, repeating: boolean): SegmentGrammar {
    const name = this.#take(/([A-Z][A-Z0-9]{2})(?![A-Z0-9_:])/y);
    if (name === undefined) throw new GrammarError('a segment name, [ or { expected');
    return Object.freeze({ kind: 'segment', name, optional, repeating });
  }

  #choice(optional: boolean, repeating: boolean): ChoiceGrammar {
    this.#at++;
    const options: (SegmentGrammar | GroupGrammar)[] = [];
    do {
      for (const option of this.#member(false, false)) {
        if (option.kind === 'choice') throw new GrammarError('a choice stands in no choice');
        options.push(option);
      }
    } while (this.#take(/(\|)/y) !== undefined);
    if (this.#take(/(>)/y) === undefined) throw new GrammarError('| or > expected');
    return Object.freeze({ kind: 'choice', optional, repeating, options: Object.freeze(options) });
  }

  #peek(): string {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.charAt(this.#at);
  }

  #take(pattern: RegExp): string | undefined {
    this.#peek();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found[1];
  }
}

import type { Hl7Message } from './message.js';
import { isNullSpan, partCount, partEnd, partStart } from './spans.js';
import { ValueNode } from './value-node.js';

/** Fields shorter than this are read character by character; longer ones are searched. */
const short = 256;
/** Fields below this can be watched. */
const watchable = 31;

/**
 * One segment of a message, by position. Its fields are located once, when the first is read; repetitions, components and
 * subcomponents are found by number when asked for. All numbers count from 1. What is absent reads as ''.
 */
export class Segment {
  readonly message: Hl7Message;
  readonly name: string;
  /** Position in the message, from 0: MSH is 0. */
  readonly index: number;
  /** Line in the text, from 1, blank lines counted. */
  readonly line: number;
  /** Offsets of the first character and of the one after the last in the message's text. */
  readonly start: number;
  readonly end: number;
  /** Where each field begins; entry n is field n of an ordinary segment, entry n-1 of a header. The last is one past the end. */
  #starts: number[] | undefined;
  /** 1 for MSH, FHS and BHS, whose first field is the separator itself. */
  readonly #shift: number;
  #occurrence = 0;
  /** Bit n: field n is watched, and was asked for. */
  #asked = 0;

  constructor(message: Hl7Message, name: string, index: number, line: number, start: number, end: number) {
    this.message = message;
    this.name = name;
    this.index = index;
    this.line = line;
    this.start = start;
    this.end = end;
    this.#shift = name === 'MSH' || name === 'FHS' || name === 'BHS' ? 1 : 0;
  }

  /** The segment as it stands in the message. */
  get raw(): string {
    for (let field = 1; field < watchable; field++) this.#start(field);
    return this.message.text.slice(this.start, this.end);
  }

  /** Number of the last field, valued or not. */
  get fieldCount(): number {
    return this.#fields().length - 2 + this.#shift;
  }

  /** Which segment of its name this is in the message, from 1. */
  get occurrence(): number {
    if (this.#occurrence === 0) {
      let count = 1;
      for (let at = 0; at < this.index; at++) if (this.message.segments[at]?.name === this.name) count++;
      this.#occurrence = count;
    }
    return this.#occurrence;
  }

  /** Fields 1 and 2 of a header hold delimiters; nothing is split or unescaped there. */
  isDelimiterField(field: number): boolean {
    return this.#shift === 1 && field <= 2;
  }

  /** The unescaped text of a leaf; '' when absent or `""`. A value without the asked separators is its own first part. */
  value(field: number, repetition = 1, component = 1, subcomponent = 1): string {
    let start = this.#start(field);
    if (start === -1) return '';
    let end = this.#end(field);
    if (start === end) return '';
    if (this.isDelimiterField(field)) {
      return repetition === 1 && component === 1 && subcomponent === 1 ? this.message.text.slice(start, end) : '';
    }
    const { text, delimiters } = this.message;
    if (repetition === 1 && subcomponent === 1 && end - start < short) return this.#component(component, start, end);
    start = partStart(text, delimiters.repetition, repetition, start, end);
    if (start === -1) return '';
    end = partEnd(text, delimiters.repetition, start, end);
    start = partStart(text, delimiters.component, component, start, end);
    if (start === -1) return '';
    end = partEnd(text, delimiters.component, start, end);
    start = partStart(text, delimiters.subcomponent, subcomponent, start, end);
    if (start === -1) return '';
    return this.message.cut(start, partEnd(text, delimiters.subcomponent, start, end));
  }

  /** The first leaf of a component of a field's first repetition, in one pass: what is read most. */
  #component(component: number, start: number, end: number): string {
    const { text, delimiters } = this.message;
    const { component: separator, repetition, subcomponent } = delimiters;
    let missing = component;
    let begin = start;
    let leafEnd = -1;
    let at = start;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === separator) {
        if (--missing === 0) break;
        begin = at + 1;
        leafEnd = -1;
      } else if (code === repetition) {
        missing--;
        break;
      } else if (code === subcomponent && leafEnd === -1) leafEnd = at;
    }
    if (at === end) missing--;
    return missing === 0 ? this.message.cut(begin, leafEnd === -1 ? at : leafEnd) : '';
  }

  /** A repetition of a field as a node; empty when absent. */
  node(field: number, repetition = 1): ValueNode {
    const from = this.#start(field);
    if (from === -1) return new ValueNode(this, field, repetition, 0, 0, this.end, this.end);
    const to = this.#end(field);
    const start = partStart(this.message.text, this.#repetitionDelimiter(field), repetition, from, to);
    if (start === -1) return new ValueNode(this, field, repetition, 0, 0, to, to);
    const end = partEnd(this.message.text, this.#repetitionDelimiter(field), start, to);
    return new ValueNode(this, field, repetition, 0, 0, start, end);
  }

  /** Every repetition of a field in order, empty ones between separators included; none when the field is empty. */
  nodes(field: number): ValueNode[] {
    const nodes: ValueNode[] = [];
    const to = this.#end(field);
    let start = this.#start(field);
    if (start === -1 || start === to) return nodes;
    const delimiter = this.#repetitionDelimiter(field);
    while (start <= to) {
      const end = partEnd(this.message.text, delimiter, start, to);
      nodes.push(new ValueNode(this, field, nodes.length + 1, 0, 0, start, end));
      start = end + 1;
    }
    return nodes;
  }

  /** A field as it stands in the message: delimiters, escapes and `""` included. */
  rawField(field: number): string {
    const start = this.#start(field);
    return start === -1 ? '' : this.message.text.slice(start, this.#end(field));
  }

  rawRepetition(field: number, repetition: number): string {
    return this.node(field, repetition).raw;
  }

  rawComponent(field: number, repetition: number, component: number): string {
    return this.node(field, repetition).child(component).raw;
  }

  /** How many repetitions a field has; 0 when it is empty. */
  repetitionCount(field: number): number {
    const start = this.#start(field);
    if (start === -1) return 0;
    return partCount(this.message.text, this.#repetitionDelimiter(field), start, this.#end(field));
  }

  componentCount(field: number, repetition = 1): number {
    return this.node(field, repetition).childCount;
  }

  subcomponentCount(field: number, repetition = 1, component = 1): number {
    return this.node(field, repetition).child(component).childCount;
  }

  /** True when the field has no characters at all: nothing was said of it, not even `""`. */
  isEmpty(field: number): boolean {
    const start = this.#start(field);
    return start === -1 || start === this.#end(field);
  }

  /** True when any repetition of the field carries a value other than `""`. */
  isValued(field: number): boolean {
    const start = this.#start(field);
    if (start === -1 || start === this.#end(field)) return false;
    return this.nodes(field).some((node) => node.isValued);
  }

  /** True when the whole field is `""`: the sender asks to delete it. */
  isDelete(field: number): boolean {
    const start = this.#start(field);
    return start !== -1 && isNullSpan(this.message.text, start, this.#end(field));
  }

  /**
   * The segment as it stands in the message with some of its fields empty; their separators stay, so that texts are equal only
   * where all other fields are.
   */
  rawWithout(fields: readonly number[]): string {
    const { text } = this.message;
    let kept = '';
    let from = this.start;
    for (const field of fields) {
      const start = this.#start(field);
      if (start === -1) continue;
      kept += text.slice(from, start);
      from = this.#end(field);
    }
    return kept + text.slice(from, this.end);
  }

  /** Notes from now on which of these fields (below 31) are asked for, in whatever way: see `asked`. */
  watch(fields: readonly number[]): void {
    const starts = this.#fields();
    for (const field of fields) {
      const entry = field - this.#shift;
      const start = starts[entry];
      if (start === undefined || entry < 1 || entry > starts.length - 2 || field >= watchable) continue;
      starts[entry] = hidden(start);
    }
    this.#asked = 0;
  }

  /** True when the watched field was asked for. */
  asked(field: number): boolean {
    return (this.#asked & (1 << field)) !== 0;
  }

  /** `value(field)` without a note: for the time of a message, which is read anew of each. */
  valueUnnoted(field: number): string {
    const asked = this.#asked;
    const value = this.value(field);
    this.#asked = asked;
    return value;
  }

  #repetitionDelimiter(field: number): number {
    return this.isDelimiterField(field) ? -1 : this.message.delimiters.repetition;
  }

  #start(field: number): number {
    if (field === 1 && this.#shift === 1) return this.start + 3;
    const entry = field - this.#shift;
    const starts = this.#starts ?? this.#fields();
    if (entry < 1 || entry > starts.length - 2) return -1;
    const start = starts[entry] ?? -1;
    if (start >= -1) return start;
    this.#asked |= 1 << field;
    return hidden(start);
  }

  #end(field: number): number {
    if (field === 1 && this.#shift === 1) return this.start + 4;
    const next = (this.#starts ?? this.#fields())[field - this.#shift + 1] ?? this.end + 1;
    return (next < 0 ? hidden(next) : next) - 1;
  }

  /** One pass over the segment. Long fields (documents in OBX-5) are passed by `indexOf`. */
  #fields(): number[] {
    if (this.#starts !== undefined) return this.#starts;
    const { text, delimiters } = this.message;
    const separator = delimiters.field;
    const starts: number[] = [this.start];
    let at = this.start;
    while (at < this.end) {
      const pause = Math.min(at + 128, this.end);
      while (at < pause && text.charCodeAt(at) !== separator) at++;
      if (at === pause && at < this.end) at = partEnd(text, separator, at, this.end);
      if (at < this.end) starts.push(at + 1);
      at++;
    }
    starts.push(this.end + 1);
    this.#starts = starts;
    return starts;
  }
}

/** Where a watched field begins, as it is kept: negative, so that asking for it takes another way. And back. */
function hidden(start: number): number {
  return -2 - start;
}

import type { Segment } from './segment.js';
import { isNullSpan, partCount, partEnd, partStart } from './spans.js';

const quote = 0x22;

/** What a node is: a repetition of a field, a component of it, or a subcomponent of that. */
export type NodeLevel = 'repetition' | 'component' | 'subcomponent';

/**
 * A value in a message, by position: nothing is cut out of the text until it is asked for. A data type map runs alike on a
 * repetition (XPN in PID-5, parts are components) and on a component (HD in XCN.9, parts are subcomponents).
 */
export class ValueNode {
  readonly segment: Segment;
  /** Field number, from 1; for MSH, FHS and BHS the separator is field 1. */
  readonly field: number;
  /** Repetition, from 1. */
  readonly repetition: number;
  /** Component, from 1; 0 for a repetition. */
  readonly component: number;
  /** Subcomponent, from 1; 0 for a repetition or component. */
  readonly subcomponent: number;
  /** Offsets of the first character and of the one after the last in the message's text. */
  readonly start: number;
  readonly end: number;
  /** Where each part begins, as far as parts were asked for; after the last stands one past the end. */
  private begins: number[] | undefined = undefined;

  constructor(
    segment: Segment,
    field: number,
    repetition: number,
    component: number,
    subcomponent: number,
    start: number,
    end: number,
  ) {
    this.segment = segment;
    this.field = field;
    this.repetition = repetition;
    this.component = component;
    this.subcomponent = subcomponent;
    this.start = start;
    this.end = end;
  }

  get level(): NodeLevel {
    if (this.component === 0) return 'repetition';
    return this.subcomponent === 0 ? 'component' : 'subcomponent';
  }

  /** True when there is something to map: a leaf with text other than `""`. */
  get isValued(): boolean {
    return this.isValuedSpan(this.start, this.end);
  }

  /** True when the whole value is `""`: the sender asks to delete it. */
  get isDelete(): boolean {
    return isNullSpan(this.segment.message.text, this.start, this.end);
  }

  /** The text as it stands in the message, delimiters and escapes included. */
  get raw(): string {
    return this.segment.message.text.slice(this.start, this.end);
  }

  /** The unescaped text of the first leaf; '' when absent or `""`. */
  get text(): string {
    return this.leaf(1, 1);
  }

  /** The whole value unescaped, delimiters kept: for free text whose sender forgot to escape them. */
  get wholeText(): string {
    return this.segment.message.cut(this.start, this.end);
  }

  /** How many parts the node has: components of a repetition, subcomponents of a component; 0 when empty. */
  get childCount(): number {
    return partCount(this.segment.message.text, this.childDelimiter, this.start, this.end);
  }

  /** The `n`th part (from 1): a component of a repetition, a subcomponent of a component; empty when absent. A leaf is its own first part. */
  child(n: number): ValueNode {
    const begins = this.locate(n);
    if (n >= begins.length) return this.part(n, this.end, this.end);
    return this.part(n, begins[n - 1] ?? 0, (begins[n] ?? 0) - 1);
  }

  /** The `n`th part where it has any text, `""` included; undefined where it is absent or empty. */
  valuedChild(n: number): ValueNode | undefined {
    if (this.start === this.end) return undefined;
    const begins = this.locate(n);
    if (n >= begins.length) return undefined;
    const start = begins[n - 1] ?? 0;
    const end = (begins[n] ?? 0) - 1;
    return start === end ? undefined : this.part(n, start, end);
  }

  /** The text of the `n`th part where it is valued, whole and unescaped, else ''; a subcomponent is its own first part. No node is made. */
  partText(n: number): string {
    if (this.subcomponent !== 0) return n === 1 && this.isValued ? this.wholeText : '';
    const begins = this.locate(n);
    if (n >= begins.length) return '';
    const start = begins[n - 1] ?? 0;
    const end = (begins[n] ?? 0) - 1;
    return this.isValuedSpan(start, end) ? this.segment.message.cut(start, end) : '';
  }

  /** The `n`th part where it is valued; a subcomponent is its own first part. */
  valuedPart(n: number): ValueNode | undefined {
    if (this.subcomponent !== 0) return n === 1 && this.isValued ? this : undefined;
    const begins = this.locate(n);
    if (n >= begins.length) return undefined;
    const start = begins[n - 1] ?? 0;
    const end = (begins[n] ?? 0) - 1;
    return this.isValuedSpan(start, end) ? this.part(n, start, end) : undefined;
  }

  /** True where the `n`th part is valued; a subcomponent is its own first part. */
  hasPart(n: number): boolean {
    if (this.subcomponent !== 0) return n === 1 && this.isValued;
    const begins = this.locate(n);
    return n < begins.length && this.isValuedSpan(begins[n - 1] ?? 0, (begins[n] ?? 0) - 1);
  }

  /** Every part in order, empty ones between separators included; none when the node is empty. */
  children(): ValueNode[] {
    const children: ValueNode[] = [];
    if (this.start === this.end) return children;
    const begins = this.locate(Number.POSITIVE_INFINITY);
    for (let n = 1; n < begins.length; n++) children.push(this.part(n, begins[n - 1] ?? 0, (begins[n] ?? 0) - 1));
    return children;
  }

  /** Which parts have any text, `""` included: bit n for the nth of the first thirty; bit 0 is always set. */
  get filledParts(): number {
    const begins = this.locate(30);
    let bits = 1;
    for (let n = Math.min(begins.length - 1, 30); n > 0; n--) {
      if ((begins[n] ?? 0) - (begins[n - 1] ?? 0) > 1) bits |= 1 << n;
    }
    return bits;
  }

  /**
   * The unescaped text of the `n`th part, and within that of its `m`th (both from 1), without making nodes; '' when absent or `""`.
   * On a repetition these are component and subcomponent, on a component only `n` counts.
   */
  leaf(n: number, m = 1): string {
    const { message } = this.segment;
    const { text, delimiters } = message;
    let { start } = this;
    let end: number;
    if (n === 1) end = partEnd(text, this.childDelimiter, start, this.end);
    else {
      const begins = this.locate(n);
      if (n >= begins.length) return '';
      start = begins[n - 1] ?? 0;
      end = (begins[n] ?? 0) - 1;
    }
    if (this.component === 0 && !this.segment.isDelimiterField(this.field)) {
      const partBegin = start;
      start = partStart(text, delimiters.subcomponent, m, partBegin, end);
      if (start === -1) return '';
      end = partEnd(text, delimiters.subcomponent, start, end);
    } else if (m > 1) return '';
    return message.cut(start, end);
  }

  private part(n: number, start: number, end: number): ValueNode {
    const { segment, field, repetition, component, subcomponent } = this;
    if (component === 0) return new ValueNode(segment, field, repetition, n, 0, start, end);
    return new ValueNode(segment, field, repetition, component, subcomponent === 0 ? n : subcomponent, start, end);
  }

  /** Finds the first `n` parts: entry n-1 of the list is where the nth begins, entry n one past the separator after it. */
  private locate(n: number): readonly number[] {
    this.begins ??= [this.start];
    const { begins } = this;
    if (begins.length > n) return begins;
    const { text } = this.segment.message;
    const delimiter = this.childDelimiter;
    while (begins.length <= n) {
      const last = begins[begins.length - 1] ?? this.end + 1;
      if (last > this.end) break;
      begins.push(partEnd(text, delimiter, last, this.end) + 1);
    }
    return begins;
  }

  private isValuedSpan(start: number, end: number): boolean {
    if (start >= end) return false;
    const { text } = this.segment.message;
    const first = text.charCodeAt(start);
    if (first !== quote && !this.#separates(first)) return true;
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at);
      if (this.#separates(code)) continue;
      const isNull =
        isNullSpan(text, at, Math.min(at + 2, end)) &&
        (at === start || this.#separates(text.charCodeAt(at - 1))) &&
        (at + 2 === end || this.#separates(text.charCodeAt(at + 2)));
      if (!isNull) return true;
      at++;
    }
    return false;
  }

  #separates(code: number): boolean {
    const { delimiters } = this.segment.message;
    return code === delimiters.component || code === delimiters.subcomponent;
  }

  private get childDelimiter(): number {
    if (this.segment.isDelimiterField(this.field)) return -1;
    const { delimiters } = this.segment.message;
    if (this.component === 0) return delimiters.component;
    return this.subcomponent === 0 ? delimiters.subcomponent : -1;
  }
}

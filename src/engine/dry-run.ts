/** A changed mapping over archived messages: which come out otherwise, and in what. */
import type { MessageDifference } from './compare-mappings.js';

export interface DryRunSummary {
  /** Messages compared. */
  readonly messages: number;
  /** Of these, messages that come out otherwise. */
  readonly differ: number;
  /** Ends that change: `unmapped` → `mapped`. */
  readonly ends: readonly { readonly before: string; readonly after: string; readonly messages: number }[];
  /** `Patient.gender`, in how many messages, by which rules; most often first. */
  readonly elements: readonly {
    readonly element: string;
    readonly messages: number;
    readonly rules: readonly string[];
  }[];
  /** The newest messages that differ, with their content. */
  readonly shown: readonly MessageDifference[];
}

const mostElements = 100;

/** Gathers differences; keeps the first `show` of them and counts all. */
export class DryRunTally {
  readonly #show: number;
  readonly #shown: MessageDifference[] = [];
  readonly #ends = new Map<string, { before: string; after: string; messages: number }>();
  readonly #elements = new Map<string, { messages: number; readonly rules: Set<string> }>();
  #messages = 0;
  #differ = 0;

  constructor(show: number) {
    this.#show = show;
  }

  /** Counts a message; undefined: nothing differs. */
  add(difference: MessageDifference | undefined): void {
    this.#messages += 1;
    if (difference === undefined) return;
    this.#differ += 1;
    if (this.#shown.length < this.#show) this.#shown.push(difference);
    const [before, after] = [difference.before.outcome, difference.after.outcome];
    if (before !== after) {
      const end = this.#ends.get(`${before} ${after}`) ?? { before, after, messages: 0 };
      this.#ends.set(`${before} ${after}`, { ...end, messages: end.messages + 1 });
    }
    const counted = new Set<string>();
    for (const { reference, elements } of difference.resources) {
      const type = reference.slice(0, reference.indexOf('/'));
      for (const { path, rules } of elements) {
        // a link or merge names another's id, which says nothing of how often
        const element = `${type}.${path.replaceAll(/\[\d+\]/g, '').replace(/ [0-9a-f-]{36}\)/, ')')}`;
        const known = this.#elements.get(element) ?? { messages: 0, rules: new Set<string>() };
        this.#elements.set(element, known);
        if (!counted.has(element)) known.messages += 1;
        counted.add(element);
        for (const rule of rules) known.rules.add(rule);
      }
    }
  }

  summary(): DryRunSummary {
    return {
      messages: this.#messages,
      differ: this.#differ,
      ends: [...this.#ends.values()],
      elements: [...this.#elements]
        .map(([element, { messages, rules }]) => ({ element, messages, rules: [...rules].sort() }))
        .sort((a, b) => b.messages - a.messages || (a.element < b.element ? -1 : 1))
        .slice(0, mostElements),
      shown: this.#shown,
    };
  }
}

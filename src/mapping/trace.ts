import type { ValueNode } from '../hl7/value-node.js';

/** Follows a mapping while it runs. Without one nothing is recorded and nothing is paid. */
export interface TraceSink {
  /** A rule starts. */
  enter(rule: string): void;
  /** A value was read by the current rule. */
  read(node: ValueNode): void;
  /** The current rule set something in a draft. */
  made(label: string, path: string): void;
  /** The current rule is done. */
  leave(): void;
}

export interface TracedElement {
  readonly label: string;
  readonly path: string;
  readonly rule: string;
  /** Places of the values it was made from: `PID[1]-5[1].1`. */
  readonly from: readonly ValueNode[];
}

/** What became of one leaf of the message. */
export interface TracedLeaf {
  readonly node: ValueNode;
  readonly fate: 'mapped' | 'dropped' | 'unmapped';
  /** The rules that mapped it, or that read it and made nothing. */
  readonly rules: readonly string[];
}

interface Frame {
  readonly rule: string;
  readonly reads: ValueNode[];
  made: boolean;
}

/** Collects a whole trace: every element with its rule and sources, and the fate of every leaf. */
export class Trace implements TraceSink {
  readonly elements: TracedElement[] = [];
  readonly #frames: Frame[] = [];
  readonly #reads: { readonly node: ValueNode; readonly rule: string; readonly made: boolean }[] = [];

  enter(rule: string): void {
    this.#frames.push({ rule, reads: [], made: false });
  }

  read(node: ValueNode): void {
    this.#frames.at(-1)?.reads.push(node);
  }

  made(label: string, path: string): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    frame.made = true;
    this.elements.push({ label, path, rule: frame.rule, from: [...frame.reads] });
  }

  leave(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    for (const node of frame.reads) this.#reads.push({ node, rule: frame.rule, made: frame.made });
  }

  /** The fate of each of the given leaves (those of `leaves(message)`). */
  fates(leaves: Iterable<ValueNode>): TracedLeaf[] {
    const bySegment = new Map<number, { readonly node: ValueNode; readonly rule: string; readonly made: boolean }[]>();
    for (const read of this.#reads) {
      const list = bySegment.get(read.node.segment.index) ?? [];
      list.push(read);
      bySegment.set(read.node.segment.index, list);
    }
    const result: TracedLeaf[] = [];
    for (const node of leaves) {
      const covering = (bySegment.get(node.segment.index) ?? []).filter(
        (read) => read.node.start <= node.start && read.node.end >= node.end,
      );
      const made = covering.filter((read) => read.made);
      const fate = made.length > 0 ? 'mapped' : covering.length > 0 ? 'dropped' : 'unmapped';
      result.push({ node, fate, rules: [...new Set((made.length > 0 ? made : covering).map((read) => read.rule))] });
    }
    return result;
  }
}

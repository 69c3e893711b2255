import type { ValueNode } from '../value-node.js';
import type { LintContext } from './report.js';

const letters = /^[FSTREPHN]$/;
const bytes = /^X([0-9A-Fa-f]{2})+$/;
const single = /^C[0-9A-Fa-f]{4}$/;
const multi = /^M[0-9A-Fa-f]{4}([0-9A-Fa-f]{2})?$/;
const formatting = /^\.(br|ce|fi|nf|(sp|in|ti|sk)\s*[+-]?\d{0,3})$/i;
const local = /^Z.*$/;

/** Escape sequences of a leaf (HL7 v2.8, 2.7): each of a known form and closed. Z sequences are a site's own. */
export function checkEscapes(leaf: ValueNode, { report }: LintContext): void {
  const { escape: mark } = leaf.segment.message.delimiters;
  if (mark === -1) return;
  const character = String.fromCharCode(mark);
  const raw = leaf.raw;
  let open = raw.indexOf(character);
  while (open !== -1) {
    const close = raw.indexOf(character, open + 1);
    if (close === -1 || !isSequence(raw.slice(open + 1, close))) {
      const what = close === -1 ? 'an escape character that stands alone' : 'an escape sequence that does not exist';
      const right = `${character} itself is written ${character}E${character}`;
      report('escape-invalid', leaf, what, right);
      return;
    }
    open = raw.indexOf(character, close + 1);
  }
}

function isSequence(text: string): boolean {
  return [letters, bytes, single, multi, formatting, local].some((form) => form.test(text));
}

import type { Hl7Message } from '../message.js';
import type { LintContext } from './report.js';

/**
 * Set ids count 1, 2, 3 among segments of one name, and begin again at 1 where other segments came between (HL7 v2.8, 2A.3.65).
 */
export function checkSetIds(message: Hl7Message, { segment: define, report }: LintContext): void {
  const last = new Map<string, { readonly index: number; readonly value: number }>();
  for (const segment of message.segments) {
    if (define(segment.name)?.fields[0]?.type !== 'SI') continue;
    const text = segment.value(1);
    if (!/^\d{1,4}$/.test(text)) continue;
    const value = Number(text);
    const before = last.get(segment.name);
    const expected = (before?.value ?? 0) + 1;
    const begins = value === 1 && before !== undefined && before.index < segment.index - 1;
    if (value !== expected && !begins) {
      report('set-id-sequence', segment.node(1), 'set ids count 1, 2, 3', String(expected));
    }
    last.set(segment.name, { index: segment.index, value });
  }
}

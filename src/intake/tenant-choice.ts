import type { Segment } from '../hl7/segment.js';
import type { SenderRule } from './listener-settings.js';

/** The tenant of a message by its header, null where no rule names one. Never a guess. */
export function tenantOf(choice: string | readonly SenderRule[], header: Segment): string | null {
  if (typeof choice === 'string') return choice;
  return choice.find((rule) => matches(rule, header))?.tenant ?? null;
}

/** The tenant of what has no readable header: only a listener of one tenant knows it. */
export function tenantWithoutHeader(choice: string | readonly SenderRule[]): string | null {
  return typeof choice === 'string' ? choice : null;
}

function matches(rule: SenderRule, header: Segment): boolean {
  const wanted: [number, string | undefined][] = [
    [3, rule.msh3],
    [4, rule.msh4],
    [5, rule.msh5],
    [6, rule.msh6],
  ];
  return wanted.every(([field, value]) => value === undefined || value === header.value(field));
}

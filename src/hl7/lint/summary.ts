import type { FeedMessage } from './lint-feed.js';
import { type LintRule, lintRules, type Severity } from './rules.js';

/** How often one thing is wrong in a feed. */
export interface SummaryRow {
  readonly rule: LintRule;
  readonly severity: Severity;
  /** The place without numbers of occurrences and repetitions. */
  readonly path: string;
  readonly count: number;
  /** In how many messages. */
  readonly messages: number;
  readonly problem: string;
}

/** What a feed gets wrong, most frequent first. */
export function summarise(messages: readonly FeedMessage[]): readonly SummaryRow[] {
  const rows = new Map<
    string,
    { first: Omit<SummaryRow, 'count' | 'messages'>; count: number; messages: Set<FeedMessage> }
  >();
  for (const message of messages) {
    for (const { rule, path, problem } of message.findings) {
      const place = path.replaceAll(/\[\d+\]/g, '');
      const key = `${rule} ${place}`;
      const row = rows.get(key) ?? {
        first: { rule, severity: lintRules[rule][0], path: place, problem },
        count: 0,
        messages: new Set(),
      };
      row.count += 1;
      row.messages.add(message);
      rows.set(key, row);
    }
  }
  return [...rows.values()]
    .map(({ first, count, messages: within }) => ({ ...first, count, messages: within.size }))
    .sort((a, b) => b.count - a.count || order(a).localeCompare(order(b)));
}

function order({ rule, path }: { readonly rule: string; readonly path: string }): string {
  return `${path} ${rule}`;
}

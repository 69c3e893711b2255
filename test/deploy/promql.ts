/** A small look at PromQL: enough to find a query that cannot be meant, and the metrics and labels that it uses. */

export interface QueryParts {
  readonly metrics: readonly string[];
  /** Labels of selectors and of `by`. */
  readonly labels: readonly string[];
}

const functions = new Set(['sum', 'max', 'min', 'count', 'rate', 'increase', 'histogram_quantile', 'absent', 'time']);
const token = /"[^"]*"|[a-zA-Z_:][a-zA-Z0-9_:]*|\d+(?:\.\d+)?[a-z]*|[=!]~|[!=<>]=?|[-+*/(){}[\],]|\S/y;
const closes: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

/** @throws Error for brackets that do not match, ranges that are none, and functions that no query here needs */
export function readQuery(query: string): QueryParts {
  const metrics: string[] = [];
  const labels: string[] = [];
  const open: string[] = [];
  const tokens = [...query.matchAll(new RegExp(token, 'g'))].map(([text]) => text);
  let by = false;
  tokens.forEach((text, at) => {
    const [before = '', next = ''] = [tokens[at - 1], tokens[at + 1]];
    if (text in closes) {
      open.push(text);
      if (text === '[' && !/^\d+[smhd]$/.test(next)) throw new Error(`${query}: ${next} is no range`);
    } else if (text === ')' || text === '}' || text === ']') {
      if (closes[open.pop() ?? ''] !== text) throw new Error(`${query}: ${text} closes nothing`);
      if (text === ')') by = false;
    } else if (text === 'by') by = true;
    else if (/^[a-zA-Z_:]/.test(text)) {
      if (open.at(-1) === '{') {
        if (!/^(=|!=|=~|!~)$/.test(next) || !/^"/.test(tokens[at + 2] ?? ''))
          throw new Error(`${query}: ${text} is not compared with a text`);
        labels.push(text);
      } else if (by) labels.push(text);
      else if (next === '(' || next === 'by') {
        if (!functions.has(text)) throw new Error(`${query}: no function ${text}`);
      } else metrics.push(text);
    } else if (!/^["\d[\]=!<>,+*/-]/.test(text)) throw new Error(`${query}: ${text} after ${before}`);
  });
  if (open.length > 0) throw new Error(`${query}: ${open.join('')} stays open`);
  return { metrics: [...new Set(metrics)], labels: [...new Set(labels)] };
}

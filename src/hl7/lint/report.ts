import type { Definition, Dictionary } from '../dictionary.js';
import { printPath } from '../paths.js';
import type { Segment } from '../segment.js';
import type { ValueNode } from '../value-node.js';
import { type Finding, type LintRule, lintRules } from './rules.js';

/** The codes of an HL7 table by its number; undefined for one that is not known. */
export type TableCodes = (table: number) => ReadonlySet<string> | undefined;

/** Where in a message something is. */
export type Place = ValueNode | Segment | { readonly line: number; readonly path: string };

/** Takes what a rule found; `value` overrides what stands at the place. */
export type Report = (rule: LintRule, at: Place, problem: string, right: string, value?: string) => void;

/** What the rules of one message go by. */
export interface LintContext {
  /** The version checked against. */
  readonly version: string;
  /** True when the message names a later version than the one checked against. */
  readonly isNewer: boolean;
  readonly dictionary: Dictionary;
  readonly segment: (name: string) => Definition | undefined;
  readonly dataType: (name: string) => Definition | undefined;
  readonly codes: TableCodes;
  /** True for a table whose codes each site may define (HL7 v2.8, 2.5.3.6). */
  readonly isUserTable: (table: number) => boolean;
  readonly report: Report;
}

/** Makes the report function of a message whose text begins at line `first` of what is checked. */
export function collector(findings: Finding[], first: number): Report {
  return (rule, at, problem, right, value) => {
    const { line, path, raw } = placed(at);
    const shown = value ?? raw;
    findings.push({
      rule,
      severity: lintRules[rule][0],
      line: line + first - 1,
      path,
      problem,
      right,
      ...(shown === undefined || shown === '' ? {} : { value: shown }),
    });
  };
}

function placed(at: Place): { readonly line: number; readonly path: string; readonly raw?: string } {
  if ('path' in at) return at;
  if (!('field' in at)) return { line: at.line, path: segmentPath(at) };
  const { segment, field, repetition, component, subcomponent } = at;
  const name = segmentPath(segment);
  if (name === '') return { line: segment.line, path: '', raw: at.raw };
  const path = printPath({
    segment: name,
    field,
    ...(segment.repetitionCount(field) > 1 ? { repetition } : {}),
    ...(component > 0 ? { component } : {}),
    ...(subcomponent > 0 ? { subcomponent } : {}),
  });
  return { line: segment.line, path, raw: at.raw };
}

/** `OBX[3]` where a message has several of that name; '' for a line that is no segment, whose beginning may be content. */
function segmentPath(segment: Segment): string {
  const { occurrence, name, message, index } = segment;
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) return '';
  const several = occurrence > 1 || message.segments.some((other) => other.name === name && other.index !== index);
  return several ? `${name}[${occurrence}]` : name;
}

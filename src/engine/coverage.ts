/** Which fields of a feed carry data that no rule reads: counted over traces of messages. Pure. */

import { definedSegment } from '../hl7/definitions.js';

/** Read by Wardline itself: sender, event, control id, acknowledgement, version, character set, event time. */
const ownFields = /^(?:MSH-(?:3|4|7|9|10|12|15|16|18)|EVN-(?:1|2))(?:\.|$)/;

/** A field of one traced message. */
export interface CoveredField {
  /** `PID[1]-13[2].4`. */
  readonly field: string;
  readonly label: string;
  readonly fate: string;
  readonly rules: readonly string[];
  /** What the value looks like, or the value itself where the caller may see it. */
  readonly example: string;
}

export interface CoverageRow {
  /** Without numbers of segments and repetitions: `PID-13.4`. */
  readonly field: string;
  readonly label: string;
  /** `unmapped`: no rule reads it; `dropped`: rules read it and made nothing of it. */
  readonly fate: 'unmapped' | 'dropped';
  /** Valued leaves. */
  readonly count: number;
  readonly messages: number;
  /** Of the messages counted, 0 to 1. */
  readonly share: number;
  readonly example: string;
  /** Rules that read it, where it was dropped. */
  readonly rules: readonly string[];
}

export interface CoverageReport {
  readonly messages: number;
  /** Messages that nothing was made of: their structure has no map, or they cannot be read. */
  readonly without: number;
  /** Valued leaves, numbers of segments (set ids) left out. */
  readonly valued: number;
  /** Leaves that something was made of, or that Wardline reads itself. */
  readonly mapped: number;
  /** Most frequent first. */
  readonly rows: readonly CoverageRow[];
}

/** Counts messages one by one. */
export class Coverage {
  #messages = 0;
  #without = 0;
  #valued = 0;
  #mapped = 0;
  readonly #rows = new Map<string, Counted>();

  /** A message with the fate of each of its leaves; undefined: nothing was made of it. */
  add(fields: readonly CoveredField[] | undefined): void {
    this.#messages += 1;
    if (fields === undefined) {
      this.#without += 1;
      return;
    }
    const seen = new Set<Counted>();
    for (const field of fields) {
      const place = placeOf(field.field);
      if (isSetId(place)) continue;
      this.#valued += 1;
      if (ownFields.test(place) || (field.fate !== 'unmapped' && field.fate !== 'dropped')) {
        this.#mapped += 1;
        continue;
      }
      const row = this.#row(place, field, field.fate);
      row.count += 1;
      for (const rule of field.rules) row.rules.add(rule);
      if (!seen.has(row)) row.messages += 1;
      seen.add(row);
    }
  }

  report(): CoverageReport {
    const rows = [...this.#rows.values()].map(
      ({ rules, ...row }): CoverageRow => ({ ...row, share: row.messages / this.#messages, rules: [...rules].sort() }),
    );
    rows.sort((a, b) => b.messages - a.messages || b.count - a.count || (a.field < b.field ? -1 : 1));
    return { messages: this.#messages, without: this.#without, valued: this.#valued, mapped: this.#mapped, rows };
  }

  #row(place: string, { label, example }: CoveredField, fate: CoverageRow['fate']): Counted {
    const key = `${fate} ${place}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row: Counted = { field: place, label, fate, count: 0, messages: 0, example, rules: new Set() };
    this.#rows.set(key, row);
    return row;
  }
}

/** Without numbers of segments and repetitions. What stands in a line that is no segment could be anything. */
function placeOf(field: string): string {
  const place = field.replaceAll(/\[\d+\]/g, '');
  return /^[A-Z][A-Z0-9]{2}-/.test(place) ? place : '(a line that is no segment)';
}

/** A segment's own number says nothing by itself. */
function isSetId(place: string): boolean {
  const [, segment = '', field = ''] = /^(\w+)-(\d+)/.exec(place) ?? [];
  return field === '1' && definedSegment(segment)?.parts[0]?.types.includes('SI') === true;
}

interface Counted extends Pick<CoverageRow, 'field' | 'label' | 'fate' | 'example'> {
  count: number;
  messages: number;
  readonly rules: Set<string>;
}

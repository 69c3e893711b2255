/**
 * Fields that tell when, by whom and under which number a message was sent and recorded, and seldom what it says: two messages
 * that differ in nothing else say the same, unless a rule reads one of them.
 */
import type { Hl7Message } from './message.js';
import type { Segment } from './segment.js';

/** Time, control id and sequence number of MSH; recording time, operator and time of occurrence of EVN. Ascending. */
const ofHeader: readonly number[] = [7, 10, 13];
const ofEvent: readonly number[] = [2, 5, 6];

/** A passing field that was read, and what stood there. */
export interface PassingRead {
  /** Place of its segment in the message. */
  readonly segment: number;
  readonly field: number;
  readonly raw: string;
}

/** The text of a message with its passing fields empty: equal for two messages that differ in no other place. */
export function textWithoutPassing(message: Hl7Message): string {
  let text = '';
  let from = 0;
  for (const { segment, fields } of holders(message)) {
    text += message.text.slice(from, segment.start) + segment.rawWithout(fields);
    from = segment.end;
  }
  return text + message.text.slice(from);
}

/** Notes from now on which passing fields are read. */
export function watchPassing(message: Hl7Message): void {
  for (const { segment, fields } of holders(message)) segment.watch(fields);
}

/** The passing fields that were read since `watchPassing`. */
export function passingReads(message: Hl7Message): PassingRead[] {
  return holders(message).flatMap(({ segment, fields }) =>
    fields
      .filter((field) => segment.asked(field))
      .map((field) => ({ segment: segment.index, field, raw: segment.rawField(field) })),
  );
}

/** True when a message, equal beside its passing fields, has the same in those that were read. */
export function readsTheSame(message: Hl7Message, reads: readonly PassingRead[]): boolean {
  return reads.every(({ segment, field, raw }) => message.segments[segment]?.rawField(field) === raw);
}

function holders(message: Hl7Message): { readonly segment: Segment; readonly fields: readonly number[] }[] {
  const found = [{ segment: message.header, fields: ofHeader }];
  for (const segment of message.segments) if (segment.name === 'EVN') found.push({ segment, fields: ofEvent });
  return found;
}

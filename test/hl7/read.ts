import { type Hl7Message, isParseFault, parseMessage } from '../../src/hl7/message.js';
import type { Segment } from '../../src/hl7/segment.js';

/** The message of a text, or of segments joined by CR; throws where it is none. */
export function read(...segments: string[]): Hl7Message {
  const message = parseMessage(segments.join('\r'));
  if (isParseFault(message)) throw new Error(message.detail);
  return message;
}

export function segmentOf(message: Hl7Message, name: string): Segment {
  const segment = message.first(name);
  if (segment === undefined) throw new Error(`no ${name}`);
  return segment;
}

export const msh = 'MSH|^~\\&|HIS|NORTH|WARDLINE|X|20260301101500||ADT^A01^ADT_A01|4711|P|2.5.1';

import type { JsonObject } from '../../core/json.js';
import { objects, renamed } from '../members.js';

/** R4 MessageHeader to STU3: an event is a coding, the receiver stands by itself. */
export function stu3MessageHeader(source: JsonObject): JsonObject {
  const out = renamed(source, { eventCoding: 'event' });
  const [receiver] = objects(source.destination).flatMap((destination) => objects(destination.receiver));
  return receiver === undefined ? out : { ...out, receiver };
}

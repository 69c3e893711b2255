import type { JsonObject } from '../../core/json.js';
import { objects, renamed } from '../members.js';

/** R4 MessageHeader to STU3: an event is a coding, the receiver stands by itself, its time is when it came. */
export function stu3MessageHeader(source: JsonObject): JsonObject {
  const out = renamed(source, { eventCoding: 'event' });
  const received = objects(source.meta)[0]?.lastUpdated;
  if (received !== undefined) out.timestamp = received;
  const [receiver] = objects(source.destination).flatMap((destination) => objects(destination.receiver));
  return receiver === undefined ? out : { ...out, receiver };
}

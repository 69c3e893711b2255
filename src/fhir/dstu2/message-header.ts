import type { JsonObject } from '../../core/json.js';
import { renamed } from '../members.js';

/** STU3 MessageHeader to DSTU2: the focus is called data. */
export function dstu2MessageHeader(source: JsonObject): JsonObject {
  return renamed(source, { focus: 'data' });
}

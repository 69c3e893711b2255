import type { JsonObject } from '../../core/json.js';
import { renamed } from '../members.js';

/** STU3 Account to DSTU2. */
export function dstu2Account(source: JsonObject): JsonObject {
  return renamed(source, { period: 'coveragePeriod', active: 'activePeriod' });
}

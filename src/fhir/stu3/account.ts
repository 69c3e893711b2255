import type { JsonObject } from '../../core/json.js';
import { changed, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** R4 Account to STU3. */
export function stu3Account(source: JsonObject): JsonObject {
  const status = text(source.status);
  return changed(renamed(source, { servicePeriod: 'period' }), {
    status: status === undefined ? undefined : oldCode('STU3', 'Account.status', status),
  });
}

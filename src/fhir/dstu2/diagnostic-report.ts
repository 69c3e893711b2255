import type { JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 DiagnosticReport to DSTU2, which has one performer. */
export function dstu2DiagnosticReport(source: JsonObject): JsonObject {
  const status = text(source.status);
  const [performer] = objects(source.performer);
  return changed(renamed(source, { context: 'encounter', basedOn: 'request' }), {
    status: status === undefined ? undefined : oldCode('DSTU2', 'DiagnosticReport.status', status),
    performer: performer?.actor,
  });
}

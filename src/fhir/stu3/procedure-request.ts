import type { JsonObject } from '../../core/json.js';
import { changed, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** R4 ServiceRequest to STU3 ProcedureRequest. */
export function stu3ProcedureRequest(source: JsonObject): JsonObject {
  const status = text(source.status);
  const intent = text(source.intent);
  return changed(renamed(source, { encounter: 'context' }), {
    resourceType: 'ProcedureRequest',
    status: status === undefined ? undefined : oldCode('STU3', 'ServiceRequest.status', status),
    intent: intent === undefined ? undefined : oldCode('STU3', 'ServiceRequest.intent', intent),
    requester: source.requester === undefined ? undefined : { agent: source.requester },
  });
}

import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/**
 * STU3 ProcedureRequest to DSTU2 DiagnosticOrder: what is ordered becomes its one item, when it was ordered an event.
 * Null for an order not to do something, which DSTU2 cannot say.
 */
export function dstu2DiagnosticOrder(source: JsonObject, original: JsonObject): JsonObject | null {
  if (source.doNotPerform === true) return null;
  const out = renamed(source, {
    context: 'encounter',
    reasonCode: 'reason',
    supportingInfo: null,
    requester: null,
    code: null,
    bodySite: null,
  });
  const stored = text(original.status);
  const status = stored === undefined ? undefined : oldCode('DSTU2', 'ServiceRequest.status', stored);
  const [bodySite] = objects(source.bodySite);
  const supporting = [...objects(source.reasonReference), ...objects(source.supportingInfo)];
  const authoredOn = text(source.authoredOn);
  return changed(out, {
    resourceType: 'DiagnosticOrder',
    status,
    orderer: isJsonObject(source.requester) ? source.requester.agent : undefined,
    supportingInformation: supporting.length > 0 ? supporting : undefined,
    item:
      source.code === undefined
        ? undefined
        : [bodySite === undefined ? { code: source.code } : { code: source.code, bodySite }],
    event: authoredOn === undefined ? undefined : [{ status: 'requested', dateTime: authoredOn }],
  });
}

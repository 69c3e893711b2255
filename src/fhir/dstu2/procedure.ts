import type { JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 Procedure to DSTU2. */
export function dstu2Procedure(source: JsonObject, original: JsonObject): JsonObject {
  const out = renamed(source, {
    context: 'encounter',
    note: 'notes',
    usedReference: 'used',
    basedOn: 'request',
    notDone: 'notPerformed',
    notDoneReason: 'reasonNotPerformed',
    reasonCode: null,
    reasonReference: null,
  });
  const stored = text(original.status);
  const [reasonCodeableConcept] = objects(source.reasonCode);
  const [reasonReference] = objects(source.reasonReference);
  return changed(out, {
    status: stored === undefined ? undefined : oldCode('DSTU2', 'Procedure.status', stored),
    reasonCodeableConcept,
    reasonReference: reasonCodeableConcept === undefined ? reasonReference : undefined,
  });
}

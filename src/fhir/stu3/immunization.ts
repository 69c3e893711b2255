import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/**
 * R4 Immunization to STU3, where what was not given says so beside its status; then it has neither a reason for giving nor
 * a reaction (imm-1). Of those who took part only persons have a place.
 */
export function stu3Immunization(source: JsonObject): JsonObject {
  const status = text(source.status);
  const notGiven = status === 'not-done';
  const reasons = notGiven ? [] : objects(source.reasonCode);
  const reasonsNotGiven = notGiven ? objects(source.statusReason) : [];
  const explanation = {
    ...(reasons.length > 0 ? { reason: reasons } : {}),
    ...(reasonsNotGiven.length > 0 ? { reasonNotGiven: reasonsNotGiven } : {}),
  };
  const practitioner = objects(source.performer)
    .filter((performer) => !isOrganization(performer))
    .map((performer) => renamed(performer, { function: 'role' }));
  return changed(renamed(source, { occurrenceDateTime: 'date', reasonCode: null, performer: null }), {
    status: status === undefined ? undefined : oldCode('STU3', 'Immunization.status', status),
    notGiven: status === undefined ? undefined : notGiven,
    reaction: notGiven ? undefined : source.reaction,
    practitioner: practitioner.length > 0 ? practitioner : undefined,
    explanation: Object.keys(explanation).length > 0 ? explanation : undefined,
    vaccinationProtocol:
      source.protocolApplied === undefined
        ? undefined
        : objects(source.protocolApplied).map((protocol) =>
            renamed(protocol, { doseNumberPositiveInt: 'doseSequence', seriesDosesPositiveInt: 'seriesDoses' }),
          ),
  });
}

function isOrganization(performer: JsonObject): boolean {
  const { actor } = performer;
  if (!isJsonObject(actor)) return false;
  return actor.type === 'Organization' || text(actor.reference)?.startsWith('Organization/') === true;
}

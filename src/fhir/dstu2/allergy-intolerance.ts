import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, objects, oneNote, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 AllergyIntolerance to DSTU2: one status, the old names and codes. */
export function dstu2AllergyIntolerance(source: JsonObject): JsonObject {
  const out = renamed(source, {
    code: 'substance',
    asserter: 'reporter',
    assertedDate: 'recordedDate',
    lastOccurrence: 'lastOccurence',
    clinicalStatus: null,
    verificationStatus: null,
    onsetDateTime: 'onset',
  });
  const category = Array.isArray(source.category) ? text(source.category[0]) : undefined;
  const criticality = text(source.criticality);
  return changed(out, {
    status: dstu2AllergyStatus(text(source.clinicalStatus), text(source.verificationStatus)),
    category: category === undefined ? undefined : oldCode('DSTU2', 'AllergyIntolerance.category', category),
    criticality:
      criticality === undefined ? undefined : oldCode('DSTU2', 'AllergyIntolerance.criticality', criticality),
    onset: source.onsetDateTime ?? (isJsonObject(source.onsetPeriod) ? source.onsetPeriod.start : undefined),
    note: oneNote(source.note),
    reaction:
      source.reaction === undefined
        ? undefined
        : objects(source.reaction).map((reaction) => changed(reaction, { note: oneNote(reaction.note) })),
  });
}

/**
 * DSTU2 has one status for the clinical and the verification status of later versions: the one that says more against
 * the allergy wins, and how sure an active one is takes the place of `active`.
 */
export function dstu2AllergyStatus(clinical: string | undefined, verification: string | undefined): string | undefined {
  if (verification === 'entered-in-error' || verification === 'refuted') return verification;
  if (clinical === 'resolved' || clinical === 'inactive') return clinical;
  return verification ?? clinical;
}

import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, codeOf, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 Encounter to DSTU2; null for one that was entered in error, which DSTU2 has no way to say. */
export function dstu2Encounter(source: JsonObject): JsonObject | null {
  if (source.status === 'entered-in-error') return null;
  const out = renamed(source, { subject: 'patient', diagnosis: null });
  const status = encounterState(source);
  if (status !== undefined) out.status = status;
  const visitClass = codeOf(source.class);
  if (visitClass === undefined) delete out.class;
  else out.class = oldCode('DSTU2', 'Encounter.class', visitClass) ?? 'other';
  if (source.statusHistory !== undefined) {
    out.statusHistory = objects(source.statusHistory)
      .filter((entry) => entry.status !== 'entered-in-error')
      .map((entry) => changed(entry, { status: encounterState(entry) }));
  }
  const indication = objects(source.diagnosis).flatMap((diagnosis) => objects(diagnosis.condition));
  if (indication.length > 0) out.indication = indication;
  return out;
}

/** What DSTU2 calls a status: an unknown one has ended when the period has, else it is under way. */
function encounterState(source: JsonObject): string | undefined {
  const status = text(source.status);
  if (status === 'triaged') return 'arrived';
  if (status !== 'unknown') return status;
  return isJsonObject(source.period) && source.period.end !== undefined ? 'finished' : 'in-progress';
}

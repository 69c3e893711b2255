import type { JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 Patient to DSTU2. DSTU2 cannot say what replaced a record, but it says that the record is out of use. */
export function dstu2Patient(source: JsonObject): JsonObject {
  const out = renamed(source, { generalPractitioner: 'careProvider' });
  const links = objects(source.link);
  if (links.length > 0) {
    out.link = links.flatMap((link) => {
      const type = oldCode('DSTU2', 'Patient.link.type', text(link.type) ?? '');
      return type === undefined ? [] : [changed(link, { type: type === '' ? undefined : type })];
    });
    if (links.some((link) => link.type === 'replaced-by')) out.active = false;
  }
  if (source.maritalStatus !== undefined) {
    const [status] = objects(source.maritalStatus);
    if (status !== undefined) out.maritalStatus = { ...status, ...maritalCodings(status) };
  }
  return out;
}

/** `unmarried` belongs to a FHIR code system in DSTU2's value set, to the v3 one in later versions. */
function maritalCodings(status: JsonObject): JsonObject {
  if (status.coding === undefined) return {};
  return {
    coding: objects(status.coding).map((coding) =>
      coding.system === 'http://hl7.org/fhir/v3/MaritalStatus' && coding.code === 'U'
        ? { ...coding, system: 'http://hl7.org/fhir/marital-status' }
        : coding,
    ),
  };
}

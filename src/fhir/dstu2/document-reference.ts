import { isJsonObject, type JsonObject } from '../../core/json.js';
import { changed, text } from '../members.js';

/** STU3 DocumentReference to DSTU2: the document's status is a concept. */
export function dstu2DocumentReference(source: JsonObject): JsonObject {
  const code = text(source.docStatus);
  const docStatus =
    code === undefined ? undefined : { coding: [{ system: 'http://hl7.org/fhir/composition-status', code }] };
  return isJsonObject(source.docStatus) ? source : changed(source, { docStatus, _docStatus: undefined });
}

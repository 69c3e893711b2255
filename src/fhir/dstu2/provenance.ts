import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** STU3 Provenance to DSTU2: an entity is a URI with the type of what it names. */
export function dstu2Provenance(source: JsonObject): JsonObject {
  return changed(source, {
    agent: agents(source.agent),
    entity: source.entity === undefined ? undefined : objects(source.entity).map(entityOf),
  });
}

function agents(value: Json | undefined): JsonObject[] | undefined {
  return value === undefined ? undefined : objects(value).map((agent) => renamed(agent, { whoReference: 'actor' }));
}

function entityOf(entity: JsonObject): JsonObject {
  const what = isJsonObject(entity.whatReference) ? entity.whatReference : {};
  const identifier = isJsonObject(entity.whatIdentifier) ? entity.whatIdentifier : what.identifier;
  const reference = text(what.reference) ?? text(entity.whatUri);
  const code = /^([A-Z][A-Za-z]+)\//.exec(reference ?? '')?.[1];
  const role = text(entity.role);
  const display = text(what.display) ?? (isJsonObject(identifier) ? text(identifier.value) : undefined);
  return changed(renamed(entity, { whatReference: null, whatUri: null, whatIdentifier: null }), {
    role: role === undefined ? undefined : oldCode('DSTU2', 'Provenance.entity.role', role),
    type: code === undefined ? undefined : { system: 'http://hl7.org/fhir/resource-types', code },
    reference,
    display,
    agent: agents(entity.agent),
  });
}

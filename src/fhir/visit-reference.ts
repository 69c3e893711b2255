/**
 * The visit that a resource belongs to beside its patient. When an event moves a visit to another patient (A45), what belongs
 * to it follows: in what is shown and in searches by patient, without being written again.
 */
import { isJsonObject, type JsonObject } from '../core/json.js';
import { typeModel } from './definitions/type-model.js';
import { objects, text } from './members.js';
import { searchParametersOf } from './search-parameters.js';
import type { SearchValue } from './search-values.js';
import { fhirVersions, versionBit } from './version.js';

/** Parameter under which a moved visit is found: by the patient who has it now, and by those whom messages named. */
export const movedParameter = ':moved';
/** Parameter under which the visit is found of types for which R4 defines none. */
const ownParameter = ':visit';
const everyVersion = fhirVersions.reduce((bits, version) => bits | versionBit[version], 0);

/** Types that belong to visits and have no place to name one; the store keeps the visit beside them. */
export const visitBeside: ReadonlySet<string> = new Set(['Specimen', 'Binary']);

/** The parameter whose values name the visit of an R4 type's resources, whatever the version; undefined for types without. */
export function visitParameter(type: string): string | undefined {
  const parameters = searchParametersOf('R4', type);
  for (const name of ['encounter', 'context']) {
    if (parameters.get(name)?.kind === 'reference') return name;
  }
  return visitBeside.has(type) || typeModel('R4', type)?.members.has('encounter') === true ? ownParameter : undefined;
}

/** The member that names the patient of an R4 type's resources. */
function patientMember(type: string): 'subject' | 'patient' | 'securityContext' {
  if (type === 'Binary') return 'securityContext';
  return typeModel('R4', type)?.members.has('subject') === true ? 'subject' : 'patient';
}

/** `Encounter/id` of the visits that an R4 resource belongs to. */
export function visitsOf(resource: JsonObject): readonly string[] {
  const { encounter, context } = resource;
  const inContext = isJsonObject(context) ? [...objects(context['encounter']), context] : [];
  return [...objects(encounter), ...inContext].flatMap((reference) => {
    const name = text(reference['reference']);
    return name?.startsWith('Encounter/') === true ? [name] : [];
  });
}

/**
 * An R4 resource as that of the patient to whom its visit was moved. `movedTo` gives `Patient/id`, or undefined for none;
 * `beside` names visits as `Encounter/id` that the resource itself does not.
 */
export function followVisit(
  resource: JsonObject,
  movedTo: (visit: string, patient: string) => string | undefined,
  beside: readonly string[] = [],
): JsonObject {
  const visits = [...visitsOf(resource), ...beside];
  if (visits.length === 0) return resource;
  const member = patientMember(text(resource['resourceType']) ?? '');
  const patient = isJsonObject(resource[member]) ? text(resource[member]['reference']) : undefined;
  if (patient === undefined) return resource;
  const [to] = visits.flatMap((visit) => movedTo(visit, patient) ?? []);
  return to === undefined ? resource : { ...resource, [member]: { reference: to } };
}

/** Names of the visits that a document keeps beside its resource, `Encounter/id`. */
export function visitsBeside({ type, moved }: { readonly type: string; readonly moved: readonly string[] }): string[] {
  return visitBeside.has(type) ? moved.map((id) => `Encounter/${id}`) : [];
}

/** Search values of a visit or account that was moved: `moved` holds the ids of the patients. */
export function movedValues(type: string, moved: readonly string[]): SearchValue[] {
  if (visitBeside.has(type)) return [];
  return [...new Set(moved)].map((id) => referenceValue(movedParameter, 'Patient', id));
}

/** Search values that name the visit, where no parameter of R4 does; `moved` is kept beside the resource. */
export function visitValues(type: string, resource: JsonObject, moved: readonly string[]): SearchValue[] {
  if (visitParameter(type) !== ownParameter) return [];
  return [...visitsOf(resource), ...visitsBeside({ type, moved })].map((name) =>
    referenceValue(ownParameter, 'Encounter', name.slice('Encounter/'.length)),
  );
}

function referenceValue(parameter: string, type: string, id: string): SearchValue {
  return { parameter, versions: everyVersion, kind: 'reference', type, id, url: null, identifier: null };
}

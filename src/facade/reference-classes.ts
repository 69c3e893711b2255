import { searchParametersOf } from '../fhir/search-parameters.js';
import type { CompositeTest, Condition, ReferenceTest, SearchQuery, Test } from '../fhir/search-query.js';
import { type FhirVersion, r4TypeOf, typeInVersion } from '../fhir/version.js';
import { visitParameter } from '../fhir/visit-reference.js';
import type { ResourceReader } from '../store/resource-port.js';
import { movedHere, readMovedVisits, withoutMovedAway } from './moved-visits.js';
import { storedTypes } from './served-types.js';

type ById = ReferenceTest & { readonly id: string };

/**
 * The query with each reference standing for its target's class: one person, visit or order may be stored under several
 * ids, and is shown under one. A search by any of them finds what refers to any other. A patient has what belongs to
 * visits that were moved here, and not what belongs to visits that were moved away.
 */
export async function expandClasses(
  resources: Pick<ResourceReader, 'read' | 'search'>,
  tenant: string,
  query: SearchQuery,
): Promise<SearchQuery> {
  const wanted = new Map<string, Set<string>>();
  for (const condition of query.where) {
    if (!('anyOf' in condition)) continue;
    for (const test of condition.anyOf) {
      if (!isById(test)) continue;
      for (const type of typesOf(query, condition, test)) {
        const ids = wanted.get(type);
        if (ids === undefined) wanted.set(type, new Set([test.id]));
        else ids.add(test.id);
      }
    }
  }
  if (wanted.size === 0) return query;
  const members = await readMembers(resources, tenant, wanted);
  const where = query.where.map(async (condition): Promise<Condition> => {
    if (!('anyOf' in condition)) return condition;
    const anyOf = condition.anyOf.flatMap((test) => {
      if (!isById(test)) return [test];
      const others = typesOf(query, condition, test).flatMap((type) =>
        (members.get(`${type}/${test.id}`) ?? []).map((id) => ({ ...test, type, id })),
      );
      return [test, ...others];
    });
    const patients = namesPatient(query, condition) ? anyOf.filter(isPatient).map(({ id }) => id) : [];
    if (patients.length === 0) return { ...condition, anyOf };
    const moved = await readMovedVisits(resources, tenant, [...new Set(patients)]);
    const stayed = anyOf.map((test) => (isPatient(test) ? withoutMovedAway(test, moved) : test));
    return { ...condition, anyOf: [...stayed, ...movedHere(moved)] };
  });
  return { ...query, where: await Promise.all(where) };
}

/** True for a parameter that names the patient of resources that belong to visits: they follow a visit that is moved. */
function namesPatient({ type }: SearchQuery, { parameter }: Condition): boolean {
  return (parameter === 'patient' || parameter === 'subject') && visitParameter(type) !== undefined;
}

function isById(test: Test | CompositeTest): test is ById {
  return test.kind === 'reference' && test.id !== undefined;
}

/** True for a test that a patient may pass. */
function isPatient(test: Test | CompositeTest): test is ById {
  return isById(test) && (test.type === undefined || test.type === 'Patient');
}

/** The stored types that a test's id may be of: the one it names, else all that its parameter may point to. */
function typesOf({ version, type }: SearchQuery, { parameter }: Condition, test: ById): readonly string[] {
  if (test.type !== undefined) return [test.type];
  const targetsIn = (one: FhirVersion): readonly string[] =>
    searchParametersOf(one, typeInVersion(one, type)).get(parameter.toLowerCase())?.targets ?? [];
  // The definitions of DSTU2 do not say what a parameter points to.
  const own = targetsIn(version).map((name) => r4TypeOf(version, name));
  const targets = own.length > 0 ? own : targetsIn('R4');
  return targets.length === 0 ? storedTypes : targets.filter((target) => storedTypes.includes(target));
}

/** For each `Type/id` the other ids of its class. */
async function readMembers(
  resources: Pick<ResourceReader, 'read'>,
  tenant: string,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const members = new Map<string, readonly string[]>();
  const read = async (type: string, ids: ReadonlySet<string>): Promise<void> => {
    const found = await resources.read(tenant, type, [...ids]);
    const aside = found.map(({ standsFor }) => standsFor).filter((id) => id !== '');
    const survivors = aside.length === 0 ? [] : await resources.read(tenant, type, aside);
    for (const document of found) {
      const survivor = survivors.find(({ id }) => id === document.standsFor);
      const named = [...document.members, document.standsFor, ...(survivor?.members ?? [])];
      const all = new Set(named.filter((id) => id !== '' && id !== document.id));
      if (all.size > 0) members.set(`${type}/${document.id}`, [...all]);
    }
  };
  await Promise.all([...wanted].map(([type, ids]) => read(type, ids)));
  return members;
}

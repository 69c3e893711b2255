import type { CompositeTest, Condition, ReferenceTest, SearchQuery, Test } from '../fhir/search-query.js';
import type { ResourcePort } from '../store/resource-port.js';

/** Types whose documents stand in classes: one person, visit or account under several ids. */
const classed = ['Patient', 'Encounter', 'Account'] as const;

/**
 * The query with each reference to a Patient, Encounter or Account standing for its class: a search by any id of a
 * person finds what belongs to any of them.
 */
export async function expandClasses(
  resources: Pick<ResourcePort, 'read'>,
  tenant: string,
  query: SearchQuery,
): Promise<SearchQuery> {
  const asked = query.where.flatMap((condition) => ('anyOf' in condition ? condition.anyOf.filter(isClassed) : []));
  if (asked.length === 0) return query;
  const members = await readMembers(resources, tenant, asked);
  const expand = (test: Test | CompositeTest): readonly (Test | CompositeTest)[] => {
    if (!isClassed(test)) return [test];
    const others = classed
      .filter((type) => test.type === undefined || test.type === type)
      .flatMap((type) => (members.get(`${type}/${test.id}`) ?? []).map((id) => ({ ...test, type, id })));
    return [test, ...others];
  };
  const where = query.where.map(
    (condition): Condition =>
      'anyOf' in condition ? { ...condition, anyOf: condition.anyOf.flatMap(expand) } : condition,
  );
  return { ...query, where };
}

function isClassed(test: Test | CompositeTest): test is ReferenceTest & { readonly id: string } {
  if (test.kind !== 'reference' || test.id === undefined) return false;
  return test.type === undefined || (classed as readonly string[]).includes(test.type);
}

/** For each `Type/id` the other ids of its class. */
async function readMembers(
  resources: Pick<ResourcePort, 'read'>,
  tenant: string,
  asked: readonly (ReferenceTest & { readonly id: string })[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const members = new Map<string, readonly string[]>();
  const read = async (type: string): Promise<void> => {
    const ids = new Set(asked.filter((test) => test.type === undefined || test.type === type).map(({ id }) => id));
    if (ids.size === 0) return;
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
  await Promise.all(classed.map(read));
  return members;
}

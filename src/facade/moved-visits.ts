/** Visits that events moved (A45) from or to the patients of a search, and what that makes of the search. */
import type { ReferenceTest } from '../fhir/search-query.js';
import { movedParameter } from '../fhir/visit-reference.js';
import type { ResourceReader } from '../store/resource-port.js';

/** By the patient whom messages named: ids of visits that were moved. */
export interface MovedVisits {
  /** Moved to one of the patients asked for; under each patient whom messages named. */
  readonly here: ReadonlyMap<string, readonly string[]>;
  /** Moved to somebody else; under each of the patients asked for whom messages named. */
  readonly away: ReadonlyMap<string, readonly string[]>;
}

const page = 500;
const budget = 5000;

/** Reads what was moved from or to any of the patients that one parameter asks for; between two of them nothing moves. */
export async function readMovedVisits(
  resources: Pick<ResourceReader, 'search'>,
  tenant: string,
  patients: readonly string[],
): Promise<MovedVisits> {
  const here = new Map<string, string[]>();
  const away = new Map<string, string[]>();
  const add = (to: Map<string, string[]>, patient: string, visits: readonly string[]): void => {
    const known = to.get(patient);
    if (known === undefined) to.set(patient, [...visits]);
    else known.push(...visits);
  };
  const anyOf = patients.map((id): ReferenceTest => ({ kind: 'reference', type: 'Patient', id }));
  const query = {
    type: 'Encounter',
    version: 'R4',
    where: [{ parameter: movedParameter, kind: 'reference', negate: false, anyOf }],
    sort: [{ by: '_id', descending: false }],
    count: page,
  } as const;
  let after: string | undefined;
  do {
    const found = await resources.search(tenant, after === undefined ? query : { ...query, after: JSON.parse(after) }, {
      budget,
      total: false,
    });
    for (const { id, members, moved } of found.documents) {
      const [to = '', ...named] = moved;
      const visits = [...new Set([id, ...members])];
      const isHere = patients.includes(to);
      for (const patient of named) {
        if (isHere && !patients.includes(patient)) add(here, patient, visits);
        if (!isHere && patients.includes(patient)) add(away, patient, visits);
      }
    }
    after = found.next;
  } while (after !== undefined);
  return { here, away };
}

/** A test for a patient without what belongs to visits that were moved away. */
export function withoutMovedAway(test: ReferenceTest, { away }: MovedVisits): ReferenceTest {
  const among = test.id === undefined ? undefined : away.get(test.id);
  return among === undefined ? test : { ...test, visit: { is: false, among } };
}

/** Tests for what belongs to visits that were moved here, from whomever. */
export function movedHere({ here }: MovedVisits): ReferenceTest[] {
  return [...here].map(([id, among]) => ({ kind: 'reference', type: 'Patient', id, visit: { is: true, among } }));
}

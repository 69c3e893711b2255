/** What a client can see of one hospital: searches, reads and histories. */
import assert from 'node:assert/strict';
import { isJsonObject, type Json } from '../../src/core/json.js';
import { basePath, fhirVersions } from '../../src/fhir/version.js';
import type { Hospital } from './running-wardline.js';

const types = [
  ...['Patient', 'Encounter', 'Observation', 'DiagnosticReport', 'Condition', 'AllergyIntolerance', 'Coverage'],
  ...['Location', 'Practitioner', 'Organization', 'RelatedPerson', 'Procedure', 'Specimen', 'Immunization'],
  ...['MedicationRequest', 'ServiceRequest'],
];

/** `all`: as it is answered in all versions of FHIR, but for where it was asked. `content`: R4 without versions and times. */
export type Sight = 'all' | 'content';

/** Answers by question. */
export async function installationPicture(
  publicUrl: string,
  hospital: Hospital,
  sight: Sight,
): Promise<Record<string, Json>> {
  const picture: Record<string, Json> = {};
  const left = new Set(['fullUrl', 'link', 'url', 'timestamp', ...(sight === 'content' ? ['meta'] : [])]);
  const headers = { authorization: `Bearer ${await hospital.token()}` };
  for (const version of sight === 'all' ? fhirVersions : (['R4'] as const)) {
    // not the checked client of other tests: all that is asked here is whether it is the same
    const ask = async (query: string): Promise<Json> => {
      const response = await fetch(`${publicUrl}/fhir/${basePath[version]}${query}`, { headers });
      const body = (await response.json()) as Json;
      picture[`${version} ${query}`] = response.status === 200 ? without(body, left) : { status: response.status };
      return body;
    };
    for (const type of types) {
      const found = await ask(`/${type}?_count=200&_sort=_id`);
      if (sight === 'all' && version === 'R4') await ask(`/${type}/_history?_count=200`);
      if (type !== 'Patient') continue;
      for (const id of idsOf(found).slice(0, 3)) {
        await ask(`/Patient/${id}`);
        await ask(`/Observation?patient=${id}&category=vital-signs&_sort=-date,_id&_count=50`);
        await ask(`/Encounter?patient=${id}&_sort=-date,_id`);
        if (sight === 'all') await ask(`/Patient/${id}/_history`);
        if (sight === 'all') await ask(`/Patient/${id}/_history/1`);
      }
    }
    await ask('/Patient?name:contains=an&_sort=family,_id&_count=200');
    await ask('/Patient?birthdate=ge1950&gender=female&_sort=_id&_count=200');
  }
  return picture;
}

/** Compares question by question, so that a difference names its own. Gives how many resources were compared. */
export function assertSameSight(actual: Record<string, Json>, expected: Record<string, Json>): number {
  let resources = 0;
  for (const [query, answer] of Object.entries(expected)) {
    assert.deepEqual(actual[query], answer, query);
    resources += isJsonObject(answer) && Array.isArray(answer['entry']) ? answer['entry'].length : 1;
  }
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  return resources;
}

function idsOf(bundle: Json): string[] {
  const entries = isJsonObject(bundle) && Array.isArray(bundle['entry']) ? bundle['entry'] : [];
  return entries.flatMap((entry) => {
    const resource = isJsonObject(entry) ? entry['resource'] : undefined;
    const id = isJsonObject(resource) ? resource['id'] : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

function without(value: Json, names: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((item) => without(item, names));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !names.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, without(member, names)]));
}

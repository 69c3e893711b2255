/** Provenance, computed from the history of what it tells of: one for each version, naming the message that made it. */
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { extractSearchValues } from '../fhir/extract-search-values.js';
import { matches } from '../fhir/search-match.js';
import type { SearchQuery } from '../fhir/search-query.js';
import type { ResourceVersion } from '../store/resource-port.js';
import { mayAccess } from './access.js';
import type { Ask } from './facade-parts.js';
import type { Source } from './search-source.js';
import { instant, type Served, serveResources } from './serve-resource.js';

const chunk = 1000;
/** Versions that are looked through for one search. */
const mostSought = 5000;
const idForm = /^([A-Z][A-Za-z]+)-(.+)-([1-9]\d{0,14})$/;

/** Reads the Provenance that an id names; undefined where there is none, or its target may not be read. */
export async function readProvenance(ask: Ask, id: string): Promise<Served | undefined> {
  const [, type, target, version] = idForm.exec(id) ?? [];
  if (type === undefined || target === undefined || !mayAccess(ask.principal, 'read', type)) return undefined;
  const stored = await ask.parts.resources.version(ask.principal.tenant, type, target, Number(version));
  return stored === undefined ? undefined : (await serveProvenance(ask, [stored]))[0];
}

/**
 * A search for Provenance by `target`, `patient` (a target that is one) or `_id`, newest first; other parameters narrow it down.
 * @throws Fault `not-supported` without one of the three, `too-costly` for a history too long
 */
export function provenances(ask: Ask, query: SearchQuery): Source {
  return async (count, after) => {
    const found = (await candidates(ask, query)).filter((one) => {
      const values = extractSearchValues({ R4: one.r4, [query.version]: one.resource });
      return matches(query, { id: idOf(one), lastUpdated: one.lastUpdated, date: one.lastUpdated, values });
    });
    found.sort((a, b) => b.lastUpdated - a.lastUpdated || (idOf(a) < idOf(b) ? -1 : 1));
    const start = after === undefined ? 0 : (JSON.parse(after) as number);
    const served = found.slice(start, start + count);
    const end = start + served.length;
    return { served, taken: served.length, total: found.length, next: end < found.length ? String(end) : undefined };
  };
}

async function candidates(ask: Ask, query: SearchQuery): Promise<Served[]> {
  for (const condition of query.where) {
    if ('missing' in condition || condition.negate) continue;
    if (condition.parameter === '_id') {
      const ids = condition.anyOf.flatMap((test) => (test.kind === 'id' ? [test.id] : []));
      const read = await Promise.all(ids.map((id) => readProvenance(ask, id)));
      return read.filter((one) => one !== undefined);
    }
    if (condition.parameter !== 'target' && condition.parameter !== 'patient') continue;
    const usual = condition.parameter === 'patient' ? 'Patient' : undefined;
    const targets = condition.anyOf.flatMap((test) => {
      if (test.kind !== 'reference' || test.id === undefined) return [];
      const type = test.type ?? usual;
      if (type === undefined) throw fault('invalid-request', 'target is given with its type: Patient/1');
      return mayAccess(ask.principal, 'read', type) ? [{ type, id: test.id }] : [];
    });
    const histories = await Promise.all(targets.map((target) => historyOf(ask, target)));
    return serveProvenance(ask, histories.flat());
  }
  throw fault('not-supported', 'Provenance is searched by target or patient');
}

async function historyOf(ask: Ask, target: { type: string; id: string }): Promise<ResourceVersion[]> {
  const versions: ResourceVersion[] = [];
  let after: string | undefined;
  do {
    const page = await ask.parts.resources.history(ask.principal.tenant, target, {
      count: chunk,
      ...(after === undefined ? {} : { after }),
    });
    versions.push(...page.versions);
    if (versions.length > mostSought) throw fault('too-costly', 'this resource has too many versions to tell of');
    after = page.next;
  } while (after !== undefined);
  return versions;
}

async function serveProvenance(ask: Ask, versions: readonly ResourceVersion[]): Promise<Served[]> {
  const given = versions.map((version) => {
    const id = `${version.type}-${version.id}-${version.version}`;
    return {
      name: `Provenance/${id}`,
      resource: provenanceOf(id, version),
      versionId: '1',
      lastUpdated: version.lastUpdated,
    };
  });
  return [...(await serveResources(ask, given))];
}

function provenanceOf(id: string, version: ResourceVersion): JsonObject {
  const recorded = instant(version.lastUpdated);
  const message = `urn:wardline:message:${version.source}`;
  const role = { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler' };
  return {
    resourceType: 'Provenance',
    id,
    meta: { versionId: '1', lastUpdated: recorded },
    target: [{ reference: `${version.type}/${version.id}` }],
    recorded,
    agent: [{ type: { coding: [role] }, who: { display: 'Wardline' } }],
    ...(version.source === ''
      ? {}
      : {
          entity: [
            {
              role: 'source',
              what: {
                reference: `MessageHeader/${version.source}`,
                identifier: { system: 'urn:ietf:rfc:3986', value: message },
                display: 'HL7 v2 message',
              },
            },
          ],
        }),
  };
}

function idOf({ name }: Served): string {
  return name.slice('Provenance/'.length);
}

/** PractitionerRole on the DSTU2 base, which has no such type: roles stand in their Practitioner, and are searched there. */
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { objects, text } from '../fhir/members.js';
import type { Condition, CursorPosition, ReferenceTest, SearchQuery } from '../fhir/search-query.js';
import type { ShownDocument } from '../store/resource-port.js';
import { mayAccess } from './access.js';
import type { Ask } from './facade-parts.js';
import { expandClasses } from './reference-classes.js';
import { readTargets, resolveReferences } from './reference-targets.js';

const chunk = 500;
/** Roles that are looked through for one search. */
const mostSought = 3000;
/** Parameters of DSTU2's Practitioner that STU3's PractitionerRole has under the same name, in the same words. */
const ofRoles: ReadonlySet<string> = new Set(['location', 'organization', 'role', 'specialty']);

/** The roles of practitioners (R4, references led and displays filled) by `Practitioner/id`, where the base shows them inside. */
export async function readRoles(
  ask: Ask,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly JsonObject[]>> {
  const found = new Map<string, JsonObject[]>();
  const ids = names
    .filter((name) => name.startsWith('Practitioner/'))
    .map((name) => name.slice('Practitioner/'.length));
  if (ask.version !== 'DSTU2' || ids.length === 0 || !mayAccess(ask.principal, 'read', 'PractitionerRole'))
    return found;
  const anyOf = ids.map((id): ReferenceTest => ({ kind: 'reference', type: 'Practitioner', id }));
  const roles: JsonObject[] = [];
  for (let at = 0; at < anyOf.length; at += chunk) {
    const some = anyOf.slice(at, at + chunk);
    const of: Condition = { parameter: 'practitioner', kind: 'reference', negate: false, anyOf: some };
    for (const { resource } of await rolesThat(ask, [of])) if (resource !== null) roles.push(resource);
  }
  const targets = await readTargets(ask.parts.resources, ask.principal.tenant, roles);
  for (const role of roles) {
    const resolved = resolveReferences({ ...role, resourceType: 'PractitionerRole' }, targets);
    const name = practitionerOf(resolved);
    if (name === undefined) continue;
    const known = found.get(name);
    if (known === undefined) found.set(name, [resolved]);
    else known.push(resolved);
  }
  return found;
}

/**
 * A search for DSTU2's Practitioner with what it asks of roles answered from those: conditions on them become ids.
 * @throws Fault `too-costly` where too many roles are meant
 */
export async function searchedByRoles(ask: Ask, query: SearchQuery): Promise<SearchQuery> {
  if (query.version !== 'DSTU2' || query.type !== 'Practitioner') return query;
  if (!query.where.some(({ parameter }) => ofRoles.has(parameter))) return query;
  const where = query.where.map(async (condition): Promise<Condition> => {
    if (!ofRoles.has(condition.parameter)) return condition;
    const negate = 'missing' in condition ? condition.missing : condition.negate;
    const asked: Condition =
      'missing' in condition ? { ...condition, missing: false } : { ...condition, negate: false };
    const may = mayAccess(ask.principal, 'read', 'PractitionerRole');
    const names = new Set<string>();
    for (const { resource } of may ? await rolesThat(ask, [asked]) : [])
      names.add(practitionerOf(resource ?? {}) ?? '');
    const anyOf = [...names].map((name) => ({ kind: 'id' as const, id: name.slice('Practitioner/'.length) }));
    return { parameter: '_id', kind: 'id', negate, anyOf };
  });
  return { ...query, where: await Promise.all(where) };
}

/** Roles that meet conditions, in STU3's words: its code systems have the names that DSTU2 knows. */
async function rolesThat(ask: Ask, where: readonly Condition[]): Promise<readonly ShownDocument[]> {
  const { parts, principal } = ask;
  const sort = [{ by: '_id', descending: false }] as const;
  const asked: SearchQuery = { type: 'PractitionerRole', version: 'STU3', where, sort, count: chunk };
  const query = await expandClasses(parts.resources, principal.tenant, asked);
  const found: ShownDocument[] = [];
  let after: CursorPosition | undefined;
  do {
    const page = await parts.resources.search(
      principal.tenant,
      { ...query, ...(after === undefined ? {} : { after }) },
      { budget: parts.limits.searchBudget, total: false },
    );
    found.push(...page.documents);
    if (found.length > mostSought)
      throw fault('too-costly', 'too many roles are meant: ask for more of the practitioner');
    after = page.next === undefined ? undefined : (JSON.parse(page.next) as CursorPosition);
  } while (after !== undefined);
  return found;
}

function practitionerOf(role: JsonObject): string | undefined {
  return text(objects(role.practitioner)[0]?.reference);
}

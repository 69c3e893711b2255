import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { type HistoryEntry, history } from '../fhir/bundle.js';
import { parseDateRange } from '../fhir/search-date.js';
import { typeInVersion } from '../fhir/version.js';
import type { ResourceVersion } from '../store/resource-port.js';
import { mayReadAll, requireAccess } from './access.js';
import { baseUrl } from './base-url.js';
import { openCursor, sealCursor } from './cursor.js';
import type { Ask } from './facade-parts.js';
import type { FhirAnswer } from './fhir-answer.js';
import { type Interaction, type Parameters, parameterOf } from './interaction.js';
import { historyPage } from './page-size.js';
import { shownParameter } from './parameter-name.js';
import { instant, patientsIn, serveVersion } from './serve-resource.js';
import { storedType } from './served-types.js';

type Asked = Extract<Interaction, { readonly kind: 'history' }>;

/**
 * `_history` of an instance, a type or the whole tenant, newest first (R4 §3.1.0.8): versions as they were stored.
 * @throws Fault `not-found` for an instance that never was, `forbidden`, `invalid-request`
 */
export async function readHistory(ask: Ask, { type, id, parameters: sent }: Asked): Promise<FhirAnswer> {
  const { parts, principal, version } = ask;
  if (type !== undefined) requireAccess(principal, 'read', type.stored);
  else if (!mayReadAll(principal)) throw fault('forbidden', 'the history of all types takes a scope over all types');
  const path = [type?.name, id].filter((part) => part !== undefined).join('/');
  const owner = { tenant: principal.tenant, client: principal.client, version };
  const given = parameterOf(sent, '_cursor');
  const cursor = given === undefined ? undefined : openCursor(parts, owner, given);
  if (cursor !== undefined && (cursor.kind !== 'history' || cursor.of !== path)) {
    throw fault('invalid-request', 'the cursor of this link is not valid here');
  }
  const parameters = cursor?.parameters ?? sent;
  refuseOthers(ask, parameters);
  const since = readSince(parameters);
  const of = {
    ...(type === undefined ? {} : { type: type.stored }),
    ...(id === undefined ? {} : { id }),
    ...(since === undefined ? {} : { since }),
  };
  const page = await parts.resources.history(principal.tenant, of, {
    count: historyPage(parameterOf(parameters, '_count')),
    ...(cursor?.after === undefined ? {} : { after: cursor.after }),
  });
  if (id !== undefined && since === undefined && page.total === 0) {
    throw fault('not-found', `no ${type?.name ?? 'resource'} with this id`);
  }
  const base = baseUrl(parts.publicUrl, version);
  const link = (after: string | undefined): string => {
    const sealed = sealCursor(parts, owner, { kind: 'history', of: path, parameters, after, total: undefined });
    return `${base}/${path === '' ? '' : `${path}/`}_history?_cursor=${sealed}`;
  };
  const shown = page.versions.filter((one) => storedType(version, typeInVersion(version, one.type)) !== undefined);
  const bundle = history(version, {
    total: page.total,
    links: { self: link(cursor?.after), ...(page.next === undefined ? {} : { next: link(page.next) }) },
    entries: shown.map((stored) => entryOf(ask, base, stored)),
  });
  const seen = shown.flatMap((one): JsonObject[] =>
    one.resource === null ? [] : [{ ...one.resource, resourceType: one.type, id: one.id }],
  );
  return { resource: bundle, patients: patientsIn(seen) };
}

function entryOf({ version }: Ask, base: string, stored: ResourceVersion): HistoryEntry {
  const resource = serveVersion(version, stored);
  const name = `${typeInVersion(version, stored.type)}/${stored.id}`;
  const created = stored.version === 1;
  return {
    fullUrl: `${base}/${name}`,
    ...(resource === null ? {} : { resource }),
    method: resource === null ? 'DELETE' : created ? 'POST' : 'PUT',
    url: created && resource !== null ? typeInVersion(version, stored.type) : name,
    status: resource === null ? '204 No Content' : created ? '201 Created' : '200 OK',
    etag: `W/"${stored.version}"`,
    lastModified: instant(stored.lastUpdated),
  };
}

const known: ReadonlySet<string> = new Set(['_count', '_since', '_format', '_pretty', '_cursor']);
const narrowing: ReadonlySet<string> = new Set(['_at', '_list']);

/** A history has no place for an outcome: what would narrow it is refused, anything else under strict handling only. */
function refuseOthers({ strict }: Ask, parameters: Parameters): void {
  const names = [...new Set(parameters.map(([name]) => name))].filter((name) => {
    const low = name.toLowerCase();
    return narrowing.has(low) || (strict && !known.has(low));
  });
  if (names.length === 0) return;
  throw fault('not-supported', `not supported in a history: ${names.map(shownParameter).join(', ')}`);
}

function readSince(parameters: Parameters): number | undefined {
  const text = parameterOf(parameters, '_since');
  if (text === undefined || text === '') return undefined;
  // A plus sign that was sent unencoded in a URL arrives as a space.
  const range = parseDateRange(text.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (range === null) throw fault('invalid-request', '_since is a time such as 2026-01-31T08:00:00Z');
  return range.from;
}

import { Fault, fault } from '../core/errors.js';
import { type SearchEntry, searchset } from '../fhir/bundle.js';
import { type OutcomeIssue, outcome } from '../fhir/outcome.js';
import { typeInVersion } from '../fhir/version.js';
import { requireAccess } from './access.js';
import { baseUrl } from './base-url.js';
import { type Cursor, type CursorOwner, type CursorTotal, openCursor, sealCursor } from './cursor.js';
import type { Ask } from './facade-parts.js';
import type { FhirAnswer } from './fhir-answer.js';
import { readIncludes } from './includes.js';
import { type Interaction, parameterOf } from './interaction.js';
import { readSearchRequest, type SearchRequest } from './search-request.js';
import type { SourcePage } from './search-source.js';
import { sourcesOf } from './search-sources.js';
import { patientsIn, type Served } from './serve-resource.js';
import { subsetOf } from './subset.js';

type Asked = Extract<Interaction, { readonly kind: 'search' }>;

/**
 * A search of one type (R4 §3.1.1): a searchset with the total of all matches, one page of them, what they include, and
 * an outcome that names the parameters that were left out, and says when the total is an estimate or is left out.
 * @throws Fault `forbidden`, `not-supported` (strict handling, or a parameter that must not be ignored),
 * `invalid-request`, `too-costly`
 */
export async function searchResources(ask: Ask, { type, parameters }: Asked): Promise<FhirAnswer> {
  const { parts, principal, version } = ask;
  requireAccess(principal, 'search', type.stored);
  const owner = { tenant: principal.tenant, client: principal.client, version };
  const given = parameterOf(parameters, '_cursor');
  const cursor: Cursor =
    given === undefined
      ? { kind: 'search', of: type.name, parameters, after: undefined, total: undefined }
      : openCursor(parts, owner, given);
  if (cursor.kind !== 'search' || cursor.of !== type.name) {
    throw fault('invalid-request', 'the cursor of this link is not valid here');
  }
  const request = readSearchRequest(ask, type.name, cursor.parameters);
  if (given === undefined) refuseTooLong(ask, owner, cursor);
  const page = await readPage(ask, request, cursor).catch((error: unknown) => {
    throw request.counting === 'exactly' && isTooCostly(error) ? uncountable() : error;
  });
  const included = await readIncludes(ask, page.served, request.includes);
  const base = baseUrl(parts.publicUrl, version);
  // Links carry the query sealed, so that no search value ever stands in a URL.
  const link = (after: string | undefined): string =>
    `${base}/${type.name}?_cursor=${sealCursor(parts, owner, { ...cursor, after, total: page.total })}`;
  const entry = (mode: SearchEntry['mode']) => (served: Served) => ({
    fullUrl: `${base}/${nameIn(ask, served)}`,
    resource: subsetOf(version, served.resource, request.subset),
    mode,
  });
  const entries: SearchEntry[] = [...page.served.map(entry('match')), ...included.map(entry('include'))];
  const told = [...ignoredIssues(request), ...totalIssues(request, page.total)];
  if (told.length > 0) entries.push({ resource: outcome(version, told), mode: 'outcome' });
  const bundle = searchset({
    total: page.total?.matches,
    links: { self: link(cursor.after), ...(page.next === undefined ? {} : { next: link(page.next) }) },
    entries,
  });
  return { resource: bundle, patients: patientsIn([...page.served, ...included].map(({ r4 }) => r4)) };
}

/** A search whose links no request could hold is refused before it is carried out, whatever it would find. */
function refuseTooLong({ parts }: Ask, owner: CursorOwner, cursor: Cursor): void {
  const length = cursor.parameters.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > parts.limits.headerBytes / 8) sealCursor(parts, owner, cursor);
}

function isTooCostly(error: unknown): boolean {
  return error instanceof Fault && error.code === 'too-costly';
}

function uncountable(): Fault {
  return fault(
    'too-costly',
    'counting all matches takes too long: narrow the search down, or leave out _total=accurate',
  );
}

interface Page {
  readonly served: readonly Served[];
  /** Undefined when it was not asked for. */
  readonly total: CursorTotal | undefined;
  readonly next: string | undefined;
}

/** One page over the sources of a type, one after the other. A position is the source's number and its own position. */
async function readPage(ask: Ask, request: SearchRequest, cursor: Cursor): Promise<Page> {
  const sources = await sourcesOf(ask, request.query);
  const [number, start] = readPosition(cursor.after);
  const counting = cursor.total === undefined ? request.counting : 'not';
  const { count } = request.query;
  const served: Served[] = [];
  const totals: SourcePage[] = [];
  let next: string | undefined;
  let left = count;
  for (const [index, source] of sources.entries()) {
    if (index < number) continue;
    const full = count > 0 && left === 0;
    if (full && next !== undefined && counting === 'not') break;
    const page = await source(
      left,
      index === number ? start : undefined,
      full && counting === 'not' ? 'soon' : counting,
    );
    totals.push(page);
    if (full) {
      // where nobody knows how many there are, there are many
      if (page.total !== 0) next ??= `${index}:`;
      continue;
    }
    served.push(...page.served);
    left = Math.max(0, left - page.taken);
    if (page.next === undefined || count === 0) continue;
    next = `${index}:${page.next}`;
    left = 0;
  }
  return { served, total: counting === 'not' ? cursor.total : sumOf(totals), next };
}

/** All matches of several sources, as exact as the least exact of them. */
function sumOf(pages: readonly SourcePage[]): CursorTotal {
  let matches: number | undefined = 0;
  for (const { total } of pages) matches = matches === undefined || total === undefined ? undefined : matches + total;
  return { matches, isExact: matches !== undefined && pages.every(({ estimated }) => estimated !== true) };
}

function readPosition(after: string | undefined): [number, string | undefined] {
  if (after === undefined) return [0, undefined];
  const colon = after.indexOf(':');
  const start = after.slice(colon + 1);
  return [Number(after.slice(0, colon)), start === '' ? undefined : start];
}

function nameIn(ask: Ask, { name }: Served): string {
  const [type = '', id = ''] = name.split('/');
  return `${typeInVersion(ask.version, type)}/${id}`;
}

function ignoredIssues({ ignored }: SearchRequest): OutcomeIssue[] {
  return ignored.map((diagnostics) => ({ severity: 'warning', code: 'not-supported', diagnostics }));
}

/** What the client did not get that it may take for granted: an exact total of all matches. */
function totalIssues({ counting }: SearchRequest, total: CursorTotal | undefined): OutcomeIssue[] {
  if (counting === 'not' || total === undefined || total.isExact) return [];
  const what = total.matches === undefined ? 'there is no total' : 'the total is an estimate';
  const diagnostics = `${what}: counting all matches takes longer. Narrow the search down, or ask for _total=accurate`;
  return [{ severity: 'information', code: 'informational', diagnostics }];
}

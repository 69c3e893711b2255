import type { Principal } from '../auth/verify-token.js';
import { type Fault, fault } from '../core/errors.js';
import type { Json, JsonObject } from '../core/json.js';
import { basePath, type FhirVersion } from '../fhir/version.js';
import type { AuditEvent } from '../store/audit-port.js';
import { auditEvent } from './audit-trail.js';
import { answerBatch } from './batch.js';
import { asksForContent, type BinaryContent, contentOf } from './binary-content.js';
import type { Ask, FacadeParts } from './facade-parts.js';
import { type Interaction, type Parameters, parameterOf, readInteraction, routeOf } from './interaction.js';
import { bodyKind, contentTypeOf, negotiate } from './negotiation.js';
import { perform } from './perform.js';
import { asFault, outcomeOf, problemHeaders } from './problem.js';
import { entityTag, tagMatches } from './serve-resource.js';

/** A request to a base, free of the HTTP library. */
export interface FhirHttpRequest {
  readonly method: string;
  /** Below the base, decoded: `/Patient/1`. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  readonly address: string;
}

export interface FhirHttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** For the log: no ids, no values. */
  readonly route: string;
  readonly principal: Principal | undefined;
}

/** What of a request is known when it fails. */
interface Seen {
  principal: Principal | undefined;
  interaction: Interaction | undefined;
  contentType: string;
  events: readonly AuditEvent[];
}

/**
 * Answers a request to a version's base. Only `metadata` is open; everything else takes a token, and its audit record
 * is durable before the answer leaves: without it the answer is 503.
 */
export async function answerFhirRequest(
  parts: FacadeParts,
  version: FhirVersion,
  metadata: JsonObject,
  request: FhirHttpRequest,
): Promise<FhirHttpAnswer> {
  const seen: Seen = {
    principal: undefined,
    interaction: undefined,
    contentType: contentTypeOf(version),
    events: [],
  };
  let answer: Pick<FhirHttpAnswer, 'status' | 'headers' | 'body'>;
  try {
    answer = await grant(parts, version, metadata, request, seen);
  } catch (error) {
    answer = refuse(parts, version, asFault(error), seen, request);
  }
  try {
    if (seen.events.length > 0) await parts.audit.append(seen.events);
  } catch (error) {
    parts.log.error('the audit cannot be written', { error });
    const problem = fault('audit-unavailable', 'access cannot be recorded just now, so nothing is shown: try again');
    answer = refuse(parts, version, problem, seen, request);
  }
  const { interaction } = seen;
  const route = `${request.method} ${basePath[version]} ${interaction === undefined ? '-' : routeOf(interaction)}`;
  return { ...answer, route, principal: seen.principal };
}

async function grant(
  parts: FacadeParts,
  version: FhirVersion,
  metadata: JsonObject,
  request: FhirHttpRequest,
  seen: Seen,
): Promise<Pick<FhirHttpAnswer, 'status' | 'headers' | 'body'>> {
  const query: Parameters = [...new URLSearchParams(request.query)];
  const open = /^\/metadata\/?$/.test(request.path);
  if (!open) seen.principal = await parts.verifier.verify(request.header('authorization'));
  const kind = bodyKind(request.header('content-type'));
  const search = /\/_search\/?$/.test(request.path);
  const form = request.method === 'POST' && search && request.body !== '' ? readForm(kind, request.body) : [];
  const parameters = [...query, ...form];
  const [accept, format] = [request.header('accept'), parameterOf(parameters, '_format')];
  const content = asksForContent(request.path, accept, format);
  if (!content) seen.contentType = negotiate(version, accept, format);
  const interaction = readInteraction(version, request.method, request.path, parameters);
  seen.interaction = interaction;
  if (interaction.kind === 'metadata') return sent(request, seen, metadata, 'metadata');
  const { principal } = seen;
  if (principal === undefined) throw fault('unauthorized', 'a Bearer token is required');
  const strict = /(^|[,;\s])handling\s*=\s*"?strict/i.test(request.header('prefer') ?? '');
  const ask: Ask = { parts, version, principal, strict };
  if (interaction.kind === 'batch') {
    const { resource, events } = await answerBatch(ask, readJson(kind, request.body), request.address);
    seen.events = events;
    return sent(request, seen, resource);
  }
  const { resource, versionId, lastModified, patients } = await perform(ask, interaction);
  const answer =
    content && interaction.kind === 'read'
      ? sentContent(request, contentOf(resource, accept ?? ''), versionId, lastModified)
      : sent(request, seen, resource, versionId, lastModified);
  seen.events = [eventOf(parts, request, seen, answer.status, patients)];
  return answer;
}

function sent(
  request: FhirHttpRequest,
  seen: Seen,
  resource: JsonObject,
  versionId?: string,
  lastModified?: number,
): Pick<FhirHttpAnswer, 'status' | 'headers' | 'body'> {
  return withTag(request, JSON.stringify(resource), { 'Content-Type': seen.contentType }, versionId, lastModified);
}

/** What a sender put into a message is never shown by a browser as if it were a page of ours. */
function sentContent(
  request: FhirHttpRequest,
  { contentType, bytes }: BinaryContent,
  versionId?: string,
  lastModified?: number,
): Pick<FhirHttpAnswer, 'status' | 'headers' | 'body'> {
  const own = {
    'Content-Type': contentType,
    'Content-Disposition': 'attachment',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  };
  return withTag(request, bytes, own, versionId, lastModified);
}

function withTag(
  request: FhirHttpRequest,
  body: string | Buffer,
  own: Readonly<Record<string, string>>,
  versionId: string | undefined,
  lastModified: number | undefined,
): Pick<FhirHttpAnswer, 'status' | 'headers' | 'body'> {
  const tag = versionId === undefined ? undefined : entityTag(versionId, body);
  const headers: Record<string, string> = {
    ...common,
    ...own,
    ...(tag === undefined ? {} : { ETag: tag }),
    ...(lastModified === undefined ? {} : { 'Last-Modified': new Date(lastModified).toUTCString() }),
  };
  if (tag !== undefined && tagMatches(request.header('if-none-match'), tag)) return { status: 304, headers, body: '' };
  return { status: 200, headers, body };
}

function refuse(
  parts: FacadeParts,
  version: FhirVersion,
  problem: Fault,
  seen: Seen,
  request: FhirHttpRequest,
): Pick<FhirHttpAnswer, 'status' | 'headers' | 'body'> {
  if (problem.code === 'internal') parts.log.error('a request failed', { error: problem.cause });
  seen.events = [eventOf(parts, request, seen, problem.httpStatus, [])];
  return {
    status: problem.httpStatus,
    headers: {
      ...common,
      ...problemHeaders(problem, request.header('authorization')),
      'Content-Type': contentTypeOf(version),
    },
    body: JSON.stringify(outcomeOf(version, problem)),
  };
}

/** What is served is a patient's: kept by nobody but the client, and asked for again each time. */
const common: Readonly<Record<string, string>> = {
  'Cache-Control': 'private, no-cache',
  Vary: 'Accept, Authorization',
  'X-Content-Type-Options': 'nosniff',
};

function eventOf(
  parts: FacadeParts,
  request: FhirHttpRequest,
  { principal, interaction }: Seen,
  status: number,
  patients: readonly string[],
): AuditEvent {
  return auditEvent({ at: parts.clock.now(), address: request.address, principal, interaction, status, patients });
}

function readForm(kind: ReturnType<typeof bodyKind>, body: string): Parameters {
  if (kind !== 'form') {
    throw fault('unsupported-media-type', 'the body of a search is application/x-www-form-urlencoded');
  }
  return [...new URLSearchParams(body)];
}

function readJson(kind: ReturnType<typeof bodyKind>, body: string): Json {
  if (kind !== 'json') throw fault('unsupported-media-type', 'the body is JSON: application/fhir+json, in UTF-8');
  try {
    return JSON.parse(body) as Json;
  } catch {
    throw fault('invalid-request', 'the body is not JSON');
  }
}

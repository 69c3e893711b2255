import { fault } from '../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { type BatchAnswer, batchResponse } from '../fhir/bundle.js';
import { text } from '../fhir/members.js';
import type { AuditEvent } from '../store/audit-port.js';
import { auditEvent } from './audit-trail.js';
import { baseUrl } from './base-url.js';
import type { Ask } from './facade-parts.js';
import { type Interaction, type Parameters, readInteraction } from './interaction.js';
import { perform } from './perform.js';
import { asFault, outcomeOf } from './problem.js';
import { readOnce } from './read-once.js';
import { entityTag, instant, tagMatches } from './serve-resource.js';

/** A batch-response and what the audit is told of each entry. */
export interface BatchResult {
  readonly resource: JsonObject;
  readonly events: readonly AuditEvent[];
}

const atOnce = 4;

/**
 * A Bundle of type `batch` posted to the base (R4 §3.1.0.11): entries are answered in order, each with its own status;
 * one that fails fails alone. Entries read: GET, and POST to `_search`.
 * @throws Fault `invalid-request` for what is no batch, `not-supported` for a transaction, `too-large`
 */
export async function answerBatch(ask: Ask, body: Json, address: string): Promise<BatchResult> {
  const entries = readBundle(ask, body);
  const { parts } = ask;
  const sharing = { ...ask, parts: { ...parts, resources: readOnce(parts.resources) } };
  const answers: { answer: BatchAnswer; event: AuditEvent }[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < entries.length; index = next++) {
      answers[index] = await answerEntry(sharing, entries[index] ?? null, address);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, work));
  return {
    resource: batchResponse(
      ask.version,
      answers.map(({ answer }) => answer),
    ),
    events: answers.map(({ event }) => event),
  };
}

function readBundle(ask: Ask, body: Json): readonly Json[] {
  if (!isJsonObject(body) || body.resourceType !== 'Bundle') {
    throw fault('invalid-request', 'the body of a POST to the base is a Bundle of type batch');
  }
  if (body.type === 'transaction') {
    throw fault('not-supported', 'transactions are not supported, as nothing can be written: send a batch');
  }
  if (body.type !== 'batch') throw fault('invalid-request', 'the type of a posted Bundle is batch');
  const entries = body.entry ?? [];
  if (!Array.isArray(entries)) throw fault('invalid-request', 'Bundle.entry is a list');
  const most = ask.parts.limits.batchEntries;
  if (entries.length > most) throw fault('too-large', `a batch has at most ${most} entries`);
  return entries;
}

async function answerEntry(
  ask: Ask,
  entry: Json,
  address: string,
): Promise<{ answer: BatchAnswer; event: AuditEvent }> {
  let interaction: Interaction | undefined;
  const told = (status: number, patients: readonly string[]): AuditEvent =>
    auditEvent({ at: ask.parts.clock.now(), address, principal: ask.principal, interaction, status, patients });
  try {
    const request = isJsonObject(entry) && isJsonObject(entry.request) ? entry.request : undefined;
    const url = text(request?.url);
    const method = text(request?.method);
    if (url === undefined || method === undefined) {
      throw fault('invalid-request', 'an entry of a batch has request.method and request.url');
    }
    const { path, parameters } = readUrl(ask, url);
    interaction = readInteraction(ask.version, method, path, parameters);
    // the form of a search has no place in a Bundle, and left out it would show more than was asked for
    if (method === 'POST' && isJsonObject(entry) && entry.resource !== undefined) {
      throw fault('invalid-request', 'a search in a batch has its parameters in request.url, and no resource');
    }
    const { resource, versionId, lastModified, patients } = await perform(ask, interaction);
    const etag = versionId === undefined ? undefined : entityTag(versionId, JSON.stringify(resource));
    const headers = {
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified: instant(lastModified) }),
    };
    if (etag !== undefined && tagMatches(text(request?.ifNoneMatch), etag)) {
      return { answer: { status: '304 Not Modified', ...headers }, event: told(304, patients) };
    }
    return { answer: { status: '200 OK', resource, ...headers }, event: told(200, patients) };
  } catch (error) {
    const problem = asFault(error);
    if (problem.code === 'internal') ask.parts.log.error('a batch entry failed', { error: problem.cause });
    return {
      answer: { status: statusLine(problem.httpStatus), outcome: outcomeOf(ask.version, problem) },
      event: told(problem.httpStatus, []),
    };
  }
}

/** Path and parameters of an entry's URL: relative to the base, or absolute below it. */
function readUrl(ask: Ask, url: string): { path: string; parameters: Parameters } {
  const base = baseUrl(ask.parts.publicUrl, ask.version);
  const below = url === base || url.startsWith(`${base}/`) || url.startsWith(`${base}?`) ? url.slice(base.length) : url;
  if (/^[a-z][a-z0-9+.-]*:/i.test(below) || below.startsWith('//')) {
    throw fault('invalid-request', 'the URL of an entry is relative to the base');
  }
  const mark = below.indexOf('?');
  const path = mark < 0 ? below : below.slice(0, mark);
  return { path, parameters: [...new URLSearchParams(mark < 0 ? '' : below.slice(mark + 1))] };
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  410: 'Gone',
  503: 'Service Unavailable',
};

function statusLine(status: number): string {
  return `${status} ${reasons[status] ?? 'Error'}`;
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { guid } from '../core/config-values.js';
import { fault } from '../core/errors.js';
import { sequenceName } from '../core/stamp.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import type { MessageFilter, MessageSummary } from '../store/archive-port.js';
import type { AdminParts, MessageName } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';
import { onlyTenant } from './only-tenant.js';
import { checked } from './problem.js';

const states = ['applied', 'filtered', 'unmapped', 'parked', 'unsettled', 'truncated', 'rejected'] as const;

const narrows = {
  tenant: guid.optional(),
  listener: z.string().optional(),
  type: z.string().optional(),
  controlId: z.string().optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  before: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
};

const query = z.strictObject({
  ...narrows,
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(states)))
    .optional(),
});

const search = z.strictObject({
  ...narrows,
  patient: z.string().min(1).max(200),
  states: z.array(z.enum(states)).min(1).optional(),
});

const assigned = z.strictObject({ tenant: guid });

interface BySequence {
  Params: { sequence: string };
}

/** `as=bytes`: the content in base64 as it came, whatever it is. */
const shown = z.strictObject({ as: z.enum(['text', 'bytes']).default('text') });

/** `mapping=live`: by the rules of today, whichever the message was settled by. */
const explained = z.strictObject({ mapping: z.enum(['settled', 'live']).default('settled') });

/**
 * `GET /messages` (newest first; `next` continues as `before`), `POST /messages/search {patient}` for those of a patient, who stands
 * in no URL, `GET /messages/:sequence` with its content,
 * `GET /messages/:sequence/why`, `POST /messages/:sequence/release`, `/park`, and for a message of an unknown sender
 * `/assign {tenant}`, which answers with its copy.
 */
export function messageRoutes(api: FastifyInstance, parts: AdminParts, audit: Audit): void {
  api.get('/messages', async (request) =>
    audited(audit, { request, subject: 'message-list', tenant: null }, async () => {
      const asked = checked(query, request.query);
      return pageOf(await filterOf(asked, parts), parts);
    }),
  );
  api.post('/messages/search', async (request) => {
    const { patient, states, ...asked } = checked(search, request.body);
    const tenant = asked.tenant ?? (await onlyTenant(parts.registry));
    return audited(audit, { request, subject: 'message-search', tenant }, async () => {
      const key = await parts.patientKey(tenant, patient);
      return pageOf({ ...(await filterOf({ ...asked, tenant, state: states }, parts)), key }, parts);
    });
  });
  api.get<BySequence>('/messages/:sequence', async (request) => {
    const { as } = checked(shown, request.query);
    const { found, patients } = await find(parts, request.params.sequence);
    await audit({
      request,
      action: 'message-read',
      subject: 'message-show',
      tenant: found.row.tenant,
      status: 200,
      patients,
    });
    const payload = Buffer.from(found.payload);
    return { ...summaryJson(found), ...(as === 'bytes' ? { base64: payload.toString('base64') } : content(payload)) };
  });
  api.get<BySequence>('/messages/:sequence/why', async (request) => {
    const { mapping } = checked(explained, request.query);
    const { found, patients } = await find(parts, request.params.sequence);
    const trace = await parts.explain(found.row.sequence, mapping);
    await audit({
      request,
      action: 'message-read',
      subject: 'message-why',
      tenant: found.row.tenant,
      status: 200,
      patients,
    });
    return { ...summaryJson(found), trace };
  });
  const actions = {
    release: 'is neither parked nor unmapped',
    park: 'is settled already',
  } as const;
  for (const action of ['release', 'park'] as const) {
    api.post<BySequence>(`/messages/:sequence/${action}`, async (request) =>
      audited(audit, { request, subject: `message-${action}`, tenant: null }, async () => {
        const { found } = await find(parts, request.params.sequence);
        if (found.row.kind === 'message' && found.row.tenant === null) {
          throw fault('conflict', `message ${request.params.sequence} has no tenant; assign it to one`);
        }
        const done = await parts[action](found.row.sequence);
        if (!done) throw fault('conflict', `message ${request.params.sequence} ${actions[action]}`);
        const { found: after } = await find(parts, request.params.sequence);
        return summaryJson(after);
      }),
    );
  }
  api.post<BySequence>('/messages/:sequence/assign', async (request) => {
    const { tenant } = checked(assigned, request.body);
    return audited(audit, { request, subject: 'message-assign', tenant }, async () => {
      const copy = await parts.assign(parseName(request.params.sequence), tenant);
      const { found } = await find(parts, sequenceName(copy));
      return summaryJson(found);
    });
  });
}

async function filterOf(asked: z.output<typeof query>, parts: AdminParts): Promise<MessageFilter> {
  const { tenant, state, listener, type, controlId, from, to, before, limit } = asked;
  const start = before === undefined ? undefined : (await find(parts, before)).found.row.sequence;
  return {
    limit,
    ...(tenant === undefined ? {} : { tenant }),
    ...(state === undefined ? {} : { states: state }),
    ...(listener === undefined ? {} : { listener }),
    ...(type === undefined ? {} : { type }),
    ...(controlId === undefined ? {} : { controlId }),
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
    ...(start === undefined ? {} : { before: start }),
  };
}

async function pageOf(filter: MessageFilter, { archive }: AdminParts) {
  const messages = await archive.list(filter);
  const last = messages.length === filter.limit ? messages.at(-1) : undefined;
  return {
    messages: messages.map(summaryJson),
    ...(last === undefined ? {} : { next: sequenceName(last.row.sequence) }),
  };
}

async function find(parts: AdminParts, name: string) {
  const found = await parts.archive.get(parseName(name));
  if (found === undefined) throw fault('not-found', `no message ${name}`);
  const made = found.outcome?.made ?? [];
  return { found, patients: made.filter(({ type }) => type === 'Patient').map(({ id }) => id) };
}

/** `run-number`. Throws `invalid-request`. */
export function parseName(name: string): MessageName {
  const [, run, number] = /^(\d{1,15})-(\d{1,15})$/.exec(name) ?? [];
  if (run === undefined || number === undefined) {
    throw fault('invalid-request', 'a message is named run-number, such as 1-42');
  }
  return { run: Number(run), number: Number(number) };
}

function summaryJson({ row, outcome }: MessageSummary) {
  return {
    sequence: sequenceName(row.sequence),
    arrival: new Date(row.sequence.arrival).toISOString(),
    tenant: row.tenant,
    kind: row.kind,
    listener: row.listener,
    peer: row.peer,
    sender: row.sender,
    type: row.type,
    sentAt: row.sentAt,
    controlId: row.controlId,
    size: row.size,
    flags: row.flags,
    state: outcome?.state ?? (row.kind === 'message' ? 'unsettled' : row.kind),
    ...(outcome === undefined
      ? {}
      : {
          reason: outcome.reason,
          mappingVersion: outcome.mappingVersion,
          made: outcome.made.map(({ type, id, version }) => ({ reference: `${type}/${id}`, version })),
        }),
  };
}

/** The message as text with a line per segment, or in base64 where it is not text. */
function content(payload: Buffer): { text: string } | { base64: string } {
  const decoded = decodeMessage(payload);
  if (isCharsetFault(decoded)) return { base64: payload.toString('base64') };
  return { text: decoded.text.replaceAll(/\r\n?/g, '\n') };
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { guid } from '../core/config-values.js';
import { fault } from '../core/errors.js';
import type { ReplayJob, ReplayRequest } from '../engine/replay-job.js';
import type { AdminParts } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';
import { parseName } from './message-routes.js';
import { onlyTenant } from './only-tenant.js';
import { checked } from './problem.js';

const mostMessages = 1000;

const wish = z.strictObject({
  messages: z.array(z.string()).min(1).max(mostMessages).optional(),
  all: z.literal(true).optional(),
  tenant: guid.optional(),
  patient: z.string().min(1).max(200).optional(),
  states: z
    .array(z.enum(['applied', 'filtered', 'unmapped', 'parked']))
    .min(1)
    .optional(),
  type: z.string().optional(),
  listener: z.string().optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  dry: z.boolean().default(false),
});

interface ById {
  Params: { id: string };
}

/**
 * `POST /replays` starts one and answers 202, `GET /replays` lists them, `GET /replays/:id` shows how far one is,
 * `GET /replays/:id/differences` the first documents that came out otherwise with their content, `POST /replays/:id/stop`.
 */
export function replayRoutes(api: FastifyInstance, parts: AdminParts, audit: Audit): void {
  api.post('/replays', async (request, reply) => {
    const asked = checked(wish, request.body);
    checkWay(asked);
    const tenant = await tenantOf(asked, parts);
    const subject = asked.dry ? 'replay-try' : 'replay-start';
    return audited(audit, { request, subject, tenant: tenant ?? null }, async () => {
      const job = await parts.replays.start(requestOf(asked, tenant), asked.dry);
      reply.code(202);
      return jobJson(job);
    });
  });
  api.get('/replays', async () => ({ replays: (await parts.replays.list()).map(jobJson) }));
  api.get<ById>('/replays/:id', async (request) => jobJson(await parts.replays.get(request.params.id)));
  api.get<ById>('/replays/:id/differences', async (request) => {
    const differences = await parts.replays.differences(request.params.id);
    const patients = [...new Set(differences.map(({ patient }) => patient).filter((id) => id !== ''))];
    await audit({
      request,
      action: 'message-read',
      subject: 'replay-differences',
      tenant: null,
      status: 200,
      patients,
    });
    return { differences: differences.map(({ reference, change, elements }) => ({ reference, change, elements })) };
  });
  api.post<ById>('/replays/:id/stop', async (request) =>
    audited(audit, { request, subject: 'replay-stop', tenant: null }, async () =>
      jobJson(await parts.replays.stop(request.params.id)),
    ),
  );
}

/** Throws `invalid-request` unless one way to name messages is gone. */
function checkWay(asked: z.output<typeof wish>): void {
  const narrows = [asked.patient, asked.states, asked.type, asked.listener, asked.from, asked.to].some(
    (each) => each !== undefined,
  );
  const ways = [asked.messages !== undefined, asked.all === true, narrows].filter(Boolean).length;
  if (ways !== 1) {
    throw fault(
      'invalid-request',
      'name messages, or all, or at least one of patient, states, type, listener, from, to',
    );
  }
  if (asked.messages !== undefined && asked.tenant !== undefined) {
    throw fault('invalid-request', 'tenant: messages are named without one');
  }
}

/** The tenant named; the only one where a patient or all are asked for and none is named. */
async function tenantOf(
  { tenant, all, patient }: z.output<typeof wish>,
  parts: AdminParts,
): Promise<string | undefined> {
  if (tenant !== undefined || (all === undefined && patient === undefined)) return tenant;
  return onlyTenant(parts.registry);
}

function requestOf(asked: z.output<typeof wish>, tenant: string | undefined): ReplayRequest {
  const { messages, all, patient, states, type, listener, from, to } = asked;
  if (messages !== undefined) {
    return { kind: 'messages', messages: messages.map(parseName) };
  }
  if (all === true) return { kind: 'tenant', tenant: tenant ?? '' };
  return {
    kind: 'filter',
    ...(patient === undefined ? {} : { patient }),
    filter: {
      ...(tenant === undefined ? {} : { tenant }),
      ...(states === undefined ? {} : { states }),
      ...(type === undefined ? {} : { type }),
      ...(listener === undefined ? {} : { listener }),
      ...(from === undefined ? {} : { from: Date.parse(from) }),
      ...(to === undefined ? {} : { to: Date.parse(to) }),
    },
  };
}

function jobJson({ id, state, dry, startedAt, endedAt, error, tally }: ReplayJob) {
  const { classes, messages, states, skipped, rekeyed, created, changed, removed, restamped, kept } = tally;
  return {
    id,
    state,
    dry,
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    ...(error === undefined ? {} : { error }),
    linkClasses: classes,
    messages: { read: messages, skipped, rekeyed, ...states },
    documents: { created, changed, removed, restamped, keptForPrunedMessages: kept },
  };
}

import type { FastifyRequest } from 'fastify';
import { Fault } from '../core/errors.js';
import { outcomeOfStatus } from '../store/audit-port.js';
import type { AdminParts } from './admin-parts.js';

interface Action {
  readonly request: FastifyRequest;
  /** `admin`, or `message-read` where message content was shown. */
  readonly action: 'admin' | 'message-read';
  /** What was done to what: `client-create`, `message-release`. */
  readonly subject: string;
  readonly tenant: string | null;
  readonly status: number;
  /** Ids of the patients whose data were shown. */
  readonly patients?: readonly string[];
}

/** Writes one audit record; resolves when it is durable. */
export type Audit = (action: Action) => Promise<void>;

export function auditor({ audit, clock }: AdminParts): Audit {
  return ({ request, action, subject, tenant, status, patients = [] }) =>
    audit.append([
      {
        at: clock.now(),
        tenant,
        client: null,
        address: request.ip,
        action,
        subject,
        parameters: namesOf(request.query),
        outcome: outcomeOfStatus(status),
        status,
        patients,
      },
    ]);
}

/** Does something and audits it, done or failed, before the answer leaves. */
export async function audited<T>(
  audit: Audit,
  what: Omit<Action, 'status' | 'action'>,
  act: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await act();
  } catch (error) {
    await audit({ ...what, action: 'admin', status: error instanceof Fault ? error.httpStatus : 500 });
    throw error;
  }
  await audit({ ...what, action: 'admin', status: 200 });
  return result;
}

/** Query parameters of all routes; a name that is none of them could be a value in its place. */
const known: ReadonlySet<string> = new Set([
  'tenant',
  'state',
  'listener',
  'type',
  'controlId',
  'from',
  'to',
  'before',
  'limit',
  'as',
]);

function namesOf(query: unknown): readonly string[] {
  return [...new Set(Object.keys(Object(query)).map((name) => (known.has(name) ? name : 'other')))];
}

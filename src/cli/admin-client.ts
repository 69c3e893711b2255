import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AdminAccess } from '../admin/access-file.js';
import { accessFileName } from '../admin/access-file.js';
import { type ErrorCode, fault } from '../core/errors.js';
import type { Json } from '../core/json.js';

/** The admin API of the system that runs on a data folder. */
export interface AdminClient {
  /**
   * Calls `/admin/v1` + path and resolves with the answer.
   * @throws Fault of the answer's code; `not-reachable` when nothing runs there.
   */
  call<T = Json>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: Json): Promise<T>;
}

/** @throws Fault `not-reachable` when no system runs on this data folder. */
export function adminClient(dataFolder: string): AdminClient {
  const access = readAccess(dataFolder);
  return {
    call: async <T>(method: string, path: string, body?: Json): Promise<T> => {
      const response = await fetch(`${access.url}/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${access.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => {
        throw notRunning(dataFolder);
      });
      const answer = response.status === 204 ? undefined : await response.json();
      if (response.ok) return answer as T;
      const { code, detail } = answer as { code: ErrorCode; detail: string };
      throw fault(code, detail);
    },
  };
}

function readAccess(dataFolder: string): AdminAccess {
  try {
    return JSON.parse(readFileSync(join(dataFolder, accessFileName), 'utf8')) as AdminAccess;
  } catch {
    throw notRunning(dataFolder);
  }
}

function notRunning(dataFolder: string) {
  return fault(
    'not-reachable',
    `no Wardline runs on the data folder ${dataFolder}; start it, or name another with --data`,
  );
}

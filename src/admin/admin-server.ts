import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { fault } from '../core/errors.js';
import { removeAccessFile, writeAccessFile } from './access-file.js';
import type { AdminParts } from './admin-parts.js';
import { auditor } from './audit-action.js';
import { clientRoutes } from './client-routes.js';
import { dryRunRoutes } from './dry-run-routes.js';
import { healthRoutes } from './health-server.js';
import { mappingRoutes } from './mapping-routes.js';
import { messageRoutes } from './message-routes.js';
import { asFault, problem, problemType } from './problem.js';
import { replayRoutes } from './replay-routes.js';
import { statusRoutes } from './status-routes.js';
import { tenantRoutes } from './tenant-routes.js';
import { upgradeRoutes } from './upgrade-routes.js';

interface AdminOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Where the access file goes. */
  readonly dataFolder: string;
}

export interface AdminServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves `/admin/v1` behind the token of the access file, which is made anew at each start and removed at the end; and
 * without a token `/live`, `/ready` and `/metrics`, which show nothing of a patient.
 * @throws Fault `port-in-use`
 */
export async function startAdminServer(
  parts: AdminParts,
  { host, port, dataFolder }: AdminOptions,
): Promise<AdminServer> {
  const token = randomBytes(32).toString('base64url');
  const server = buildAdminServer(parts, token);
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw fault('port-in-use', `port ${port} on ${host} is in use; choose another for the admin API with --admin-port`);
  }
  const address = server.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  await writeAccessFile(dataFolder, { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, token });
  return {
    port: bound,
    stop: async () => {
      await removeAccessFile(dataFolder);
      await server.close();
    },
  };
}

/** Milliseconds in which a request must have arrived whole. */
const requestTimeout = 60_000;

/** The routes without a socket; for `startAdminServer` and for a console that mounts them. */
export function buildAdminServer(parts: AdminParts, token: string): FastifyInstance {
  const server = fastify({
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    requestTimeout,
    frameworkErrors: (_error, _request, reply) => {
      (reply as FastifyReply)
        .code(400)
        .type(problemType)
        .send(problem(fault('invalid-request', 'the URL is malformed')));
    },
  });
  const audit = auditor(parts);
  server.setErrorHandler(async (error, request, reply) => {
    const known = asFault(error);
    if (known.code === 'internal')
      parts.log.error('admin request failed', { route: request.routeOptions.url ?? '', error });
    return reply.code(known.httpStatus).type(problemType).send(problem(known));
  });
  server.setNotFoundHandler(async (_request, reply) => {
    return reply
      .code(404)
      .type(problemType)
      .send(problem(fault('not-found', 'no such admin resource')));
  });
  healthRoutes(server, parts);
  server.register(
    async (api) => {
      api.addHook('onRequest', async (request, reply) => {
        if (bearerIs(request.headers.authorization, token)) return;
        await audit({ request, action: 'admin', subject: 'token', tenant: null, status: 401 });
        reply.header('www-authenticate', 'Bearer realm="wardline-admin"');
        throw fault('unauthorized', 'the token of the data folder is needed');
      });
      statusRoutes(api, parts);
      tenantRoutes(api, parts, audit);
      clientRoutes(api, parts, audit);
      messageRoutes(api, parts, audit);
      mappingRoutes(api, parts, audit);
      replayRoutes(api, parts, audit);
      upgradeRoutes(api, parts, audit);
      dryRunRoutes(api, parts, audit);
    },
    { prefix: '/admin/v1' },
  );
  return server;
}

function bearerIs(header: string | undefined, token: string): boolean {
  const given = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

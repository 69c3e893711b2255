/** What tells whether a process lives and works, and what it counts. Shows nothing of a patient, so it asks for no token. */
import { type FastifyInstance, fastify } from 'fastify';
import { fault } from '../core/errors.js';
import type { Metrics } from '../core/metrics.js';

export interface HealthParts {
  /** True once everything has started, while all of it works, and until stopping begins. */
  ready(): boolean;
  readonly metrics: Pick<Metrics, 'scrape'>;
}

export interface HealthServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `GET /live`, `/ready` (503 when it is not) and `/metrics`, in the text format of Prometheus. */
export function healthRoutes(server: FastifyInstance, { ready, metrics }: HealthParts): void {
  server.get('/live', async () => ({ status: 'live' }));
  server.get('/ready', async (_request, reply) => {
    const now = ready();
    return reply.code(now ? 200 : 503).send({ status: now ? 'ready' : 'not-ready' });
  });
  server.get('/metrics', async (_request, reply) => {
    const { type, text } = await metrics.scrape();
    return reply.type(type).send(text);
  });
}

/** Serves them on a port of their own, 0 for a free one. @throws Fault `port-in-use` */
export async function startHealthServer(
  parts: HealthParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HealthServer> {
  const server = fastify({ bodyLimit: 1024, forceCloseConnections: true, requestTimeout: 10_000 });
  healthRoutes(server, parts);
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw fault('port-in-use', `port ${port} on ${host} is in use; choose another for health with --health-port`);
  }
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () => server.close(),
  };
}

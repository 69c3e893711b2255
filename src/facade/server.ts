import type { Server } from 'node:http';
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
  fastify,
} from 'fastify';
import { fault } from '../core/errors.js';
import { basePath, type FhirVersion, fhirVersions } from '../fhir/version.js';
import type { FacadeParts } from './facade-parts.js';
import { answerFhirRequest } from './fhir-request.js';
import { metadataOf } from './metadata.js';
import { contentTypeOf } from './negotiation.js';
import { addOauthRoutes, sendOauthProblem } from './oauth-routes.js';
import { asFault, outcomeOf, problemHeaders } from './problem.js';
import { instant } from './serve-resource.js';
import { smartConfiguration } from './smart-configuration.js';

export interface ServerOptions {
  /** Makes the HTTP or HTTPS server; Node's plain one by default. */
  readonly serverFactory?: FastifyServerFactory<Server>;
  /** Addresses whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
}

/** The FHIR bases, OAuth and discovery as a fastify application that is not listening yet. */
export function buildServer(parts: FacadeParts, options: ServerOptions = {}): FastifyInstance {
  const trusted = options.trustedProxies ?? [];
  const app = fastify({
    logger: false,
    bodyLimit: parts.limits.bodyBytes,
    exposeHeadRoutes: false,
    trustProxy: trusted.length > 0 ? [...trusted] : false,
    forceCloseConnections: 'idle',
    // RFC 9112 §3.2.2: a target in absolute form is accepted; whose it says it is, is not looked at.
    rewriteUrl: ({ url = '/' }) => url.replace(/^https?:\/\/[^/?#]*/i, '') || '/',
    routerOptions: { maxParamLength: parts.limits.headerBytes },
    frameworkErrors: (error, request, reply) => sendProblem(request, reply as FastifyReply, error),
    ...(options.serverFactory === undefined ? {} : { serverFactory: options.serverFactory }),
  }) as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => {
    const problem = asFault(error);
    if (problem.code === 'internal') parts.log.error('a request failed', { error: problem.cause });
    sendProblem(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const known = request.method === 'GET' || request.method === 'POST' || request.method === 'HEAD';
    const problem = known
      ? fault('not-found', 'nothing is served under this path')
      : fault('method-not-allowed', 'this method is not served');
    sendProblem(request, reply, problem);
  });
  const startedAt = instant(parts.clock.now());
  for (const version of fhirVersions) addBase(app, parts, version, startedAt);
  addOauthRoutes(app, parts);
  const configuration = JSON.stringify(smartConfiguration(parts.publicUrl));
  for (const prefix of ['', ...fhirVersions.map((version) => `/fhir/${basePath[version]}`)]) {
    app.get(`${prefix}/.well-known/smart-configuration`, async (_request, reply) =>
      reply.header('Cache-Control', 'public, max-age=60').type('application/json').send(configuration),
    );
  }
  return app;
}

function addBase(app: FastifyInstance, parts: FacadeParts, version: FhirVersion, startedAt: string): void {
  const root = `/fhir/${basePath[version]}`;
  const metadata = metadataOf(version, { ...parts, startedAt });
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const start = parts.clock.monotonic();
    const [path = '', ...query] = request.url.split('?');
    const answer = await answerFhirRequest(parts, version, metadata, {
      method: request.method,
      path: decoded(path.slice(root.length)),
      query: query.join('?'),
      header: (name) => headerOf(request, name),
      body: typeof request.body === 'string' ? request.body : '',
      address: request.ip,
    });
    parts.log.info('request', {
      route: answer.route,
      status: answer.status,
      peer: request.ip,
      ...(answer.principal === undefined ? {} : { client: answer.principal.client, tenant: answer.principal.tenant }),
      milliseconds: Math.round(parts.clock.monotonic() - start),
    });
    parts.metrics.requests.add({ route: answer.route, status: String(answer.status) });
    return reply.code(answer.status).headers(answer.headers).send(answer.body);
  };
  for (const url of [root, `${root}/`, `${root}/*`]) app.all(url, handler);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw fault('invalid-request', 'the URL is malformed');
  }
}

/** An OperationOutcome in the version of the base that the path lies under, else in R4; below `/oauth2` an error of OAuth. */
function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  const problem = asFault(error);
  const url = request.raw.url ?? '';
  reply.code(problem.httpStatus).headers(problemHeaders(problem));
  if (url.startsWith('/oauth2/')) {
    sendOauthProblem(reply, problem);
    return;
  }
  const version = fhirVersions.find((one) => url.startsWith(`/fhir/${basePath[one]}`)) ?? 'R4';
  reply.header('Content-Type', contentTypeOf(version)).send(JSON.stringify(outcomeOf(version, problem)));
}

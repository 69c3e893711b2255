import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { publicKeySet } from '../auth/signing-keys.js';
import { answerAuthorizeRequest, answerTokenRequest, tokenFailure } from '../auth/token-endpoint.js';
import type { Fault } from '../core/errors.js';
import type { FacadeParts } from './facade-parts.js';

/** The OAuth 2.0 routes: token, authorize (which always refuses) and the public keys. */
export function addOauthRoutes(app: FastifyInstance, parts: FacadeParts): void {
  app.post('/oauth2/token', async (request, reply) => answerToken(parts, request, reply));
  // A secret belongs into a body, never into a URL (RFC 6749 §3.2).
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/oauth2/token',
    handler: async (_request, reply) => {
      const body = { error: 'invalid_request', error_description: 'a token is asked for by POST' };
      return reply.code(405).header('Allow', 'POST').type(json).send(JSON.stringify(body));
    },
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/oauth2/authorize',
    handler: async (_request, reply) => {
      const { status, headers, body } = answerAuthorizeRequest();
      return reply.code(status).headers(headers).type(json).send(JSON.stringify(body));
    },
  });
  app.get('/oauth2/jwks', async (_request, reply) => {
    const snapshot = await parts.token.copy.current();
    reply.header('Cache-Control', 'public, max-age=60').type('application/jwk-set+json');
    return reply.send(JSON.stringify(publicKeySet(snapshot, parts.clock.now())));
  });
}

const json = 'application/json; charset=utf-8';

/** What never came to a handler, or failed in it, in the words of RFC 6749 §5.2. */
export function sendOauthProblem(reply: FastifyReply, problem: Fault): void {
  const own = problem.httpStatus < 500 ? 'invalid_request' : 'server_error';
  const error = problem.nature === 'transient' ? 'temporarily_unavailable' : own;
  const body = JSON.stringify({ error, error_description: problem.message });
  reply.header('Cache-Control', 'no-store').type(json).send(body);
}

/** A token leaves only after its record in the audit is durable. */
async function answerToken(parts: FacadeParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const start = parts.clock.monotonic();
  const address = request.ip;
  let client: string | null = null;
  try {
    const answer = await answerTokenRequest(parts.token, {
      contentType: request.headers['content-type'],
      authorization: request.headers.authorization,
      body: typeof request.body === 'string' ? request.body : '',
      address,
    });
    client = answer.client;
    await parts.audit.append([
      {
        at: parts.clock.now(),
        tenant: answer.tenant,
        client,
        address,
        action: 'token',
        subject: '',
        parameters: [],
        outcome: answer.status < 400 ? 'granted' : 'denied',
        status: answer.status,
        patients: [],
      },
    ]);
    reply.code(answer.status).headers(answer.headers).type(json).send(JSON.stringify(answer.body));
  } catch (error) {
    parts.log.error('a token request failed', { error });
    const { status, headers, body } = tokenFailure(error);
    reply.code(status).headers(headers).type(json).send(JSON.stringify(body));
  }
  parts.metrics.tokens.add({ outcome: String(reply.statusCode) });
  parts.log.info('token', {
    route: 'POST oauth2/token',
    status: reply.statusCode,
    peer: address,
    ...(client === null ? {} : { client }),
    milliseconds: Math.round(parts.clock.monotonic() - start),
  });
  return reply;
}

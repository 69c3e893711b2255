import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal, TokenVerifier } from '../auth/verify-token.js';
import { fault } from '../core/errors.js';
import { isLoopback } from '../core/loopback.js';
import { type AuditEvent, type AuditPort, outcomeOfStatus } from '../store/audit-port.js';
import { Acceptor, type AcceptParts, type Origin } from './accept.js';
import { type AddressCheck, addressCheck } from './address-list.js';
import { acknowledgementAnswer, type HttpAnswer, httpFault, problemAnswer, unavailableFault } from './http-answer.js';
import { admitRequest, messageOf, messageTypes } from './http-request.js';
import { httpServer } from './http-server.js';
import { listenFault } from './listen-fault.js';
import type { ListenerSettings } from './listener-settings.js';
import type { RunningListener } from './running-listener.js';
import { TlsFiles } from './tls-files.js';

/** What listeners of HTTP need beside the others. */
export interface HttpDoor {
  readonly verifier: Pick<TokenVerifier, 'verify'>;
  readonly audit: Pick<AuditPort, 'append'>;
}

/** Milliseconds between two looks at the certificate files. */
const reloadInterval = 30_000;
/** A refused body up to this size is read and thrown away; with a larger one the connection ends. */
const drained = 1024 * 1024;

/** What is known of a request so far. */
interface Seen {
  readonly since: number;
  principal?: Principal;
}

/** A listener that takes messages by `POST`; the answer is the acknowledgement, after the message is durable. */
export class HttpListener implements RunningListener {
  readonly #settings: ListenerSettings;
  readonly #parts: AcceptParts;
  readonly #door: HttpDoor;
  readonly #acceptor: Acceptor;
  readonly #allowed: AddressCheck;
  /** Who may connect where only proxies do. */
  readonly #isProxy: AddressCheck;
  readonly #files: TlsFiles | undefined;
  readonly #app: FastifyInstance;
  readonly #sockets = new Set<Socket>();
  readonly #seen = new WeakMap<FastifyRequest, Seen>();
  #reload: NodeJS.Timeout | undefined;

  /** Throws `config-invalid` for an allow-list or certificates that cannot be used, and for plain HTTP in the open. */
  constructor(settings: ListenerSettings, parts: AcceptParts, door: HttpDoor) {
    this.#settings = settings;
    this.#parts = parts;
    this.#door = door;
    this.#acceptor = new Acceptor(settings, parts);
    this.#allowed = addressCheck(settings.allow);
    this.#isProxy = addressCheck(['127.0.0.0/8', '::1', ...(settings.http?.trustedProxies ?? [])]);
    this.#files = settings.tls === undefined ? undefined : new TlsFiles(settings.tls);
    this.#app = httpServer(settings, this.#files?.read(settings.name), (socket) => this.#watch(socket));
    this.#app.addContentTypeParser([...messageTypes], { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    this.#app.addHook('onRequest', (request, reply) => this.#admit(request, reply));
    this.#app.setErrorHandler((error, request, reply) => this.#refuse(request, reply, error));
    this.#app.setNotFoundHandler((request, reply) =>
      this.#refuse(request, reply, fault('method-not-allowed', 'messages are sent by POST')),
    );
    // The port is the interface; the path is not looked at.
    this.#app.post('*', (request, reply) => this.#take(request, reply));
  }

  async start(): Promise<AddressInfo> {
    const { name, host, port } = this.#settings;
    try {
      await this.#app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
    } catch (error) {
      await this.#app.close();
      throw listenFault(this.#settings, error as NodeJS.ErrnoException);
    }
    this.#app.server.on('drop', () => {
      this.#parts.metrics.frameEvents.add({ listener: name, event: 'too-many-connections' });
    });
    this.#reload = setInterval(() => this.reloadCertificates(), reloadInterval);
    this.#reload.unref();
    return this.#app.server.address() as AddressInfo;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  reloadCertificates(): void {
    if (this.#files === undefined || !this.#files.changed || !('setSecureContext' in this.#app.server)) return;
    const { log } = this.#parts;
    const { name } = this.#settings;
    try {
      const renew = this.#app.server.setSecureContext as (options: object) => void;
      renew.call(this.#app.server, { ...this.#files.read(name), minVersion: 'TLSv1.2' });
      log.info('certificates read again', { listener: name });
    } catch (error) {
      log.error('changed certificates cannot be used, the earlier ones stay', { listener: name, error });
    }
  }

  async stop(grace: number): Promise<void> {
    clearInterval(this.#reload);
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, grace);
    await this.#app.close();
    clearTimeout(cut);
    await this.#acceptor.idle();
  }

  #watch(socket: Socket): boolean {
    const { http, name, tls, host } = this.#settings;
    const proxied = (http?.trustedProxies.length ?? 0) > 0;
    const peer = socket.remoteAddress ?? '';
    const open = proxied ? tls !== undefined || isLoopback(host) || this.#isProxy(peer) : this.#allowed(peer);
    if (!open) {
      this.#parts.metrics.frameEvents.add({ listener: name, event: 'not-allowed' });
      this.#parts.log.warn('a connection was refused', { listener: name, peer, event: 'not-allowed' });
      return false;
    }
    const count = () => this.#parts.metrics.connections.set({ listener: name }, this.#sockets.size);
    this.#sockets.add(socket);
    count();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      count();
    });
    return true;
  }

  /** Before the body is read: who may not send does not make us read. */
  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const seen: Seen = { since: this.#parts.clock.monotonic() };
    this.#seen.set(request, seen);
    const size = Number(request.headers['content-length'] ?? Number.NaN);
    if (request.method === 'POST' && !(size <= drained)) reply.header('Connection', 'close');
    if (!this.#allowed(request.ip)) throw fault('forbidden', 'this address may not send to this listener');
    const { method, headers } = request;
    const head = { method, authorization: headers.authorization, contentType: headers['content-type'] };
    await admitRequest(head, this.#door.verifier, this.#settings, (principal) => {
      seen.principal = principal;
    });
    reply.removeHeader('Connection');
  }

  async #take(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { clock, metrics } = this.#parts;
    const since = clock.monotonic();
    const contentType = request.headers['content-type'] ?? '';
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const origin: Origin = { peer: request.ip, open: false, sendLater: () => undefined };
    const outcome = await this.#acceptor.message(messageOf(body, contentType, this.#settings), origin);
    if (outcome.stored === undefined) throw unavailableFault();
    const answer = acknowledgementAnswer(outcome.reply, contentType);
    await this.#record(request, answer.status);
    outcome.sent?.();
    const listener = this.#settings.name;
    for (const code of outcome.codes) {
      metrics.acknowledged.add({ listener, code });
      metrics.acknowledgement.observe({ listener }, (clock.monotonic() - since) / 1000);
    }
    return this.#send(request, reply, answer);
  }

  async #refuse(request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<unknown> {
    let problem = httpFault(error);
    if (problem.code === 'internal') this.#parts.log.error('a request failed', { error: problem.cause });
    if (problem.code === 'too-large') {
      this.#parts.metrics.frameEvents.add({ listener: this.#settings.name, event: 'too-large' });
    }
    // What is not yet recorded: a message whose record failed has been tried.
    if (problem.code !== 'audit-unavailable') {
      try {
        await this.#record(request, problem.httpStatus);
      } catch (failure) {
        problem = httpFault(failure);
      }
    }
    return this.#send(request, reply, problemAnswer(problem));
  }

  /** Who sent, and with what success: durable before the answer leaves. */
  async #record(request: FastifyRequest, status: number): Promise<void> {
    const principal = this.#seen.get(request)?.principal;
    const event: AuditEvent = {
      at: this.#parts.clock.now(),
      tenant: principal?.tenant ?? null,
      client: principal?.client ?? null,
      address: request.ip,
      action: 'message-send',
      subject: this.#settings.name,
      parameters: [],
      outcome: outcomeOfStatus(status),
      status,
      patients: [],
    };
    try {
      await this.#door.audit.append([event]);
    } catch (error) {
      this.#parts.log.error('the audit cannot be written', { listener: this.#settings.name, error });
      throw fault('audit-unavailable', 'the message cannot be recorded just now; send it again');
    }
  }

  #send(request: FastifyRequest, reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
    const { log, metrics, clock } = this.#parts;
    const seen = this.#seen.get(request);
    const principal = seen?.principal;
    metrics.requests.add({ route: 'POST hl7', status: String(status) });
    log.info('request', {
      listener: this.#settings.name,
      route: 'POST hl7',
      status,
      peer: request.ip,
      ...(principal === undefined ? {} : { client: principal.client, tenant: principal.tenant }),
      ...(seen === undefined ? {} : { milliseconds: Math.round(clock.monotonic() - seen.since) }),
    });
    return reply.code(status).headers(headers).send(body);
  }
}

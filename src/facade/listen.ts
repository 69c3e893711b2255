import { readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { fault } from '../core/errors.js';
import { isLoopback } from '../core/loopback.js';
import type { FacadeParts } from './facade-parts.js';
import { buildServer } from './server.js';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM files; read again when they change. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Addresses or blocks of proxies that end TLS in front of us. */
  readonly trustedProxies: readonly string[];
}

/** A facade that listens. */
export interface RunningFacade {
  readonly app: FastifyInstance;
  readonly port: number;
  /** Reads the certificate again where its files changed. Resolves true when a new one is in use. */
  reloadCertificate(): boolean;
  /** Takes no more requests, and resolves when those under way are answered. */
  close(): Promise<void>;
}

const certificateCheck = 10_000;

/**
 * Starts to listen. Plain HTTP is served on loopback only, or to the named proxies alone.
 * @throws Fault `config-invalid` for plain HTTP elsewhere or an unusable certificate, `port-in-use`
 */
export async function startFacade(parts: FacadeParts, options: ListenOptions): Promise<RunningFacade> {
  const { tls, trustedProxies } = options;
  if (tls === undefined && trustedProxies.length === 0 && !isLoopback(options.host)) {
    throw fault('config-invalid', 'plain HTTP is served on loopback only, or behind a trusted proxy');
  }
  let certificate = tls === undefined ? undefined : readCertificate(tls);
  // One per address where the host's name has several.
  const servers: (Server | TlsServer)[] = [];
  const app = buildServer(parts, {
    trustedProxies,
    serverFactory: (handler) => {
      const made = makeServer(parts, handler as RequestListener, certificate);
      if (tls === undefined && !isLoopback(options.host)) admitOnly(made, trustedProxies);
      servers.push(made);
      return made as Server;
    },
  });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw fault('port-in-use', `port ${options.port} is in use: FHIR cannot be served on it`);
    throw fault('config-invalid', `cannot listen on ${options.host} port ${options.port} (${code ?? 'unknown error'})`);
  }
  const reloadCertificate = (): boolean => {
    if (tls === undefined || certificate === undefined) return false;
    try {
      if (changeOf(tls) === certificate.change) return false;
      const fresh = readCertificate(tls);
      for (const server of servers) {
        (server as TlsServer).setSecureContext({ cert: fresh.cert, key: fresh.key, minVersion: 'TLSv1.2' });
      }
      certificate = fresh;
      parts.log.info('a new certificate is in use', { part: 'facade' });
      return true;
    } catch (error) {
      parts.log.error('the changed certificate cannot be used; the former one stays', { part: 'facade', error });
      return false;
    }
  };
  const timer = tls === undefined ? undefined : setInterval(reloadCertificate, certificateCheck);
  timer?.unref();
  return {
    app,
    port: (app.server.address() as AddressInfo).port,
    reloadCertificate,
    async close() {
      clearInterval(timer);
      await app.close();
    },
  };
}

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly change: string;
}

function makeServer(
  { limits }: FacadeParts,
  handler: RequestListener,
  certificate: Certificate | undefined,
): Server | TlsServer {
  const settings = {
    maxHeaderSize: limits.headerBytes,
    requestTimeout: limits.requestTimeout,
    headersTimeout: Math.min(10_000, limits.requestTimeout),
    connectionsCheckingInterval: Math.min(2000, limits.requestTimeout),
    keepAliveTimeout: 65_000,
  };
  const server =
    certificate === undefined
      ? createServer(settings, handler)
      : createTlsServer({ ...settings, cert: certificate.cert, key: certificate.key, minVersion: 'TLSv1.2' }, handler);
  // A client that does not read its answer is cut after this long without a byte.
  server.setTimeout(2 * limits.requestTimeout);
  return server;
}

function readCertificate(tls: { readonly cert: string; readonly key: string }): Certificate {
  try {
    const change = changeOf(tls);
    return { cert: readFileSync(tls.cert), key: readFileSync(tls.key), change };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw fault('config-invalid', `the certificate or its key cannot be read (${code})`);
  }
}

function changeOf(tls: { readonly cert: string; readonly key: string }): string {
  return [tls.cert, tls.key].map((file) => `${statSync(file).mtimeMs} ${statSync(file).size}`).join(' ');
}

/** Cuts connections that come neither from this machine nor from a named proxy. */
function admitOnly(server: Server | TlsServer, proxies: readonly string[]): void {
  const admitted = new BlockList();
  admitted.addSubnet('127.0.0.0', 8, 'ipv4');
  admitted.addAddress('::1', 'ipv6');
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) admitted.addAddress(address, family);
    else admitted.addSubnet(address, Number(bits), family);
  }
  server.prependListener('connection', (socket) => {
    const peer = socket.remoteAddress ?? '';
    if (!admitted.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4')) socket.destroy();
  });
}

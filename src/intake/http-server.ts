import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { type FastifyInstance, fastify } from 'fastify';
import { fault } from '../core/errors.js';
import { isLoopback } from '../core/loopback.js';
import type { ListenerSettings } from './listener-settings.js';

/** Bytes of a request's line and headers together. */
const headerBytes = 16 * 1024;
/** A request must have arrived whole within this many times the longest pause. */
const pauses = 4;
/** Milliseconds that an idle connection is kept. */
const keepAlive = 65_000;
/** Milliseconds for a TLS handshake. */
const handshakeTimeout = 10_000;

/**
 * The server of an HTTP listener, without routes: what it takes in is bounded in size, count and time. `admit` decides on each
 * connection. Throws `config-invalid` for plain HTTP where others could listen in.
 */
export function httpServer(
  settings: ListenerSettings,
  certificate: SecureContextOptions | undefined,
  admit: (socket: Socket) => boolean,
): FastifyInstance {
  const { name, host, tls, frameTimeout, maxConnections, maxFrameBytes } = settings;
  const trusted = settings.http?.trustedProxies ?? [];
  if (tls === undefined && trusted.length === 0 && !isLoopback(host)) {
    throw fault(
      'config-invalid',
      `listener ${name}: plain HTTP is served on loopback only; state tls, or trustedProxies behind a proxy that ends TLS`,
    );
  }
  const mutual = tls?.requireClientCertificate === true;
  const common = {
    maxHeaderSize: headerBytes,
    headersTimeout: Math.min(10_000, pauses * frameTimeout),
    connectionsCheckingInterval: Math.min(2000, frameTimeout),
  };
  const kind =
    certificate === undefined
      ? { http: common }
      : {
          https: {
            ...common,
            ...certificate,
            ...{ minVersion: 'TLSv1.2' as const, handshakeTimeout },
            ...{ requestCert: mutual, rejectUnauthorized: mutual },
          },
        };
  const app = fastify({
    ...kind,
    logger: false,
    bodyLimit: Math.max(1, maxFrameBytes),
    exposeHeadRoutes: false,
    connectionTimeout: frameTimeout,
    requestTimeout: pauses * frameTimeout,
    keepAliveTimeout: keepAlive,
    forceCloseConnections: 'idle',
    trustProxy: trusted.length > 0 ? [...trusted] : false,
  }) as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.server.maxConnections = maxConnections;
  app.server.prependListener('connection', (socket: Socket) => {
    if (!admit(socket)) socket.destroy();
  });
  return app;
}

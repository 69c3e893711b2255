import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { fault } from '../core/errors.js';
import { Acceptor, type AcceptParts } from './accept.js';
import { type AddressCheck, addressCheck } from './address-list.js';
import { Connection } from './connection.js';
import type { IntakeEvent } from './counts.js';
import { listenFault } from './listen-fault.js';
import type { ListenerSettings } from './listener-settings.js';
import type { RunningListener } from './running-listener.js';
import { TlsFiles } from './tls-files.js';

/** Milliseconds for a TLS handshake. */
const handshakeTimeout = 10_000;
/** Milliseconds between two looks at the certificate files. */
const reloadInterval = 30_000;

/** An MLLP server on one port, plain or TLS. */
export class Listener implements RunningListener {
  readonly #settings: ListenerSettings;
  readonly #parts: AcceptParts;
  readonly #acceptor: Acceptor;
  readonly #allowed: AddressCheck;
  readonly #server: Server;
  readonly #files: TlsFiles | undefined;
  readonly #tls: TlsServer | undefined;
  readonly #connections = new Set<Connection>();
  /** Accepted sockets, those in a handshake included. */
  readonly #sockets = new Set<Socket>();
  #reload: NodeJS.Timeout | undefined;

  /** Throws `config-invalid` for an allow-list or certificates that cannot be used. Listens only after `start`. */
  constructor(settings: ListenerSettings, parts: AcceptParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#acceptor = new Acceptor(settings, parts);
    this.#allowed = addressCheck(settings.allow);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#admit(socket));
    if (settings.tls === undefined) return;
    this.#files = new TlsFiles(settings.tls);
    const mutual = settings.tls.requireClientCertificate;
    if (mutual && settings.tls.ca === undefined) {
      throw fault(
        'config-invalid',
        `listener ${settings.name}: mutual TLS needs the authority of the client certificates`,
      );
    }
    this.#tls = createTlsServer(
      {
        ...this.#files.read(settings.name),
        requestCert: mutual,
        rejectUnauthorized: mutual,
        handshakeTimeout,
        allowHalfOpen: true,
      },
      (socket) => this.#serve(socket),
    );
    this.#tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      this.#refuse(isPlainText(error.code) ? 'plain-on-tls' : 'handshake-failed', socket, error);
    });
  }

  /** Begins to listen and tells where. Rejects with `port-in-use`, or `config-invalid` for an address that is not ours. */
  start(): Promise<AddressInfo> {
    const { name, host, port } = this.#settings;
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => {
        reject(listenFault(this.#settings, error));
      };
      this.#server.once('error', failed);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error: NodeJS.ErrnoException) => {
          this.#parts.log.warn('a connection could not be accepted', { listener: name, error });
        });
        this.#reload = setInterval(() => this.reloadCertificates(), reloadInterval);
        this.#reload.unref();
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes up changed certificate files for new connections; files that do not fit together change nothing and are logged. */
  reloadCertificates(): void {
    if (this.#files === undefined || !this.#files.changed) return;
    const { log } = this.#parts;
    const { name } = this.#settings;
    try {
      this.#tls?.setSecureContext(this.#files.read(name));
      log.info('certificates read again', { listener: name });
    } catch (error) {
      log.error('changed certificates cannot be used, the earlier ones stay', { listener: name, error });
    }
  }

  /**
   * Accepts nothing more, lets every connection finish its durable writes and acknowledge them, and closes it. Connections that
   * take longer than `grace` milliseconds are cut.
   */
  async stop(grace: number): Promise<void> {
    clearInterval(this.#reload);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const connections = [...this.#connections];
    for (const connection of connections) connection.stop();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, grace);
    await Promise.all(connections.map(({ ended }) => ended));
    for (const socket of this.#sockets) socket.destroy();
    clearTimeout(cut);
    await closed;
    await this.#acceptor.idle();
  }

  #admit(socket: Socket): void {
    // Without a listener, an error on a socket that is refused or in its handshake would end the process.
    socket.on('error', () => undefined);
    if (!this.#allowed(socket.remoteAddress ?? '')) {
      this.#refuse('not-allowed', socket);
    } else if (this.#sockets.size >= this.#settings.maxConnections) {
      this.#refuse('too-many-connections', socket);
    } else {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      if (this.#tls === undefined) this.#serve(socket);
      else this.#tls.emit('connection', socket);
    }
  }

  #serve(socket: Socket): void {
    const { metrics, log, clock, applicationAcks } = this.#parts;
    const parts = { settings: this.#settings, acceptor: this.#acceptor, applicationAcks, metrics, log, clock };
    const connection = new Connection(socket, parts);
    const count = () => metrics.connections.set({ listener: this.#settings.name }, this.#connections.size);
    this.#connections.add(connection);
    count();
    void connection.ended.then(() => {
      this.#connections.delete(connection);
      count();
    });
  }

  #refuse(event: IntakeEvent, socket: Socket, error?: Error): void {
    const { metrics, log } = this.#parts;
    const listener = this.#settings.name;
    metrics.frameEvents.add({ listener, event });
    const fields = { listener, peer: socket.remoteAddress ?? '', event };
    log.warn('a connection was refused', error === undefined ? fields : { ...fields, error });
    socket.destroy();
  }
}

/** OpenSSL's names for a first record that is no TLS. */
function isPlainText(code: string | undefined): boolean {
  return (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_HTTP_REQUEST' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    code === 'ERR_SSL_UNKNOWN_PROTOCOL'
  );
}

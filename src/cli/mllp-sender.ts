import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Client, Connection, Message } from 'node-hl7-client';
import { fault } from '../core/errors.js';

/** What a receiver answered, as it stands in MSA and ERR. */
export interface Acknowledgement {
  /** MSA-1: AA, AE, AR, CA, CE or CR. */
  readonly code: string;
  /** MSA-2 */
  readonly controlId: string;
  /** MSA-3, else ERR-8, else ERR-3.2; empty when the receiver said nothing. */
  readonly text: string;
}

/** True for AA and CA. */
export function isAccepted({ code }: Acknowledgement): boolean {
  return code === 'AA' || code === 'CA';
}

export interface SenderTarget {
  readonly host: string;
  readonly port: number;
  readonly tls?: ConnectionOptions;
  /** Milliseconds to wait for a connection, and for each acknowledgement. */
  readonly timeout: number;
}

/** One MLLP connection that sends message by message, each after the acknowledgement of the one before. */
export interface MllpSender {
  /**
   * Sends the bytes of one message as they stand and resolves with its acknowledgement.
   * @throws Fault `not-reachable` when the connection ends or the answer does not come in time.
   */
  send(message: Uint8Array): Promise<Acknowledgement>;
  /**
   * Sends a message that asks for no answer, as the last one of this connection: resolves when its bytes have left. (The
   * library holds back what follows until an answer comes.)
   * @throws Fault `not-reachable` when the connection has ended.
   */
  post(message: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Bytes from which a receiver may have a limit in mind. */
const largeMessage = 1024 * 1024;

/** @throws Fault `not-reachable` when nobody listens there. */
export async function connectSender({ host, port, tls, timeout }: SenderTarget): Promise<MllpSender> {
  const where = `${host}:${port}`;
  const client = new Client({ host, ...(tls === undefined ? {} : { tls }) });
  const connection = new WatchedConnection(client, { port, encoding: 'latin1' }, () => {});
  const lost = (detail: string) => fault('not-reachable', `${where} ${detail}`);
  let usable = true;
  connection.once('lost', () => {
    usable = false;
  });
  const wait = async (event: string, act: () => void, failure: string): Promise<unknown> => {
    if (!usable) throw lost('closed the connection');
    try {
      return await happens(connection, event, act, timeout);
    } catch (why) {
      usable = false;
      await connection.close();
      throw lost(`${failure} (${String(why)})`);
    }
  };
  await wait('connect', () => {}, 'cannot be reached');
  return {
    send: async (message) => {
      const put = (): void => void connection.sendMessage(rawMessage(message));
      const large =
        message.byteLength > largeMessage ? ' to a large message, which may be above its maxFrameBytes' : '';
      return readAcknowledgement(String(await wait('data.raw', put, `gave no acknowledgement${large}`)));
    },
    post: async (message) => {
      if (!usable) throw lost('closed the connection');
      usable = false;
      await connection.sendMessage(rawMessage(message));
      await connection.left();
    },
    close: () => connection.close(),
  };
}

function rawMessage(bytes: Uint8Array): RawMessage {
  return new RawMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
}

/** Reads the answer to one frame; to a batch the first that is not positive, where one is not. */
export function readAcknowledgement(text: string): Acknowledgement {
  const segments = text.split(/[\r\n]+/);
  const separator = text[3] ?? '|';
  const fields = (name: string): string[] =>
    segments.find((segment) => segment.startsWith(name + separator))?.split(separator) ?? [];
  const answers = segments
    .filter((segment) => segment.startsWith(`MSA${separator}`))
    .map((each) => each.split(separator));
  const [, code = '', controlId = '', said = ''] = answers.find(([, each]) => each?.[1] !== 'A') ?? answers[0] ?? [];
  const error = fields('ERR');
  return { code, controlId, text: said || error[8] || error[3]?.split(text[4] ?? '^')[1] || '' };
}

/** The socket of each connection; the library connects while it constructs, before a member could be set. */
const sockets = new WeakMap<Connection, Socket>();

/**
 * The library's connection, watched: it keeps failures of its socket to itself while it is not told to reconnect, and we
 * want to hear of them.
 */
class WatchedConnection extends Connection {
  /** Resolves when all that was written has left this process, or the connection has ended. */
  left(): Promise<void> {
    const socket = sockets.get(this);
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => socket.write('', () => resolve()));
  }

  protected override _connect(): Socket {
    const socket = super._connect();
    sockets.set(this, socket);
    let reason = 'closed by the other side';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.name;
    });
    socket.once('close', () => this.emit('lost', reason));
    return socket;
  }
}

/** A message that goes out as its bytes stand; the library's own would write it anew. */
class RawMessage extends Message {
  readonly #raw: string;

  constructor(raw: string) {
    super({ text: 'MSH|^~\\&|' });
    this.#raw = raw;
  }

  override toString(): string {
    return this.#raw;
  }
}

/** Does something and waits for an event; rejects with the reason when the connection ends or the time passes first. */
function happens(connection: WatchedConnection, event: string, act: () => void, timeout: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      connection.off(event, onEvent);
      connection.off('lost', onLost);
    };
    const onEvent = (value: unknown): void => {
      settle();
      resolve(value);
    };
    const onLost = (why: string): void => {
      settle();
      reject(why);
    };
    const timer = setTimeout(() => onLost(`nothing within ${timeout} ms`), timeout);
    connection.on(event, onEvent);
    connection.on('lost', onLost);
    act();
  });
}

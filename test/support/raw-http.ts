/** HTTP written by hand: bytes as they are, and all that comes back until the other side closes. */
import { connect } from 'node:net';

/** What a server answered to bytes. */
export interface RawAnswer {
  /** Statuses of the answers, in order; none where the connection was cut without one. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/**
 * Writes bytes and resolves when the server has closed the connection; `enough` ends it once so many answers are there. The side
 * that writes is left open, so that only the server can end it.
 */
export function exchange(
  port: number,
  bytes: string | Uint8Array,
  enough = Number.POSITIVE_INFINITY,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (statusesIn(text).length >= enough) socket.destroy();
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ statuses: statusesIn(text), text }));
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}

/** A request with a body and its length, after which the connection is to be closed. */
export function requestText(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): string {
  const lines = Object.entries({ host: 'x', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body, 'latin1')}`];
  return `${[`${method} ${target} HTTP/1.1`, ...lines, ...length].join('\r\n')}\r\n\r\n${body}`;
}

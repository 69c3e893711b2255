import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { FrameDecoder, type FrameEvent } from '../../src/hl7/frame-decoder.js';

/** A sender that writes raw bytes, and gathers what comes back. */
export class RawClient {
  readonly socket: Socket;
  /** Frames received, as Latin-1 text. */
  readonly frames: string[] = [];
  /** Whatever the server sent, in bytes. */
  received = 0;
  ended = false;
  readonly #decoder = new FrameDecoder({ limit: 1 << 26 });
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
      this.#take(this.#decoder.push(chunk));
    });
    socket.on('connect', () => this.#wake());
    socket.on('secureConnect', () => this.#wake());
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
    socket.on('error', () => this.#end());
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const client = new RawClient(socket);
    await client.#until(() => !socket.connecting || client.ended);
    return client;
  }

  static async connectTls(port: number, options: ConnectionOptions): Promise<RawClient> {
    const socket = connectTls({ port, host: '127.0.0.1', ...options });
    const client = new RawClient(socket);
    await client.#until(() => socket.authorized || client.ended);
    return client;
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Resolves with the first `count` frames; rejects when the connection ends before they are there. */
  async replies(count: number): Promise<readonly string[]> {
    await this.#until(() => this.frames.length >= count || this.ended);
    if (this.frames.length < count) throw new Error(`${this.frames.length} of ${count} replies came`);
    return this.frames.slice(0, count);
  }

  /** Resolves when the server has ended the connection. */
  closed(): Promise<void> {
    return this.#until(() => this.ended);
  }

  close(): void {
    this.socket.destroy();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #take(events: readonly FrameEvent[]): void {
    for (const event of events) if (event.kind === 'message') this.frames.push(event.bytes.toString('latin1'));
    this.#wake();
  }

  #end(): void {
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { encodeFrame, FrameDecoder } from '../../src/hl7/frame-decoder.js';

/** A receiver of MLLP on a free port that remembers the messages it got and answers each as told; stopped with the test. */
export interface Receiver {
  readonly port: number;
  readonly messages: Buffer[];
  /** Resolves when this many messages have come. */
  received(count: number): Promise<void>;
  stop(): Promise<void>;
}

export type Answer = (message: Buffer, socket: Socket) => string | undefined;

/** Answers AA with the message's own control id. */
export const accepting: Answer = (message) => {
  const controlId = message.toString('latin1').split('|')[9] ?? '';
  return `MSH|^~\\&|||||20260101||ACK|1|P|2.5\rMSA|AA|${controlId}\r`;
};

export async function startReceiver(t: TestContext, answer: Answer): Promise<Receiver> {
  const messages: Buffer[] = [];
  const sockets = new Set<Socket>();
  const arrivals = new EventEmitter();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const decoder = new FrameDecoder({ limit: 1024 * 1024 });
    socket.on('data', (chunk) => {
      for (const event of decoder.push(chunk)) {
        if (event.kind !== 'message') continue;
        messages.push(event.bytes);
        arrivals.emit('message');
        const text = answer(event.bytes, socket);
        if (text !== undefined) socket.write(encodeFrame(Buffer.from(text)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  const received = async (count: number): Promise<void> => {
    while (messages.length < count) await once(arrivals, 'message');
  };
  t.after(stop);
  return { port: typeof address === 'object' && address !== null ? address.port : 0, messages, received, stop };
}

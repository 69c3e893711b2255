/** A TCP link to a server that can fall silent, as when the host at its other end is gone without a word: nothing is closed, and nothing comes. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestScope } from './needs.js';

export interface SilentLink {
  readonly port: number;
  /** What is connected now hears nothing more; who connects from now on is served. */
  fallSilent(): void;
}

/** A link to a port of this machine, which ends with the test. */
export async function silentLink(t: Pick<TestScope, 'after'>, port: number): Promise<SilentLink> {
  const served = new Set<() => void>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    return socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    const upstream = keep(connect({ port, host: '127.0.0.1' }));
    const close = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.pipe(upstream).pipe(client);
    client.on('close', close);
    upstream.on('close', close);
    const hush = (): void => {
      client.unpipe(upstream);
      upstream.unpipe(client);
      // what is sent is swallowed, as by a network
      client.resume();
      upstream.off('close', close);
      upstream.destroy();
    };
    served.add(hush);
    client.on('close', () => served.delete(hush));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent() {
      for (const hush of served) hush();
      served.clear();
    },
  };
}

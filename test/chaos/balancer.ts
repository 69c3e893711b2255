/** A small TCP balancer as stands before several hosts: connections in turn, to those backends that say they are ready. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Backend {
  readonly port: number;
  /** Where it says that it is ready; asked once a half second, with a second's patience. */
  readonly ready: string;
}

export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

const checkEvery = 500;
const patience = 1_000;
/** Checks in a row that fail before a backend gets no more connections; the first that succeeds brings it back. */
const failures = 2;

/** Listens on a port of its own, or on `port`. */
export async function startBalancer(backends: readonly Backend[], port = 0): Promise<Balancer> {
  const failed = new Map(backends.map((backend) => [backend, 0]));
  const sockets = new Set<Socket>();
  let turn = 0;
  const check = async (backend: Backend): Promise<void> => {
    const good = await fetch(backend.ready, { signal: AbortSignal.timeout(patience) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    failed.set(backend, good ? 0 : (failed.get(backend) ?? 0) + 1);
  };
  const checking = backends.map((backend) => {
    let under = false;
    return setInterval(() => {
      if (under) return;
      under = true;
      void check(backend).finally(() => {
        under = false;
      });
    }, checkEvery);
  });

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const serve = (client: Socket): void => {
    keep(client);
    client.on('error', () => client.destroy());
    const up = backends.filter((backend) => (failed.get(backend) ?? 0) < failures);
    const order = up.map((_, n) => up[(turn + n) % up.length]);
    turn++;
    const next = (): void => {
      const backend = order.shift();
      if (backend === undefined) {
        client.destroy();
        return;
      }
      const upstream = connect({ port: backend.port, host: '127.0.0.1' });
      keep(upstream);
      upstream.once('error', next);
      upstream.once('connect', () => {
        upstream.off('error', next);
        upstream.on('error', () => client.destroy());
        upstream.on('close', () => client.destroy());
        client.on('close', () => upstream.destroy());
        if (client.destroyed) upstream.destroy();
        client.pipe(upstream);
        upstream.pipe(client);
      });
    };
    next();
  };
  const server = createServer(serve);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const timer of checking) clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

import { createServer } from 'node:net';
import type { Config } from '../core/config.js';

/** The URL that links are made from, and the port to listen on. Port 0 takes a free one, so that the URL can name it. */
export async function publicUrlOf(config: Config): Promise<{ readonly url: string; readonly port: number }> {
  const { host, tls } = config.http;
  const port = config.http.port === 0 ? await freePort(host) : config.http.port;
  const shown = host.includes(':') ? `[${host}]` : host;
  const url = config.publicUrl ?? `${tls === undefined ? 'http' : 'https'}://${shown}:${port}`;
  return { url: url.replace(/\/+$/, ''), port };
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

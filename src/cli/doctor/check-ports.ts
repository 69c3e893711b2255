import { createServer } from 'node:net';
import type { Config } from '../../core/config.js';
import { area, type Finding, reasonOf } from './finding.js';

const here = area('ports');

/** Whether every port of the configuration can be listened on; for a system that does not run. */
export async function checkPorts({ http, admin, listeners }: Config): Promise<Finding[]> {
  const wanted = [
    ...listeners.map(({ name, host, port }) => ({ who: `listener ${name}`, host, port })),
    { who: 'http', ...http },
    { who: 'admin', ...admin },
  ].filter(({ port }) => port !== 0);
  const found = await Promise.all(
    wanted.map(async ({ who, host, port }) => {
      const failure = await listenOnce(host, port);
      if (failure === undefined) return { who, where: `${host}:${port}` };
      const todo =
        failure === 'EADDRINUSE' ? 'end what listens there, or choose another port' : 'correct the host or the port';
      return here.problem(`${who}: ${host}:${port} cannot be listened on (${failure})`, todo);
    }),
  );
  const free = found.filter((each) => 'where' in each);
  const bad = found.filter((each) => !('where' in each)) as Finding[];
  return [
    ...(free.length > 0 ? [here.ok(`free: ${free.map(({ who, where }) => `${who} ${where}`).join(', ')}`)] : []),
    ...bad,
  ];
}

function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(reasonOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Where everything of a cluster listens. */
import { createServer } from 'node:net';

export interface ClusterSize {
  readonly intake: number;
  readonly transform: number;
  readonly facade: number;
  readonly mongod: number;
}

export interface WorkerPlace {
  readonly name: string;
  readonly role: 'intake' | 'transform' | 'facade';
  readonly health: number;
  readonly mllp: number;
  readonly http: number;
  readonly admin: number;
}

export interface Places {
  readonly mongod: readonly number[];
  readonly redis: number;
  readonly workers: readonly WorkerPlace[];
}

/** Usual ports, or with `free` such that nobody listens on now. */
export async function choosePlaces({ intake, transform, facade, mongod }: ClusterSize, free: boolean): Promise<Places> {
  const port = async (usual: number): Promise<number> => (free ? await freePort() : usual);
  const workers: WorkerPlace[] = [];
  for (const [role, count] of [
    ['intake', intake],
    ['transform', transform],
    ['facade', facade],
  ] as const) {
    for (let at = 0; at < count; at++) {
      const number = workers.length;
      workers.push({
        name: `${role}-${at + 1}`,
        role,
        health: await port(9100 + number),
        mllp: await port(2575 + at),
        http: await port(8080 + 100 * at),
        admin: await port(8081 + 10 * at),
      });
    }
  }
  const nodes: number[] = [];
  for (let at = 0; at < mongod; at++) nodes.push(await port(27_117 + at));
  return { mongod: nodes, redis: await port(6479), workers };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

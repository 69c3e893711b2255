/** The configuration that all processes of a cluster share, with its secrets, in the cluster's folder. What is there stays. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClusterConfiguration {
  readonly file: string;
  readonly tenant: string;
  readonly client: string;
  readonly secret: string;
}

const tenant = '6d8e4f0a-2b7c-4f59-9a53-1c0e7b9d4a21';
const client = 'cluster-app';

const text = `# Made by \`npm run cluster\`; change it and send SIGHUP to the processes. docs/configuration.md has every key.
masterKey: { file: master.key }
mongodb: { urlFile: mongodb-url }
redis: { urlFile: redis-url }
profiles:
  main: { zone: Europe/Berlin }
listeners:
  - { name: adt, port: 2575, profile: main, tenant: ${tenant} }
tenants:
  - { id: ${tenant}, name: First hospital, zone: Europe/Berlin }
clients:
  - { id: ${client}, tenants: [${tenant}], secretFile: app-secret }
`;

/** `urls` are written at each start, for the ports may be others. */
export function writeConfiguration(
  folder: string,
  urls: { readonly mongodb: string; readonly redis: string },
): ClusterConfiguration {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const put = (name: string, content: string, again = false): string => {
    const file = join(folder, name);
    if (again || !existsSync(file)) writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  put('master.key', `${randomBytes(32).toString('base64')}\n`);
  const secret = put('app-secret', `${randomBytes(32).toString('base64url')}\n`);
  put('mongodb-url', `${urls.mongodb}\n`, true);
  put('redis-url', `${urls.redis}\n`, true);
  return { file: put('wardline.yaml', text), tenant, client, secret: readFileSync(secret, 'utf8').trim() };
}

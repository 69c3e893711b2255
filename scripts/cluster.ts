/** `npm run cluster`: the topology of docker-compose.yml as plain processes on this machine, until Ctrl-C. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { programFolder } from '../src/cli/program-version.js';
import { KeptProcess, type ProcessWish } from './cluster/kept-process.js';
import { choosePlaces, type Places, type WorkerPlace } from './cluster/places.js';
import { type ClusterConfiguration, writeConfiguration } from './cluster/write-configuration.js';
import { makeReplicaSet } from './replica-set.js';

const help = `Usage: npm run cluster -- [options]

Starts mongod (a replica set), redis-server, intake, transform and facade as processes, waits until all are ready, starts anew what ends by
itself, and ends everything with Ctrl-C. mongod and redis-server are taken from the path; MONGODB_URL and REDIS_URL name others.

  --data <folder>     where everything is kept; default data-cluster
  --intake <n>        intake processes; default 1
  --transform <n>     transform processes; default 2
  --facade <n>        facade processes; default 1
  --mongod <n>        nodes of the replica set; default 3
  --free-ports        ports that nobody listens on, instead of the usual ones
`;

const { values: given } = parseArgs({
  options: {
    data: { type: 'string', default: 'data-cluster' },
    intake: { type: 'string', default: '1' },
    transform: { type: 'string', default: '2' },
    facade: { type: 'string', default: '1' },
    mongod: { type: 'string', default: '3' },
    'free-ports': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Milliseconds until all have to be ready. */
const patience = 180_000;
const folder = resolve(given.data);
const servers: KeptProcess[] = [];
const workers: KeptProcess[] = [];
let stopping: Promise<void> | undefined;

function kept(wish: Pick<ProcessWish, 'name' | 'command' | 'flags' | 'env'>): KeptProcess {
  const log = join(folder, 'logs', `${wish.name}.log`);
  return new KeptProcess({
    ...wish,
    log,
    ended: ({ name, pid, how, againIn }) =>
      say(`${name} (process ${pid}) has ended: ${how}; it is started anew in ${againIn / 1000} s, see ${log}`),
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Those that take and give messages first, what they stand on after them. */
function stop(): Promise<void> {
  stopping ??= (async () => {
    say('ending');
    await Promise.all(workers.map((one) => one.stop()));
    await Promise.all(servers.map((one) => one.stop()));
  })();
  return stopping;
}

function dataFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

async function startMongo(ports: Places['mongod']): Promise<string> {
  const { MONGODB_URL: url } = process.env;
  if (url !== undefined && url !== '') return url;
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  ports.forEach((port, at) => {
    const name = `mongod-${at + 1}`;
    const place = ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dataFolder(name), '--nounixsocket'];
    const flags = ['--replSet', 'cluster', '--wiredTigerCacheSizeGB', '0.5', ...place];
    const node = kept({ name, command: 'mongod', flags });
    servers.push(node);
    node.start();
  });
  await makeReplicaSet({ name: 'cluster', hosts, patience });
  return `mongodb://${hosts.join()}/?replicaSet=cluster`;
}

function startRedis(port: number): string {
  const { REDIS_URL: url } = process.env;
  if (url !== undefined && url !== '') return url;
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dataFolder('redis')];
  const flags = [...place, '--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const redis = kept({ name: 'redis', command: 'redis-server', flags });
  servers.push(redis);
  redis.start();
  return `redis://127.0.0.1:${port}`;
}

function startWorker(place: WorkerPlace, publicUrl: string, { file }: ClusterConfiguration): void {
  const { name, role, health, mllp, http, admin } = place;
  const ports = ['--mllp-port', mllp, '--http-port', http, '--admin-port', admin, '--health-port', health].map(String);
  const flags = [
    join(programFolder, 'dist/workers', `${role}.js`),
    '--config',
    file,
    '--data',
    dataFolder(name),
    ...ports,
  ];
  // what is set for other systems is not for this one
  const env = { WARDLINE_PUBLIC_URL: publicUrl, MONGODB_URL: '', REDIS_URL: '' };
  const worker = kept({ name, command: process.execPath, flags, env });
  workers.push(worker);
  worker.start();
}

async function whenReady({ name, health }: WorkerPlace): Promise<void> {
  const until = performance.now() + patience;
  while (stopping === undefined) {
    const answer = await fetch(`http://127.0.0.1:${health}/ready`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (performance.now() > until) throw new Error(`${name} is not ready; see ${join(folder, 'logs', `${name}.log`)}`);
    await new Promise((again) => setTimeout(again, 200));
  }
}

function greet({ workers: places }: Places, { tenant, client, secret, file }: ClusterConfiguration): void {
  const of = (role: WorkerPlace['role']): WorkerPlace[] => places.filter((place) => place.role === role);
  const [facade] = of('facade');
  const [transform] = of('transform');
  const [intake] = of('intake');
  const url = `http://127.0.0.1:${facade?.http}`;
  for (const process of [...servers, ...workers]) say(`process ${process.name} ${process.pid}`);
  for (const { name, role, mllp, http, health } of places) {
    const door = {
      intake: `MLLP 127.0.0.1:${mllp}  `,
      facade: `FHIR http://127.0.0.1:${http}/fhir/{dstu2,stu3,r4}  `,
      transform: '',
    }[role];
    say(`${name.padEnd(12)} ${door}health http://127.0.0.1:${health}/ready, /metrics`);
  }
  say(`configuration ${file}, logs ${join(folder, 'logs')}`);
  say(`tenant ${tenant}  client ${client}  secret ${secret}`);
  const wardline = `node ${join(programFolder, 'dist/src/cli/main.js')}`;
  say(`${wardline} status --data ${join(folder, transform?.name ?? '')}`);
  say(`${wardline} doctor --config ${file} --data ${join(folder, transform?.name ?? '')}`);
  say(`${wardline} send --port ${intake?.mllp} ${join(programFolder, 'samples/adt-a01.hl7')}`);
  const form = `grant_type=client_credentials&client_id=${client}&client_secret=${secret}&scope=${tenant}`;
  say(
    `TOKEN=$(curl -s -d '${form}' ${url}/oauth2/token | node -pe 'JSON.parse(require("fs").readFileSync(0)).access_token')`,
  );
  say(`curl -s -H "Authorization: Bearer $TOKEN" "${url}/fhir/r4/Patient?_count=5"`);
  say('ready; Ctrl-C ends everything');
}

function count(name: string, text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new Error(`--${name} must be a number from 1 on`);
  return number;
}

async function run(): Promise<void> {
  const { intake, transform, facade, mongod, 'free-ports': free } = given;
  const size = {
    intake: count('intake', intake),
    transform: count('transform', transform),
    facade: count('facade', facade),
    mongod: count('mongod', mongod),
  };
  const places = await choosePlaces(size, free);
  dataFolder('logs');
  const configuration = writeConfiguration(folder, {
    redis: startRedis(places.redis),
    mongodb: await startMongo(places.mongod),
  });
  if (stopping !== undefined) return;
  const http = places.workers.find(({ role }) => role === 'facade')?.http;
  for (const place of places.workers) startWorker(place, `http://127.0.0.1:${http}`, configuration);
  await Promise.all(places.workers.map(whenReady));
  if (stopping === undefined) greet(places, configuration);
}

if (given.help) say(help);
else {
  // nobody reads on: a pipe that is closed, a terminal that is gone
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => void stop().then(() => process.exit(1)));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void stop().then(() => process.exit()));
  await run().catch(async (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    await stop();
  });
}

/** The order of the house (docs/architecture.md) as rules over source files; each gives a sentence per breach. */
import type { SourceFile } from './source-file.js';

/** The rooms of `src/` from the lowest to the highest: a room imports only from itself and those before it. */
export const rooms: readonly string[] = [
  'core',
  'hl7',
  'fhir',
  'mapping',
  'store',
  'queue',
  'auth',
  'intake',
  'engine',
  'facade',
  'admin',
  'console',
  'app',
  'cli',
];

/** Rooms that take values and return values. */
const pureRooms: readonly string[] = ['hl7', 'fhir', 'mapping'];

/** What reaches pure rooms from Node. The definitions of FHIR are data files, read once by one file. */
const pureModules: readonly string[] = ['node:buffer'];
const readsDataFiles = 'src/fhir/definitions/definition-files.ts';

/** Rooms that reach files and network through ports only. */
const portRooms: readonly string[] = ['auth', 'engine'];

/** Packages and modules of Node, and the rooms of `src/` that may import them; all others of Node are for any room. */
export const drivers: Readonly<Record<string, readonly string[]>> = {
  '@photostructure/sqlite': ['store'],
  bullmq: ['queue'],
  commander: ['cli'],
  fastify: ['intake', 'facade', 'admin', 'console'],
  'hl7v2-dictionary': ['hl7'],
  ioredis: ['queue'],
  jose: ['auth'],
  mongodb: ['store'],
  'node-hl7-client': ['cli'],
  pino: ['core'],
  'prom-client': ['core'],
  yaml: ['core', 'mapping'],
  zod: ['core', 'admin'],
  'node:net': ['intake', 'facade', 'app', 'cli'],
  'node:tls': ['intake', 'cli'],
  'node:http': ['facade', 'admin', 'console'],
  'node:https': ['facade', 'admin', 'console'],
  'node:worker_threads': ['core', 'store', 'queue', 'app'],
  'node:v8': ['store'],
  'node:vm': ['store'],
  'node:child_process': [],
};

const reachesOut = ['node:fs', 'node:fs/promises', 'node:net', 'node:tls', 'node:http', 'node:https'];

/** Clocks, chance, timers, environment: what makes a function answer differently for the same values. */
const impure =
  /\b(?:Date\.now|Math\.random|performance\.now|process\.|console\.|fetch\(|setTimeout\(|setInterval\(|setImmediate\()|\bnew Date\(\s*\)/g;

/** The room of a file of `src/`; `src/app.ts` is the upper half of `src/app/`. */
function roomOf(path: string): string | undefined {
  if (!path.startsWith('src/')) return undefined;
  return path.slice('src/'.length).split('/')[0]?.replace(/\.ts$/, '');
}

/** Imports that point from a lower room to a higher one, or out of `src/`. */
export function importDirection(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports, opens }) => {
    const room = roomOf(path);
    if (room === undefined) return [];
    if (!rooms.includes(room)) return [`${path} is in no known room`];
    return [...imports, ...opens.filter((name) => name.startsWith('src/'))].flatMap((name) => {
      if (!isFile(name)) return [];
      const from = roomOf(name);
      if (from === undefined) return [`${path} imports ${name} from outside src`];
      return rooms.indexOf(from) > rooms.indexOf(room)
        ? [`${path} imports ${name}, but ${room} stands below ${from}`]
        : [];
    });
  });
}

/** Packages of npm without a row in the table, and drivers outside their room. */
export function driverOwnership(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    if (room === undefined) return [];
    return imports.flatMap((name) => {
      if (isFile(name)) return [];
      const owners = drivers[name];
      if (owners === undefined) return name.startsWith('node:') ? [] : [`${path} imports ${name}, which no room owns`];
      return owners.includes(room) ? [] : [`${path} imports ${name}, which is for ${owners.join(', ') || 'no room'}`];
    });
  });
}

/** I/O, clocks and chance in pure rooms; files and network in rooms that work by ports. */
export function purity(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports, code }) => {
    const room = roomOf(path) ?? '';
    const modules = imports.filter((name) => !isFile(name));
    if (portRooms.includes(room))
      return modules.filter((name) => reachesOut.includes(name)).map((name) => `${path} imports ${name}`);
    if (!pureRooms.includes(room)) return [];
    return [
      ...modules
        .filter((name) => name.startsWith('node:') && !pureModules.includes(name))
        .filter((name) => !(path === readsDataFiles && name === 'node:fs'))
        .map((name) => `${path} imports ${name}`),
      ...[...code.matchAll(impure)].map(([found]) => `${path} uses ${found}`),
    ];
  });
}

/** Default exports. */
export function defaultExports(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ code }) => /^[ \t]*export\s+default\b|\bas\s+default\b/m.test(code))
    .map(({ path }) => `${path} has a default export`);
}

/** Names that are not kebab-case, or say nothing. */
export function fileNames(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path }) => {
    const names = path.replace(/(?:\.test)?\.ts$/, '').split('/');
    return [
      ...names
        .filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))
        .map((name) => `${path}: ${name} is not kebab-case`),
      ...names
        .filter((name) => /^(?:utils?|helpers?|common|misc)$/.test(name))
        .map((name) => `${path}: ${name} does not say what is in it`),
    ];
  });
}

/** Rings of files that need each other to run, each once. Types alone bind nobody. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) cycles.push([...way.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const name of byPath.get(path)?.loads ?? []) if (byPath.has(name)) visit(name, [...way, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

function isFile(name: string): boolean {
  return name.endsWith('.ts');
}

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { crossChecks } from './config-checks.js';
import { unreadableFiles } from './config-files.js';
import {
  type ConfigIssue,
  describeIssues,
  makeIssue,
  type Places,
  schemaIssues,
  schemaMessage,
} from './config-issues.js';
import {
  type ConfigFile,
  configSchema,
  type DirectoryConfig,
  defaultProfile,
  type ListenerConfig,
  type ProfileConfig,
} from './config-schema.js';
import { withoutWrong } from './config-stand-ins.js';
import { readUrls, type WithUrls } from './config-urls.js';
import { fault } from './errors.js';

/** The validated configuration: durations in ms, sizes in bytes, paths absolute, tenant ids lower case, frozen. */
export type Config = DeepReadonly<WithUrls>;

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line sets over file and environment. */
export interface ConfigFlags {
  readonly data?: string;
  readonly mllpPort?: number;
  readonly httpPort?: number;
  readonly adminPort?: number;
  readonly healthPort?: number;
}

interface ConfigSources {
  /** Path of the YAML file; none: defaults, environment and flags. */
  readonly file?: string;
  readonly env: Environment;
  readonly flags?: ConfigFlags;
  /** True for who will use the certificates, keys and secrets that the file names: they are to be readable. */
  readonly files?: boolean;
}

/**
 * Reads and validates the configuration as a whole. Flags win over the environment, that over the file:
 * `WARDLINE_DATA`, `WARDLINE_HTTP_PORT`, `WARDLINE_MLLP_PORT` (the first MLLP listener's), `WARDLINE_ADMIN_PORT`, `WARDLINE_HEALTH_PORT`,
 * `WARDLINE_PUBLIC_URL`, `WARDLINE_LOG_LEVEL`, `WARDLINE_MASTER_KEY` (the key itself), `MONGODB_URL`, `REDIS_URL`. `${NAME}` in a string of the file
 * stands for that environment variable.
 * @throws Fault `config-invalid`: its message has one line per issue, each with place and path.
 */
export function loadConfig({ file, env, flags = {}, files = false }: ConfigSources): Config {
  const issues: ConfigIssue[] = [];
  const { value, places } = file === undefined ? { value: {}, places: undefined } : readYaml(file, issues);
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const refuse = () => fault('config-invalid', describeIssues(file, issues));
  if (issues.length > 0) throw refuse();
  const filled = fillVariables(value, [], env, places, issues);
  const { data, ...overridden } = override(filled, env, flags, issues);
  const parse = (given: unknown) => configSchema.safeParse(given, { error: schemaMessage });
  const result = parse(overridden.value);
  const checked = (sound: ConfigFile, hides: (path: readonly PropertyKey[]) => boolean): WithUrls => {
    const config = complete(sound, base, data, env);
    issues.push(...crossChecks(config, places, hides));
    if (files) issues.push(...unreadableFiles(config, places, hides));
    const read = readUrls(config, places);
    issues.push(...read.issues);
    return read.config;
  };
  if (!result.success) {
    issues.push(...schemaIssues(result.error, configSchema, places).map((issue) => fromEnvironment(issue, env)));
    const mended = withoutWrong(overridden.value, result.error, parse);
    if (mended !== undefined) checked(mended.value, mended.hides);
    throw refuse();
  }
  const config = checked(result.data, () => false);
  if (issues.length > 0) throw refuse();
  return deepFreeze(config);
}

/** An issue of what an environment variable has laid over the file names the variable. */
function fromEnvironment(issue: ConfigIssue, env: Environment): ConfigIssue {
  const variable = { logLevel: 'WARDLINE_LOG_LEVEL', publicUrl: 'WARDLINE_PUBLIC_URL' }[issue.path];
  if (variable === undefined || env[variable] === undefined) return issue;
  return { path: variable, message: issue.message };
}

/** The settings of the profile of a listener or directory. Validation made sure that it exists. */
export function profileOf(
  config: Config,
  source: DeepReadonly<ListenerConfig | DirectoryConfig>,
): DeepReadonly<ProfileConfig> {
  const profile = config.profiles[source.profile];
  if (profile === undefined) throw fault('config-invalid', `no profile ${source.profile}`);
  return profile;
}

function readYaml(file: string, issues: ConfigIssue[]): { value: unknown; places: Places | undefined } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    issues.push({ path: '', message: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` });
    return { value: {}, places: undefined };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) issues.push({ path: '', message: broken.message, line: lines.linePos(broken.pos[0]).line });
  const value: unknown = document.errors.length > 0 ? {} : (document.toJS() ?? {});
  return { value, places: { document, lines } };
}

function fillVariables(
  value: unknown,
  path: readonly PropertyKey[],
  env: Environment,
  places: Places | undefined,
  issues: ConfigIssue[],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const found = env[name];
      if (found === undefined) issues.push(makeIssue(path, `environment variable ${name} is not set`, places));
      return found ?? '';
    });
  }
  if (Array.isArray(value))
    return value.map((item, index) => fillVariables(item, [...path, index], env, places, issues));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillVariables(item, [...path, key], env, places, issues)]),
  );
}

/** Lays environment and flags over the file's values. The data folder they name is relative to the working folder. */
function override(
  value: unknown,
  env: Environment,
  flags: ConfigFlags,
  issues: ConfigIssue[],
): { value: unknown; data: string | undefined } {
  const data = flags.data ?? env.WARDLINE_DATA;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value, data };
  const result: Record<string, unknown> = { ...value };
  const setPort = (name: string, flag: number | undefined, variable: string, put: (port: number) => void): void => {
    const text = env[variable];
    if (flag === undefined && text === undefined) return;
    const port = flag ?? (/^\d{1,5}$/.test(text ?? '') ? Number(text) : Number.NaN);
    if (Number.isInteger(port) && port >= 0 && port <= 65535) put(port);
    else issues.push({ path: flag === undefined ? variable : name, message: 'must be a port, 0 to 65535' });
  };
  const into = (key: string) => (port: number) => {
    result[key] = { ...(result[key] as object | undefined), port };
  };
  setPort('--http-port', flags.httpPort, 'WARDLINE_HTTP_PORT', into('http'));
  setPort('--admin-port', flags.adminPort, 'WARDLINE_ADMIN_PORT', into('admin'));
  setPort('--health-port', flags.healthPort, 'WARDLINE_HEALTH_PORT', into('health'));
  setPort('--mllp-port', flags.mllpPort, 'WARDLINE_MLLP_PORT', (port) => {
    const all = Array.isArray(result.listeners) ? (result.listeners as unknown[]) : [];
    const first = all.find((one) => typeof one === 'object' && one !== null && !('kind' in one && one.kind === 'http'));
    if (first !== undefined) result.listeners = all.map((one) => (one === first ? { ...first, port } : one));
    else issues.push({ path: '--mllp-port', message: 'there is no listener whose port it could set' });
  });
  if (env.WARDLINE_PUBLIC_URL !== undefined) result.publicUrl = env.WARDLINE_PUBLIC_URL;
  if (env.WARDLINE_LOG_LEVEL !== undefined) result.logLevel = env.WARDLINE_LOG_LEVEL;
  const setUrl = (key: 'mongodb' | 'redis', url: string | undefined): void => {
    if (url === undefined || url === '') return;
    const { urlFile: _instead, ...rest } = (result[key] ?? {}) as { urlFile?: unknown };
    result[key] = { ...rest, url };
  };
  setUrl('mongodb', env.MONGODB_URL);
  setUrl('redis', env.REDIS_URL);
  return { value: result, data };
}

/** Makes paths absolute, adds the default profile and says where the master key comes from. */
function complete(file: ConfigFile, base: string, data: string | undefined, env: Environment): ConfigFile {
  const at = (path: string): string => resolve(base, path);
  const dataFolder = data === undefined ? at(file.dataFolder) : resolve(data);
  const { masterKey } = file;
  const stated = masterKey.file !== undefined || masterKey.env !== undefined;
  const fallback = env.WARDLINE_MASTER_KEY === undefined ? {} : { env: 'WARDLINE_MASTER_KEY' };
  const tls = <T extends { cert: string; key: string }>(part: T): T => ({
    ...part,
    cert: at(part.cert),
    key: at(part.key),
  });
  const urlFileAt = <T extends { urlFile?: string | undefined }>(server: T): T =>
    server.urlFile === undefined ? server : { ...server, urlFile: at(server.urlFile) };
  return {
    ...file,
    dataFolder,
    ...(file.mappings === undefined ? {} : { mappings: at(file.mappings) }),
    masterKey: stated
      ? { ...masterKey, ...(masterKey.file === undefined ? {} : { file: at(masterKey.file) }) }
      : fallback,
    ...(file.mongodb === undefined
      ? {}
      : {
          mongodb: {
            ...urlFileAt(file.mongodb),
            clusters: Object.fromEntries(
              Object.entries(file.mongodb.clusters).map(([name, one]) => [name, urlFileAt(one)]),
            ),
          },
        }),
    ...(file.redis === undefined ? {} : { redis: urlFileAt(file.redis) }),
    http: file.http.tls === undefined ? file.http : { ...file.http, tls: tls(file.http.tls) },
    profiles: { main: defaultProfile(), ...file.profiles },
    listeners: file.listeners.map((listener) => {
      if (listener.tls === undefined) return listener;
      const { ca } = listener.tls;
      return { ...listener, tls: { ...tls(listener.tls), ...(ca === undefined ? {} : { ca: at(ca) }) } };
    }),
    directories: file.directories.map((directory) => ({ ...directory, path: at(directory.path) })),
    tenants: file.tenants.map((tenant) =>
      tenant.mappings === undefined ? tenant : { ...tenant, mappings: at(tenant.mappings) },
    ),
    clients: file.clients.map((client) => ({
      ...client,
      ...(client.secretFile === undefined ? {} : { secretFile: at(client.secretFile) }),
      ...(client.jwksFile === undefined ? {} : { jwksFile: at(client.jwksFile) }),
    })),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

import { z } from 'zod';
import { configSchema } from './config-schema.js';

interface Described {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Described[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
  readonly items?: Described;
  readonly additionalProperties?: Described | false;
}

/** The reference page of the configuration file, as Markdown, from the descriptions in its schema. */
export function configReference(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Described;
  const rows = rowsOf(schema, '').map(
    ({ path, kind, fallback, text }) => `| \`${path}\` | ${kind} | ${fallback} | ${text} |`,
  );
  return [
    '# Configuration',
    '',
    'Made from the schema by `node dist/scripts/config-reference.js`; a test holds it current.',
    '',
    'Wardline reads `wardline.yaml` in the working folder, or the file that `--config` or `WARDLINE_CONFIG` names. The file is checked',
    'whole: every issue is reported with its line and path, and nothing starts before there is none. Lengths of time are written `250ms`,',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the page speaks of placeholders
    '`30s`, `10m`, `12h`, `30d`; sizes `512KiB`, `16MiB` or bytes. Paths are relative to the folder of the file. `${NAME}` stands for an',
    'environment variable.',
    '',
    '| Key | Kind | When left out | Meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Environment and flags',
    '',
    'Flags win over the environment, the environment over the file.',
    '',
    '| Variable | Flag | Sets |',
    '|---|---|---|',
    '| `WARDLINE_CONFIG` | `--config` | the configuration file |',
    '| `WARDLINE_DATA` | `--data` | `dataFolder`, relative to the working folder |',
    '| `WARDLINE_MLLP_PORT` | `--mllp-port` | the port of the first MLLP listener |',
    '| `WARDLINE_HTTP_PORT` | `--http-port` | `http.port` |',
    '| `WARDLINE_ADMIN_PORT` | `--admin-port` | `admin.port` |',
    '| `WARDLINE_PUBLIC_URL` | | `publicUrl` |',
    '| `WARDLINE_LOG_LEVEL` | | `logLevel` |',
    '| `MONGODB_URL` | | `mongodb.url`, instead of what the file states |',
    '| `REDIS_URL` | | `redis.url`, instead of what the file states |',
    '| `WARDLINE_MASTER_KEY` | | the master key itself, where `masterKey` states nothing |',
    '',
  ].join('\n');
}

interface Row {
  readonly path: string;
  readonly kind: string;
  readonly fallback: string;
  readonly text: string;
}

function rowsOf(schema: Described, path: string): Row[] {
  const inner = (): Row[] => {
    if (schema.properties !== undefined) {
      return Object.entries(schema.properties).flatMap(([key, value]) => [
        ...keyRow(value, path === '' ? key : `${path}.${key}`, schema.required?.includes(key) === true),
        ...rowsOf(value, path === '' ? key : `${path}.${key}`),
      ]);
    }
    if (schema.items !== undefined) return rowsOf(schema.items, `${path}[]`);
    return schema.additionalProperties ? rowsOf(schema.additionalProperties, `${path}.<name>`) : [];
  };
  return inner();
}

function keyRow(schema: Described, path: string, required: boolean): Row[] {
  const nested = schema.properties !== undefined || schema.items?.properties !== undefined;
  return [
    {
      path,
      kind: kindOf(schema),
      fallback: required
        ? '*required*'
        : schema.default === undefined || nested
          ? ''
          : `\`${JSON.stringify(schema.default)}\``,
      text: (schema.description ?? '').replaceAll('|', '\\|'),
    },
  ];
}

function kindOf(schema: Described): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' ');
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`;
  if (schema.additionalProperties) return `map of ${kindOf(schema.additionalProperties)}`;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(kindOf))].join(' or ');
  return { integer: 'number', object: 'object' }[schema.type ?? ''] ?? schema.type ?? 'any';
}

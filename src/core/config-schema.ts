/**
 * What a configuration file may say: validator, type and reference page in one. Every key has a description, from which
 * `scripts/config-reference.ts` writes docs/configuration.md.
 */
import { z } from 'zod';
import {
  addressBlock,
  charset,
  duration,
  guid,
  mongodbUrl,
  port,
  redisUrl,
  shortName,
  size,
  zone,
} from './config-values.js';

const serverTls = z.strictObject({
  cert: z.string().describe('PEM file with the certificate chain. Read again when it changes.'),
  key: z.string().describe('PEM file with the private key. Read again when it changes.'),
});

const http = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but loopback needs `tls` or `trustedProxies`.'),
  port: port.default(8080).describe('Port of the FHIR and OAuth endpoints.'),
  tls: serverTls.optional().describe('Serve HTTPS with this certificate.'),
  trustedProxies: z
    .array(addressBlock)
    .default([])
    .describe('Reverse proxies that end TLS in front of Wardline; only their X-Forwarded-For is believed.'),
});

const admin = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address of the admin API. Only loopback is accepted.'),
  port: port.default(8081).describe('Port of the admin API.'),
});

const health = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on; nothing that is served here needs to be kept from anybody.'),
  port: port.describe('Port of its own. `--health-port` and `WARDLINE_HEALTH_PORT` set it, too.'),
});

const profile = z.strictObject({
  ack: z
    .enum(['original', 'enhanced'])
    .default('original')
    .describe('Acknowledgement mode of a message that states none in MSH-15 and MSH-16.'),
  unavailable: z
    .enum(['AR', 'AE', 'close'])
    .default('AR')
    .describe(
      'What a sender gets while messages cannot be stored: AR, AE, or its connection closed without an answer.',
    ),
  charset: charset
    .optional()
    .describe(
      'Character set of messages whose MSH-18 is empty, as in HL7 table 0211 (`8859/1`). Nothing: UTF-8, Windows-1252 where that fails.',
    ),
  zone: zone.optional().describe('Time zone of times without an offset; before the one of the tenant.'),
  snapshot: z
    .array(z.enum(['AL1', 'IAM', 'DG1', 'IN1', 'NK1']))
    .default([])
    .describe('Segments that replace the earlier set of the same sender, instead of adding and updating by key.'),
  authority: z
    .record(z.string().regex(/^[A-Z][A-Z0-9]{2}$/, 'must be a message code, such as ADT'), z.int().min(0).max(1000))
    .default({})
    .describe(
      'Rank of a message code (MSH-9.1) for the data of patients and visits, over the usual one (ADT 50, others less); higher wins over any time.',
    ),
  processingIds: z
    .array(z.enum(['P', 'T', 'D']))
    .optional()
    .describe('Processing ids (MSH-11) that are accepted; others are rejected. Nothing: not looked at.'),
  versions: z
    .array(z.string())
    .optional()
    .describe('HL7 versions (MSH-12) that are accepted; others are rejected. Nothing: not looked at.'),
});

const sender = z.strictObject({
  msh3: z.string().optional().describe('Sending application, its first component.'),
  msh4: z.string().optional().describe('Sending facility, its first component.'),
  msh5: z.string().optional().describe('Receiving application, its first component.'),
  msh6: z.string().optional().describe('Receiving facility, its first component.'),
  tenant: guid.describe('Tenant of the messages whose named fields are all equal.'),
});

const listenerTls = serverTls.extend({
  ca: z.string().optional().describe('PEM file with the authorities that client certificates must come from.'),
  requireClientCertificate: z
    .boolean()
    .default(false)
    .describe('Mutual TLS: refuse senders without a certificate from `ca`.'),
});

const listener = z.strictObject({
  name: shortName.describe('Name in logs, metrics and the message list.'),
  kind: z
    .enum(['mllp', 'http'])
    .default('mllp')
    .describe(
      'How messages come: framed over MLLP, or as bodies of `POST` requests (`application/hl7-v2`) with a token of scope `hl7:send`.',
    ),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. HTTP on anything but loopback needs `tls` or `trustedProxies`.'),
  port: port.describe('Port of its own.'),
  profile: z.string().default('main').describe('Named set of settings under `profiles`.'),
  tenant: guid
    .optional()
    .describe(
      'Tenant of all messages of this listener. Either this or `senders`; with HTTP this, and tokens must be of it.',
    ),
  senders: z
    .array(sender)
    .min(1)
    .optional()
    .describe('Tenant by sender, the first match wins; messages of unknown senders are kept without a tenant.'),
  tls: listenerTls.optional().describe('Accept only TLS, with this certificate.'),
  allow: z.array(addressBlock).default([]).describe('Addresses that may connect. Empty: all.'),
  maxConnections: z.int().min(1).default(100).describe('Connections at a time; more are refused at once.'),
  maxFrameBytes: size
    .prefault('16MiB')
    .describe('Largest message or batch; a larger one closes its connection, or is answered 413.'),
  frameTimeout: duration
    .prefault('30s')
    .describe(
      'Longest pause inside a message before its connection is closed; with HTTP a request has four times as long in all.',
    ),
  trustedProxies: z
    .array(addressBlock)
    .default([])
    .describe('HTTP only: reverse proxies that end TLS in front; only their X-Forwarded-For is believed.'),
});

const directory = z.strictObject({
  name: shortName.describe('Name in logs, metrics and the message list. No listener has the same.'),
  path: z
    .string()
    .min(1)
    .describe('Folder that senders put files into. Wardline makes the folders `work`, `done` and `failed` in it.'),
  profile: z.string().default('main').describe('Named set of settings under `profiles`.'),
  tenant: guid.optional().describe('Tenant of all messages of this folder. Either this or `senders`.'),
  senders: z
    .array(sender)
    .min(1)
    .optional()
    .describe('Tenant by sender, the first match wins; messages of unknown senders are kept without a tenant.'),
  pattern: z
    .string()
    .min(1)
    .default('*')
    .describe(
      'Names of the files that are taken; `*` stands for any characters, `?` for one. Names that begin with a dot or end in `.tmp`, `.part`, `.filepart` or `~` are never taken.',
    ),
  poll: duration.prefault('1s').describe('Pause between two looks at the folder.'),
  settle: duration
    .prefault('2s')
    .describe(
      'A file is taken when its size and time have not changed for so long. `0s` for senders that rename files into place.',
    ),
  order: z
    .enum(['name', 'time'])
    .default('name')
    .describe('Order in which files are taken. One that has not settled holds back those after it.'),
  processed: z
    .enum(['keep', 'delete'])
    .default('keep')
    .describe('Files all of whose messages were taken are moved to `done`, or deleted.'),
  maxMessageBytes: size
    .prefault('16MiB')
    .describe('Largest message; of a larger one the file tells in `failed`. Files may have any size.'),
});

const authority = z.strictObject({
  id: z.string().min(1).describe('Namespace id of the authority, as sent in CX.4.1.'),
  oid: z.string().optional().describe('Universal id of the authority, as sent in CX.4.2.'),
  type: z.string().optional().describe('Identifier type (CX.5) of its identifiers when left out; MR by default.'),
});

const cluster = z.strictObject({
  url: mongodbUrl.optional().describe('Connection string of a replica set. Either this or `urlFile`.'),
  urlFile: z.string().optional().describe('File with the connection string. Read at the start.'),
});

const tenant = z.strictObject({
  id: guid.describe('GUID that tokens name in their scope.'),
  name: z.string().min(1).describe('Name for people.'),
  zone: zone.optional().describe('Time zone of times without an offset, where neither message nor profile states one.'),
  authorities: z
    .array(authority)
    .default([])
    .describe(
      'Authorities whose identifiers identify a patient, in order. With a list, messages without one are parked.',
    ),
  defaultAuthority: authority.optional().describe('Authority and type of an identifier that names neither.'),
  visitAuthority: z.string().optional().describe('Authority of visit numbers (PV1-19) that name none.'),
  accountsAreVisits: z.boolean().default(false).describe('PID-18 identifies a visit where PV1-19 is empty.'),
  localCodes: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe('Local codes that mean a standard one: `"LOCAL|HR": "http://loinc.org|8867-4"`.'),
  mappings: z
    .string()
    .optional()
    .describe('Folder with the mapping layers of this tenant. Changes go live by themselves.'),
  cluster: shortName
    .optional()
    .describe('Cluster of `mongodb.clusters` that holds its resources. Fixed when the tenant is made.'),
});

const client = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens, underscores')
    .describe('The client_id.'),
  name: z.string().optional().describe('Name for people; the id by default.'),
  tenants: z.array(guid).min(1).describe('Tenants that the client may ask a token for.'),
  scopes: z
    .array(z.string())
    .default(['system/*.read'])
    .describe('SMART scopes that it may be granted, and `hl7:send` for a sender over HTTP.'),
  secretFile: z
    .string()
    .optional()
    .describe('File with the client_secret, at least 32 characters. Secrets never stand in the configuration itself.'),
  jwksFile: z.string().optional().describe('File with the JWK set for private_key_jwt.'),
  jwksUri: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .optional()
    .describe('Where the client publishes that JWK set; read when it is needed, so that its keys may change.'),
});

const storePrefix = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,19}$/, 'must be up to 20 lower-case letters, digits and underscores, a letter first')
  .default('wardline');

/** The whole file. Paths in it are relative to the folder that it lies in. */
export const configSchema = z.strictObject({
  dataFolder: z
    .string()
    .default('data')
    .describe(
      'Folder of everything that is kept; with `mongodb` of what a process has for itself. One process at a time may use it.',
    ),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('URL by which clients reach Wardline; makes every link. Host headers are never believed.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severity that is logged.'),
  mappings: z
    .string()
    .optional()
    .describe('Folder of the mapping files; those that come with Wardline by default. Changes go live by themselves.'),
  masterKey: z
    .strictObject({
      file: z
        .string()
        .optional()
        .describe('File with 32 bytes in base64. Made in the data folder when nothing is stated.'),
      env: z.string().optional().describe('Environment variable with 32 bytes in base64.'),
    })
    .prefault({})
    .describe('Key that seals all other keys.'),
  mongodb: z
    .strictObject({
      url: mongodbUrl
        .optional()
        .describe('Connection string of a replica set. Either this or `urlFile`; `MONGODB_URL` sets it over both.'),
      urlFile: z
        .string()
        .optional()
        .describe('File with the connection string, for a password is in it. Read at the start.'),
      clusters: z
        .record(shortName, cluster)
        .default({})
        .describe('Further clusters by name, each for the resources of the tenants that name it.'),
      prefix: storePrefix.describe(
        "Name of the installation's database; those of tenants begin with it. Installations that share servers have different ones.",
      ),
    })
    .optional()
    .describe(
      'Keeps everything in MongoDB instead of the data folder; together with `redis`, for any number of processes.',
    ),
  redis: z
    .strictObject({
      url: redisUrl
        .optional()
        .describe(
          'Redis 7 that hands out work. It holds places of messages, never messages. Either this or `urlFile`; `REDIS_URL` sets it over both.',
        ),
      urlFile: z.string().optional().describe('File with that URL, for a password is in it. Read at the start.'),
      prefix: storePrefix.describe('Begin of every key.'),
    })
    .optional()
    .describe('Hands out work over Redis; together with `mongodb`.'),
  minFreeDisk: size
    .prefault('256MiB')
    .describe(
      'Free space below which messages are no longer accepted; over MongoDB that of its primary, where the server tells it.',
    ),
  repeatsWindow: duration
    .prefault('30d')
    .describe('How long a repeated message (same sender, MSH-10, bytes) is recognised.'),
  tokenLife: duration.prefault('15m').describe('Life of an access token.'),
  retention: z
    .strictObject({
      age: duration
        .optional()
        .describe('Settled messages older than this are removed from the archive. Nothing: kept.'),
      bytes: size
        .optional()
        .describe(
          'Size of the messages of a tenant, counted as they arrived, above which the oldest settled ones are removed.',
        ),
    })
    .prefault({})
    .describe('How long the archive keeps messages that are settled.'),
  http: http.prefault({}).describe('FHIR and OAuth endpoints.'),
  admin: admin.prefault({}).describe('Admin API.'),
  health: health
    .optional()
    .describe(
      'Serves `/live`, `/ready` and `/metrics` (Prometheus) of a process, for those who watch over it. Nothing: only beside the admin API.',
    ),
  profiles: z
    .record(shortName, profile)
    .default({})
    .describe(
      'Named sets of settings of listeners and directories. `main` exists with the defaults when it is not stated.',
    ),
  listeners: z.array(listener).default([]).describe('Listeners of MLLP and HTTP.'),
  directories: z.array(directory).default([]).describe('Folders that are watched for files with messages.'),
  tenants: z.array(tenant).default([]).describe('Hospitals. Those stated here are read-only at run time.'),
  clients: z.array(client).default([]).describe('Applications. Those stated here are read-only at run time.'),
});

export type ConfigFile = z.output<typeof configSchema>;
export type ProfileConfig = z.output<typeof profile>;
export type ListenerConfig = z.output<typeof listener>;
export type DirectoryConfig = z.output<typeof directory>;

/** The profile that a listener gets when the file states none under its name. */
export function defaultProfile(): ProfileConfig {
  return profile.parse({});
}

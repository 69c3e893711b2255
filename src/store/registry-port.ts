import type { JsonObject } from '../core/json.js';

/** A tenant: one hospital. Its id is the GUID that a token's scope names, lower case. */
export interface TenantRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** `own`: served from our store. */
  readonly kind: 'own';
  /** Settings of the tenant as configuration states them (zone, authorities, visitAuthority …), validated there. */
  readonly settings: JsonObject;
  /** Sealed under the master key: the key of its ids and keyed hashes, and its data key for the archive. */
  readonly sealedIdKey: string;
  readonly sealedDataKey: string;
  /** Number of partitions, fixed when the tenant is made. */
  readonly partitions: number;
  /** Named by the configuration file, so read-only at run time. */
  readonly fromConfiguration: boolean;
}

export interface SecretRecord {
  readonly id: string;
  /** SHA-256 of the secret, base64url. The secret itself is shown once and kept nowhere. */
  readonly hash: string;
  readonly createdAt: number;
  /** Epoch ms; `null` for none. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export interface ClientRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Tenants that the client may ask a token for. */
  readonly tenants: readonly string[];
  /** SMART scopes it may be granted, and Wardline's own (`hl7:send`). */
  readonly scopes: readonly string[];
  readonly secrets: readonly SecretRecord[];
  /** Public keys for `private_key_jwt`, as a JWK set or its URL; `null` for none. */
  readonly jwks: JsonObject | null;
  /** Tokens of an older generation are refused; raised to revoke all at once. */
  readonly generation: number;
  readonly disabledAt: number | null;
  /** Named by the configuration file: what the file states of it is read-only at run time. */
  readonly fromConfiguration?: true;
}

export interface SigningKeyRecord {
  readonly kid: string;
  readonly algorithm: 'ES256' | 'EdDSA';
  readonly publicJwk: JsonObject;
  readonly sealedPrivateJwk: string;
  readonly createdAt: number;
  /** From when it signs; published before that. */
  readonly activeFrom: number;
  /** Until when tokens it signed are believed; `null`: in use. */
  readonly retiredAt: number | null;
}

/** A published, immutable mapping set. */
export interface MappingVersionRecord {
  readonly number: number;
  readonly hash: string;
  readonly publishedAt: number;
  readonly files: Readonly<Record<string, string>>;
}

/** A process of the installation, as it last said of itself. */
export interface ProcessRecord {
  /** The run that it opened; no other process has the same. */
  readonly run: number;
  readonly role: string;
  /** Name of its machine, and its number there. */
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Edition of the search values that it writes; absent from one that is older than editions. */
  readonly edition?: number;
  /** Epoch ms by its own clock. */
  readonly startedAt: number;
  /** False while it starts, stops, or has lost a part of itself. */
  readonly ready: boolean;
  readonly listeners: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly connections: number;
  }[];
  /** Its counts since it started, as its metrics have them. */
  readonly figures: JsonObject;
}

/** Everything that a process keeps a copy of. `generation` grows at every change. */
export interface RegistrySnapshot {
  readonly generation: number;
  readonly tenants: readonly TenantRecord[];
  readonly clients: readonly ClientRecord[];
  readonly signingKeys: readonly SigningKeyRecord[];
  readonly mappingVersion: number;
}

/** Tenants, clients, keys, mapping versions, process runs. Writes are durable when they resolve. */
export interface RegistryPort {
  /** Reads what every earlier resolved write of any process wrote (linearizable). */
  snapshot(): Promise<RegistrySnapshot>;
  /** Only the generation, for cheap polling. */
  generation(): Promise<number>;
  putTenant(tenant: TenantRecord): Promise<void>;
  /** Compare-and-set on the whole record; false when it was changed meanwhile. `before` null: must be new. */
  putClient(before: ClientRecord | null, after: ClientRecord): Promise<boolean>;
  deleteClient(id: string): Promise<boolean>;
  putSigningKey(key: SigningKeyRecord): Promise<void>;
  deleteSigningKey(kid: string): Promise<void>;
  /**
   * Publishes a set, which is live from then on: the one with the highest number. The files that are live keep their number;
   * those of an earlier version get a new one, as a higher number wins where a message is applied again.
   */
  publishMapping(hash: string, files: Readonly<Record<string, string>>, at: number): Promise<number>;
  mapping(number: number): Promise<MappingVersionRecord | undefined>;
  /** The newest published sets without their files, newest first. */
  mappings(limit: number): Promise<readonly Omit<MappingVersionRecord, 'files'>[]>;
  /** A new process run, numbered upwards from 1 over the whole installation. */
  openRun(at: number): Promise<number>;
  /** Small named values of the installation (format versions, demo tenant, sealed check of the master key). */
  setting(name: string): Promise<string | undefined>;
  putSetting(name: string, value: string): Promise<void>;
  /** Records that a `private_key_jwt` id was used, until `expires`; false when it was used before. */
  useOnce(id: string, expires: number): Promise<boolean>;
  /**
   * Gives what is to be done by one process at a time to `owner` for so many milliseconds, by the clock of the store; with 0 it
   * gives it back. True when nobody else has it: whoever has it asks again before the time is over.
   */
  lease(name: string, owner: string, milliseconds: number): Promise<boolean>;
  /** Notes that a process lives. */
  sayAlive(process: ProcessRecord): Promise<void>;
  /** Forgets a process that ends. */
  sayGone(run: number): Promise<void>;
  /** Processes in the order of their runs, with the milliseconds since each last said that it lives; after ten minutes it is forgotten. */
  processes(): Promise<readonly (ProcessRecord & { readonly silentFor: number })[]>;
  close(): Promise<void>;
}

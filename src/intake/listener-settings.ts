/** What every source of messages goes by: listeners and directories. The configuration makes it from them and their profile. */
export interface SourceSettings {
  /** Unique among all sources; stands in archive rows, logs and metrics. */
  readonly name: string;
  /** Longest message in bytes; of a listener: longest frame, without its block characters, or body. */
  readonly maxFrameBytes: number;
  /** The tenant of every message, or a table that chooses it. */
  readonly tenant: string | readonly SenderRule[];
  /** The acknowledgement mode of messages that do not ask for one by MSH-15 and MSH-16. */
  readonly ack: 'original' | 'enhanced';
  /** What a sender is told whose message could not be stored, in original mode; CE in enhanced mode unless `close`. */
  readonly unavailable: 'AR' | 'AE' | 'close';
  /** Character set of messages without MSH-18, by its name in HL7 table 0211. */
  readonly charset?: string;
  /** Processing ids (MSH-11.1) that are taken; others are rejected. Empty: all are. */
  readonly checkProcessingIds: readonly string[];
  /** Versions (MSH-12.1) that are taken; others are rejected. Empty: all are. */
  readonly checkVersions: readonly string[];
  /** IANA zone of local times without offset. */
  readonly zone?: string;
  /** Rank by message code (MSH-9.1), which changes the engine's own ranks. */
  readonly authority: Readonly<Record<string, number>>;
  /** Segments that this sender always sends whole, so that what is missing was taken back. */
  readonly snapshot: readonly string[];
}

/** Everything one listener goes by, validated. */
export interface ListenerSettings extends SourceSettings {
  /** Address to listen on, `127.0.0.1` or `::` for example. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly tls?: ListenerTls;
  /** Present on listeners of HTTP; the others are of MLLP. */
  readonly http?: HttpSettings;
  /** Addresses and CIDR ranges that may connect; empty: all may. */
  readonly allow: readonly string[];
  /** Connections at a time; one more is refused at once. */
  readonly maxConnections: number;
  /** Milliseconds that may pass between two reads within a frame. */
  readonly frameTimeout: number;
}

/** Paths of PEM files. They are read at start and again when they have changed; connections that stand keep their certificate. */
export interface ListenerTls {
  readonly key: string;
  readonly cert: string;
  /** Authorities that client certificates are checked against. */
  readonly ca?: string;
  /** Mutual TLS: a client without a certificate of `ca` is refused. */
  readonly requireClientCertificate: boolean;
}

/** What only listeners of HTTP go by. Their `tenant` is a single one. */
export interface HttpSettings {
  /** Addresses and ranges of proxies that end TLS in front of us; only their X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

/** Chooses a tenant by MSH-3 to MSH-6, first component, as sent. What is left out matches everything; the first rule that matches holds. */
export interface SenderRule {
  readonly tenant: string;
  readonly msh3?: string;
  readonly msh4?: string;
  readonly msh5?: string;
  readonly msh6?: string;
}

import type { AcknowledgementCode } from '../hl7/acknowledgement.js';

/** What intake counts, per listener: the rows of the framing and acknowledgement tables, by stable names. */
export const intakeCounts = [
  'connection-opened',
  'connection-closed',
  'connection-failed',
  'refused-limit',
  'refused-address',
  'refused-http',
  'refused-tls-on-plain',
  'refused-plain-on-tls',
  'refused-handshake',
  'frame-oversize',
  'frame-timeout',
  'frame-empty',
  'frame-irregular-end',
  'frame-truncated',
  'junk-blank',
  'junk-other',
  'message-archived',
  'message-repeated',
  'message-released',
  'message-rejected',
  'message-not-stored',
  'sender-unknown',
  'control-id-reused',
  'charset-fallback',
  'batch',
  'batch-count-wrong',
  'enqueue-failed',
  'application-acknowledgement-sent',
  'application-acknowledgement-undelivered',
] as const;

export type IntakeCount = (typeof intakeCounts)[number];

/** Where the figures go. Nothing of a message enters here. */
export interface IntakeCounters {
  count(name: IntakeCount, listener: string): void;
  /** An acknowledgement was handed to the connection, so many seconds after its message's last byte was read. */
  acknowledged(code: AcknowledgementCode, listener: string, seconds: number): void;
  /** Whether intake takes messages: false while too little disk is free. */
  accepting(value: boolean): void;
}

/** The part of a log that intake writes to. Fields are names, addresses, numbers and codes. */
export interface IntakeLog {
  info(fields: Readonly<Record<string, string | number>>, message: string): void;
  warn(fields: Readonly<Record<string, string | number>>, message: string): void;
}

import type { Metrics } from '../core/metrics.js';

/** The figures that intake keeps, all by listener. */
export type IntakeMetrics = Pick<
  Metrics,
  'received' | 'frameEvents' | 'acknowledged' | 'acknowledgement' | 'connections' | 'requests' | 'files'
>;

/** What became of a message at the door: `Metrics.received`. */
export type ReceivedOutcome =
  | 'archived'
  | 'repeat'
  | 'released-by-repeat'
  | 'truncated'
  | 'rejected'
  | 'unknown-sender'
  | 'not-stored'
  | 'not-enqueued';

/** The oddities of connections, frames and messages, each a row of the feed tables: `Metrics.frameEvents`. */
export type IntakeEvent =
  | 'not-allowed'
  | 'too-many-connections'
  | 'connection-failed'
  | 'http'
  | 'tls-on-plain'
  | 'plain-on-tls'
  | 'handshake-failed'
  | 'too-large'
  | 'timeout'
  | 'empty-frame'
  | 'irregular-end'
  | 'truncated'
  | 'junk-blank'
  | 'junk'
  | 'batch'
  | 'faulty-batch'
  | 'charset-fallback'
  | 'reused-control-id'
  | 'application-answer-sent'
  | 'application-answer-undelivered';

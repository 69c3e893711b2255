import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { encodeFrame, FrameDecoder, type FrameEvent } from '../hl7/frame-decoder.js';
import type { Acceptor, FrameOutcome, Origin } from './accept.js';
import type { ApplicationAcks } from './application-acks.js';
import type { IntakeEvent, IntakeMetrics } from './counts.js';
import type { ListenerSettings } from './listener-settings.js';

export interface ConnectionParts {
  readonly settings: ListenerSettings;
  readonly acceptor: Pick<Acceptor, 'message' | 'truncated'>;
  readonly applicationAcks: Pick<ApplicationAcks, 'closed'>;
  readonly metrics: IntakeMetrics;
  readonly log: Log;
  readonly clock: Clock;
}

/** A frame whose acknowledgement has not left; those behind it wait. */
interface UnderWay {
  readonly size: number;
  /** When its last byte was read, by the monotonic clock. */
  readonly since: number;
  outcome: Pick<FrameOutcome, 'reply' | 'codes' | 'close' | 'sent'> | undefined;
}

/** A sender may be so far ahead of its acknowledgements before its socket is no longer read. */
const mostFrames = 256;
const mostBytes = 4 * 1024 * 1024;
/** Milliseconds in which a peer can read the last acknowledgement after the connection has been ended from here. */
const linger = 1000;
/** Milliseconds of silence before the operating system asks whether the peer is still there. */
const keepAlive = 60_000;

const refusals = { oversize: 'too-large', http: 'http', tls: 'tls-on-plain' } as const;

/**
 * One MLLP connection: frames in, acknowledgements out in the order of the frames, though messages are made durable together and
 * apart.
 */
export class Connection implements Origin {
  readonly peer: string;
  /** Resolves when the socket is closed; a write to the archive may still be under way. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #decoder: FrameDecoder;
  readonly #underWay: UnderWay[] = [];
  /** How often each thing was seen; the first time goes to the log, the sums when the connection ends. */
  readonly #seen = new Map<IntakeEvent, number>();
  #bytesUnderWay = 0;
  /** Nothing more is read: the peer has finished, has broken the protocol, or the service stops. */
  #closing = false;
  #gone = false;
  /** Silence is limited now. */
  #watched = false;
  #resolveEnded: () => void = () => undefined;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.peer = socket.remoteAddress ?? '';
    this.#decoder = new FrameDecoder({ limit: parts.settings.maxFrameBytes });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAlive);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#endOfStream());
    socket.on('drain', () => this.#pace());
    socket.on('timeout', () => this.#timeout());
    socket.on('error', () => this.#note('connection-failed'));
    socket.on('close', () => this.#closed());
    parts.log.debug('connection opened', { listener: parts.settings.name, peer: this.peer });
  }

  /** True while an answer can still be sent. */
  get open(): boolean {
    return this.#socket.writable;
  }

  /**
   * Stops reading; what is under way is made durable and acknowledged, then the connection ends. A frame that is not whole yet
   * was not acknowledged and will be sent again.
   */
  stop(): void {
    this.#finish();
  }

  /** Ends at once, whatever is under way. */
  destroy(): void {
    this.#socket.destroy();
  }

  sendLater(answer: Buffer): void {
    const outcome: Pick<FrameOutcome, 'reply' | 'codes' | 'close'> = { reply: answer, codes: [], close: false };
    this.#underWay.push({ size: 0, since: 0, outcome });
    this.#flush();
  }

  #read(chunk: Buffer): void {
    if (this.#closing) return;
    for (const event of this.#decoder.push(chunk)) this.#take(event);
    this.#watch();
    this.#pace();
  }

  #take(event: FrameEvent): void {
    switch (event.kind) {
      case 'message':
        this.#start(event.bytes.length, this.#parts.acceptor.message(event.bytes, this));
        return;
      case 'truncated':
        this.#note('truncated');
        this.#start(event.bytes.length, this.#parts.acceptor.truncated(event.bytes, this));
        return;
      case 'empty':
        this.#note('empty-frame');
        return;
      case 'irregular-end':
        this.#note('irregular-end');
        return;
      case 'junk':
        this.#note(event.blank ? 'junk-blank' : 'junk');
        return;
      case 'violation':
        this.#note(refusals[event.violation]);
        this.#finish();
    }
  }

  #start(size: number, outcome: Promise<FrameOutcome>): void {
    const frame: UnderWay = { size, since: this.#parts.clock.monotonic(), outcome: undefined };
    this.#underWay.push(frame);
    this.#bytesUnderWay += size;
    outcome.then(
      (result) => {
        frame.outcome = result;
        this.#flush();
      },
      (error: unknown) => {
        // Whatever a frame provokes must not reach the other connections.
        const { settings, log } = this.#parts;
        log.error('a frame could not be taken', { listener: settings.name, peer: this.peer, error });
        this.destroy();
      },
    );
  }

  /** Sends what is due from the oldest frame on, up to the first that is not decided. */
  #flush(): void {
    const { settings, metrics, clock } = this.#parts;
    const several = this.#underWay[1]?.outcome !== undefined;
    if (several) this.#socket.cork();
    for (let first = this.#underWay[0]; first?.outcome !== undefined; first = this.#underWay[0]) {
      const { reply, codes, close, sent } = first.outcome;
      this.#underWay.shift();
      this.#bytesUnderWay -= first.size;
      if (reply !== undefined && this.#socket.writable) {
        this.#socket.write(encodeFrame(reply));
        const seconds = (clock.monotonic() - first.since) / 1000;
        for (const code of codes) {
          metrics.acknowledged.add({ listener: settings.name, code });
          metrics.acknowledgement.observe({ listener: settings.name }, seconds);
        }
      }
      sent?.();
      if (close) {
        // Frames behind this one get no answer either: their sender must not take the next answer for this one's.
        this.#closing = true;
        this.#underWay.length = 0;
        this.#bytesUnderWay = 0;
      }
    }
    if (several) this.#socket.uncork();
    if (this.#closing) this.#endWhenDone();
    else this.#pace();
  }

  /** Reads on only while the sender is not too far ahead and takes its acknowledgements. */
  #pace(): void {
    if (this.#closing) return;
    const tooMuch = this.#underWay.length >= mostFrames || this.#bytesUnderWay >= mostBytes;
    if (tooMuch || this.#socket.writableNeedDrain) this.#socket.pause();
    else if (this.#socket.isPaused()) {
      this.#socket.resume();
      this.#watch();
    }
  }

  /** Silence is limited inside a frame only. */
  #watch(): void {
    const inFrame = this.#decoder.inFrame && !this.#closing;
    if (!inFrame && !this.#watched) return;
    this.#watched = inFrame;
    this.#socket.setTimeout(inFrame ? this.#parts.settings.frameTimeout : 0);
  }

  #endOfStream(): void {
    if (this.#closing) return;
    for (const event of this.#decoder.end()) this.#take(event);
    this.#finish();
  }

  #timeout(): void {
    if (this.#closing || this.#socket.isPaused()) return;
    this.#note('timeout');
    this.#endOfStream();
  }

  #finish(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.setTimeout(0);
    this.#socket.pause();
    this.#endWhenDone();
  }

  /**
   * Ends the connection once every answer is written. What still arrives is read and thrown away for a moment, since closing a
   * socket with unread bytes resets it and can take the last acknowledgement with it.
   */
  #endWhenDone(): void {
    if (this.#underWay.length > 0 || this.#socket.writableEnded || this.#socket.destroyed) return;
    this.#socket.end();
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), linger);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** The socket is closed; a frame that it cut off is kept. Messages under way become durable, but nobody hears of it. */
  #closed(): void {
    if (!this.#closing) {
      this.#closing = true;
      for (const event of this.#decoder.end()) this.#take(event);
    }
    if (this.#gone) return;
    this.#gone = true;
    this.#parts.applicationAcks.closed(this);
    const from = { listener: this.#parts.settings.name, peer: this.peer };
    for (const [event, count] of this.#seen) {
      if (count > 1) this.#parts.log.warn('seen in all on a connection', { ...from, event, count });
    }
    this.#parts.log.debug('connection closed', from);
    this.#resolveEnded();
  }

  /** Counts, and logs what this connection does for the first time. */
  #note(event: IntakeEvent): void {
    const times = (this.#seen.get(event) ?? 0) + 1;
    this.#seen.set(event, times);
    const { settings, log, metrics } = this.#parts;
    metrics.frameEvents.add({ listener: settings.name, event });
    if (times === 1) log.warn('seen on a connection', { listener: settings.name, peer: this.peer, event });
  }
}

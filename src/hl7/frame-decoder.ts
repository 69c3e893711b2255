/** MLLP's block characters (HL7 Transport Specification: MLLP, release 1): VT, FS, CR. */
const vt = 0x0b;
const fs = 0x1c;
const cr = 0x0d;
const lf = 0x0a;
const none = Buffer.alloc(0);

/** What the decoder saw, in the order of the bytes. After a `violation` the connection is to be closed; nothing more is decoded. */
export type FrameEvent =
  /** A whole frame, without its block characters. The bytes are the receiver's own. */
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** A frame that was cut off by the next one, or by the end of the stream. Never to be processed. */
  | { readonly kind: 'truncated'; readonly bytes: Buffer; readonly by: 'next-frame' | 'end-of-stream' }
  /** A frame with nothing, or nothing but blanks, in it. */
  | { readonly kind: 'empty' }
  /** The FS of the frame before was followed by something other than CR: LF, another byte, or the end of the stream. */
  | { readonly kind: 'irregular-end'; readonly by: 'lf' | 'no-cr' }
  /** Bytes between frames that were dropped: only blanks (space, NUL, CR, LF, tab), or others among them. */
  | { readonly kind: 'junk'; readonly count: number; readonly blank: boolean }
  /** The peer breaks the protocol: a frame beyond the limit, or another protocol altogether. */
  | { readonly kind: 'violation'; readonly violation: 'oversize' | 'http' | 'tls' };

export interface FrameDecoderOptions {
  /** Longest frame accepted, in bytes without block characters. */
  readonly limit: number;
}

/**
 * Cuts a byte stream into MLLP frames. Does no I/O and keeps at most one unfinished frame; every byte is looked at once, and the
 * events do not depend on how the stream was cut into chunks. Chunks may be reused by the caller after `push`.
 */
export class FrameDecoder {
  readonly #limit: number;
  #state: 'between' | 'in-frame' | 'after-frame' | 'closed' = 'between';
  /** The unfinished frame: its first `#held` bytes. */
  #frame: Buffer = none;
  #held = 0;
  #junk = 0;
  #junkIsBlank = true;
  /** The first bytes of the stream, until they can no longer be another protocol's greeting. */
  #greeting: number[] | undefined = [];

  constructor(options: FrameDecoderOptions) {
    this.#limit = options.limit;
  }

  /** True between a frame's VT and its FS: when a read timeout is to run. */
  get inFrame(): boolean {
    return this.#state === 'in-frame';
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Uint8Array): FrameEvent[] {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const events: FrameEvent[] = [];
    let at = 0;
    let nextFs = -2;
    let nextVt = -2;
    while (at < bytes.length && this.#state !== 'closed') {
      if (this.#state === 'in-frame') {
        if (nextFs !== -1 && nextFs < at) nextFs = bytes.indexOf(fs, at);
        if (nextVt !== -1 && nextVt < at) nextVt = bytes.indexOf(vt, at);
        let stop = nextFs === -1 ? bytes.length : nextFs;
        if (nextVt !== -1 && nextVt < stop) stop = nextVt;
        if (!this.#hold(bytes, at, stop)) {
          this.#violate('oversize', events);
        } else if (stop < bytes.length) {
          this.#finish(stop === nextFs ? 'whole' : 'next-frame', events);
        }
        at = stop + 1;
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (this.#state === 'after-frame') {
        this.#state = 'between';
        if (byte !== cr) events.push({ kind: 'irregular-end', by: byte === lf ? 'lf' : 'no-cr' });
        if (byte === cr || byte === lf) {
          at++;
          continue;
        }
      }
      if (byte === vt) {
        this.#reportJunk(events);
        this.#greeting = undefined;
        this.#state = 'in-frame';
      } else {
        this.#drop(byte, events);
      }
      at++;
    }
    return events;
  }

  /** The stream has ended. What is unfinished is reported as truncated; further calls give nothing. */
  end(): FrameEvent[] {
    const events: FrameEvent[] = [];
    if (this.#state === 'in-frame') this.#finish('end-of-stream', events);
    else if (this.#state === 'after-frame') events.push({ kind: 'irregular-end', by: 'no-cr' });
    else if (this.#state === 'between') this.#reportJunk(events);
    this.#state = 'closed';
    return events;
  }

  /** Keeps bytes of the unfinished frame, in storage that doubles; false when they are too many. */
  #hold(bytes: Buffer, start: number, end: number): boolean {
    const length = this.#held + end - start;
    if (length > this.#limit) return false;
    if (length > this.#frame.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, Math.min(this.#frame.length * 2, this.#limit)));
      this.#frame.copy(larger, 0, 0, this.#held);
      this.#frame = larger;
    }
    bytes.copy(this.#frame, this.#held, start, end);
    this.#held = length;
    return true;
  }

  #finish(end: 'whole' | 'next-frame' | 'end-of-stream', events: FrameEvent[]): void {
    const bytes = this.#held === this.#frame.length ? this.#frame : this.#frame.subarray(0, this.#held);
    this.#frame = none;
    this.#held = 0;
    if (bytes.every(isBlank)) events.push({ kind: 'empty' });
    else if (end === 'whole') events.push({ kind: 'message', bytes });
    else events.push({ kind: 'truncated', bytes, by: end });
    if (end === 'whole') this.#state = 'after-frame';
  }

  #drop(byte: number, events: FrameEvent[]): void {
    this.#junk++;
    this.#junkIsBlank &&= isBlank(byte);
    if (this.#greeting === undefined) return;
    this.#greeting.push(byte);
    const protocol = protocolOf(this.#greeting);
    if (protocol !== undefined) this.#violate(protocol, events);
    else if (this.#greeting.length === longestGreeting) this.#greeting = undefined;
  }

  #reportJunk(events: FrameEvent[]): void {
    if (this.#junk > 0) events.push({ kind: 'junk', count: this.#junk, blank: this.#junkIsBlank });
    this.#junk = 0;
    this.#junkIsBlank = true;
  }

  #violate(violation: 'oversize' | 'http' | 'tls', events: FrameEvent[]): void {
    events.push({ kind: 'violation', violation });
    this.#state = 'closed';
    this.#frame = none;
    this.#held = 0;
  }
}

/** Puts a message into a frame. */
export function encodeFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 3);
  frame[0] = vt;
  frame.set(message, 1);
  frame[message.length + 1] = fs;
  frame[message.length + 2] = cr;
  return frame;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === cr || byte === lf || byte === 0x09 || byte === 0;
}

const httpGreetings = [
  'GET ',
  'HEAD ',
  'POST ',
  'PUT ',
  'PATCH ',
  'DELETE ',
  'OPTIONS ',
  'CONNECT ',
  'TRACE ',
  'PRI * ',
];
const longestGreeting = Math.max(...httpGreetings.map((greeting) => greeting.length));

/** Another protocol by its first bytes: an HTTP request line, or a TLS handshake record (RFC 8446, 5.1). */
function protocolOf(greeting: readonly number[]): 'http' | 'tls' | undefined {
  const [type, major, minor] = greeting;
  if (type === 0x16 && major === 0x03 && minor !== undefined && minor <= 4) return 'tls';
  return httpGreetings.includes(String.fromCharCode(...greeting)) ? 'http' : undefined;
}

/**
 * Thread entry: a sender of MLLP messages, apart from the servers that it measures. Each message has a control id of its own
 * and is made by writing that into a copy of a template, so that sending costs little and the same for every server.
 */
import { connect } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** One measurement: so many connections keep so many messages unacknowledged for so long. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly underWay: number;
  readonly seconds: number;
  /**
   * Messages a second of all connections together, at even distances, each connection waiting for its answers; as many as
   * there are answers to otherwise.
   */
  readonly rate?: number;
}

export interface Sent {
  readonly perSecond: number;
  /** Milliseconds from a message to its acknowledgement, ascending; from when it was due, where a rate was asked for. */
  readonly took: readonly number[];
}

const digits = 10;
const body = [
  'EVN|A08|20260301101500|||USER^Name^Of',
  'PID|1||A100^^^NORTH&1.2.3&ISO^MR~B200^^^SSA^SS||Berg^Anna^Maria^^Dr.||19700102|F|||Weg 1^^Bonn^^53111^DE||+49 228 1^PRN^PH',
  'NK1|1|Berg^Otto|SPO|Weg 1^^Bonn^^53111^DE|+49 228 2',
  'PV1|1|I|W1^101^A^NORTH||||D1^House^Greg^^^^MD|||MED||||1|||D1^House^Greg|IN|V1^^^NORTH',
].join('\r');
const before = '\x0bMSH|^~\\&|HIS|NORTH|WARDLINE|X|20260301101500||ADT^A08^ADT_A01|B';
const template = Buffer.from(`${before}${'0'.repeat(digits)}|P|2.5.1\r${body}\r\x1c\r`);
const endBlock = 0x1c;
let sent = 0;

/** A different message each time. */
function nextMessage(): Buffer {
  const message = Buffer.from(template);
  let rest = ++sent;
  for (let at = before.length + digits - 1; rest > 0; at--, rest = Math.floor(rest / 10))
    message[at] = 0x30 + (rest % 10);
  return message;
}

/** Sends until the time is up and all is acknowledged; resolves the milliseconds of each. */
function send(port: number, underWay: number, until: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const starts: number[] = [];
    const took: number[] = [];
    const next = (): void => {
      starts.push(performance.now());
      socket.write(nextMessage());
    };
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server ended a connection')));
    socket.on('connect', () => {
      for (let n = 0; n < underWay; n++) next();
    });
    let heard = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
      const now = performance.now();
      for (let end = heard.indexOf(endBlock); end !== -1; end = heard.indexOf(endBlock)) {
        if (!heard.subarray(0, end).includes('MSA|AA|')) return reject(new Error('not acknowledged'));
        heard = heard.subarray(Math.min(end + 2, heard.length));
        took.push(now - (starts.shift() ?? now));
        if (now < until) next();
      }
      if (starts.length === 0) socket.end(() => resolve(took));
    });
  });
}

/** Sends a message every so many milliseconds, each when the one before is acknowledged; resolves the milliseconds of each since it was due. */
function sendAt(port: number, first: number, distance: number, until: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const took: number[] = [];
    let due = first;
    const next = (): void => {
      if (due >= until) socket.end(() => resolve(took));
      else setTimeout(() => socket.write(nextMessage()), Math.max(0, due - performance.now()));
    };
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server ended a connection')));
    socket.on('connect', next);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (!heard.endsWith('\x1c\r')) return;
      if (!heard.includes('MSA|AA|')) return reject(new Error('not acknowledged'));
      heard = '';
      took.push(performance.now() - due);
      due += distance;
      next();
    });
  });
}

async function measure({ port, connections, underWay, seconds, rate }: Load): Promise<Sent> {
  const begin = performance.now();
  const until = begin + seconds * 1000;
  const each = Array.from({ length: connections }, (_, at) =>
    rate === undefined
      ? send(port, underWay, until)
      : sendAt(port, begin + (at * 1000) / rate, (connections * 1000) / rate, until),
  );
  const took = (await Promise.all(each)).flat().sort((a, b) => a - b);
  return { perSecond: (took.length * 1000) / (performance.now() - begin), took };
}

parentPort?.on('message', (load: Load) => {
  measure(load).then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      throw error;
    },
  );
});

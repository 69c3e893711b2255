/**
 * Sends messages over MLLP from a thread of its own and tells how many a second are acknowledged: by intake over the embedded
 * archive, with fsync and without, by a listener of ours that acknowledges without storing, and by @medplum/hl7 doing the
 * same: the reference. Senders wait for each acknowledgement, or keep 50 under way.
 * `node dist/bench/intake.js [--seconds N] [--quick] [--json FILE]`
 */
import { type AddressInfo, createServer } from 'node:net';
import { Hl7Server } from '@medplum/hl7';
import { buildAcknowledgement } from '../src/hl7/acknowledgement.js';
import { encodeFrame, FrameDecoder } from '../src/hl7/frame-decoder.js';
import { readRawHeader } from '../src/hl7/raw-header.js';
import { median, openBench, quantile } from './support/figures.js';
import { embeddedIntake, type Running } from './support/intake-listener.js';
import { openSender } from './support/sender.js';

const bench = openBench(4);
const rounds = 6;
const cases = [
  { connections: 1, underWay: 1 },
  { connections: 20, underWay: 1 },
  { connections: 1, underWay: 50 },
  { connections: 20, underWay: 50 },
];

/** Acknowledges every frame at once and keeps nothing. */
async function forgetful(): Promise<Running> {
  const server = createServer((socket) => {
    const decoder = new FrameDecoder({ limit: 1 << 24 });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      for (const event of decoder.push(chunk)) {
        if (event.kind !== 'message') continue;
        const header = readRawHeader(event.bytes);
        const time = '20260301101500+0000';
        socket.write(encodeFrame(buildAcknowledgement({ header, code: 'AA', controlId: '1', time })));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** @medplum/hl7's server, which parses each message; it acknowledges and keeps nothing. */
async function medplum(): Promise<Running> {
  const server = new Hl7Server((connection) => {
    connection.socket.setNoDelay(true);
    connection.addEventListener('message', ({ message }) => connection.send(message.buildAck()));
  });
  await server.start(0);
  return {
    port: (server.server?.address() as AddressInfo | undefined)?.port ?? 0,
    stop: () => server.stop({ forceDrainTimeoutMs: 100 }),
  };
}

const sender = openSender();

const kinds: readonly (readonly [name: string, start: () => Promise<Running>])[] = [
  ['a listener that keeps nothing', forgetful],
  ['@medplum/hl7', medplum],
  ['intake without fsync', () => embeddedIntake('none')],
  ['intake with fsync', () => embeddedIntake('fsync')],
];

for (const { connections, underWay } of cases) {
  const running = await Promise.all(kinds.map(async ([name, start]) => ({ name, server: await start() })));
  const rates = new Map<string, number[]>();
  const waits = new Map<string, number[]>();
  // in slices by turns, so that what else the machine does meets all of them; the first round warms up
  for (let round = 0; round <= rounds; round++) {
    for (const { name, server } of running) {
      const seconds = bench.seconds / rounds;
      const { perSecond, took } = await sender.send({ port: server.port, connections, underWay, seconds });
      if (round === 0) continue;
      rates.set(name, [...(rates.get(name) ?? []), perSecond]);
      waits.set(name, (waits.get(name) ?? []).concat(took));
    }
  }
  for (const { server } of running) await server.stop();
  const rateOf = (name: string): number => median(rates.get(name) ?? []);
  for (const { name } of running) {
    const where = `${connections} × ${underWay}, ${name}`;
    const decides = name === 'intake with fsync' && connections === 20 && underWay === 1;
    bench.add({
      ...{ name: where, value: rateOf(name), unit: '/s' },
      ...(name === '@medplum/hl7' ? {} : { reference: { name: '@medplum/hl7', value: rateOf('@medplum/hl7') } }),
      ...(decides ? { goal: { of: 'ratio', atLeast: 1 } } : {}),
    });
    const sorted = (waits.get(name) ?? []).sort((x, y) => x - y);
    bench.add({ name: `${where}, p99`, value: quantile(sorted, 0.99), unit: 'ms' });
  }
}
await sender.end();
bench.finish();

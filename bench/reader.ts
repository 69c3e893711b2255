/**
 * Reads the same values of the same messages with our reader and with node-hl7-client's, and prints the ratio.
 * `node dist/bench/reader.js [seconds per case]`
 */
import { Message } from 'node-hl7-client';
import { isParseFault, parseMessage } from '../src/hl7/message.js';

const seconds = Number(process.argv[2] ?? 1);

const header = 'MSH|^~\\&|HIS|NORTH|WARDLINE|X|20260301101500||ADT^A01^ADT_A01|4711|P|2.5.1';
const patient =
  'PID|1||A100^^^NORTH&1.2.3&ISO^MR~B200^^^SSA^SS||Berg^Anna^Maria^^Dr.||19700102|F|||Weg 1^^Bonn^^53111^DE||+49 228 1^PRN^PH~a@b.example^NET^Internet||de|M||ACC1^^^NORTH|';
const admission = [
  header,
  'EVN|A01|20260301101500|||USER^Name^Of',
  patient,
  'NK1|1|Berg^Otto|SPO|Weg 1^^Bonn^^53111^DE|+49 228 2',
  'PV1|1|I|W1^101^A^NORTH||||D1^House^Greg^^^^MD|||MED||||1|||D1^House^Greg|IN|V1^^^NORTH|||||||||||||||||||||||||20260301101500',
].join('\r');
const results = [
  header,
  patient,
  'OBR|1|P1|F1|1234-5^Panel^LN|||20260301100000',
  ...Array.from(
    { length: 31 },
    (_, n) => `OBX|${n + 1}|NM|${1000 + n}-1^Analyte ${n}^LN||${n}.5|mmol/L|1-9|N|||F|||20260301100000`,
  ),
].join('\r');

interface Place {
  readonly field: number;
  readonly component: number;
  readonly path: string;
}

/** The values that a mapping of these messages reads: about forty of the admission, eight of each result. */
const places = new Map(
  Object.entries({
    MSH: '9.1 9.2 10.1 12.1',
    EVN: '2.1 5.1',
    PID: '3.1 3.5 5.1 5.2 5.3 5.5 7.1 8.1 11.1 11.3 11.5 11.6 13.1 13.2 15.1 16.1 18.1 18.4',
    NK1: '2.1 2.2 3.1 4.1 4.3',
    PV1: '2.1 3.1 3.2 3.3 3.4 7.1 7.2 7.3 10.1 17.1 19.1 19.4 44.1',
    OBR: '3.1 4.1 4.2 7.1',
    OBX: '2.1 3.1 3.2 3.3 5.1 6.1 11.1 14.1',
  }).map(([segment, paths]): [string, Place[]] => [
    segment,
    paths.split(' ').map((path) => {
      const [field, component] = path.split('.').map(Number);
      return { field: field ?? 0, component: component ?? 0, path };
    }),
  ]),
);

function ours(text: string): number {
  const message = parseMessage(text);
  if (isParseFault(message)) throw new Error(message.detail);
  let length = 0;
  for (const segment of message.segments) {
    for (const { field, component } of places.get(segment.name) ?? []) {
      length += segment.value(field, 1, component).length;
    }
  }
  return length;
}

function theirs(text: string): number {
  const message = new Message({ text });
  let length = 0;
  for (const [name, wanted] of places) {
    const segments = message.get(name);
    if (segments.isEmpty()) continue;
    segments.forEach((segment) => {
      for (const { path } of wanted) length += segment.get(path).toString().length;
    });
  }
  return length;
}

function microseconds(work: () => number): number {
  for (let n = 0; n < 2_000; n++) work();
  const begin = process.hrtime.bigint();
  const end = begin + BigInt(Math.round(seconds * 1e9));
  let runs = 0;
  let now = begin;
  while (now < end) {
    for (let n = 0; n < 100; n++) work();
    runs += 100;
    now = process.hrtime.bigint();
  }
  return Number(now - begin) / runs / 1000;
}

for (const [name, text] of [
  ['ADT of 5 segments', admission],
  ['ORU of 34 segments', results],
] as const) {
  if (ours(text) !== theirs(text)) throw new Error(`${name}: the readers read different values`);
  const mine = microseconds(() => ours(text));
  const other = microseconds(() => theirs(text));
  console.log(
    `${name}: ${mine.toFixed(2)} µs, node-hl7-client ${other.toFixed(2)} µs, ratio ${(mine / other).toFixed(2)}`,
  );
}

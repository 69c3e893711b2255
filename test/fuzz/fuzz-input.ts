/** Inputs of the fuzzer: each a function of its number alone, so that a failing one can be made again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from '../support/needs.js';
import { Random } from '../support/random.js';
import { randomMessage } from './random-message.js';

/** What one number gives: a message and how it travels. */
export interface FuzzInput {
  readonly seed: number;
  /** `generated`, or the file that was mutated. */
  readonly from: string;
  readonly message: Buffer;
  /** The message in its frame, with what may stand around it. */
  readonly stream: Buffer;
  /** True where the frame's content must come out of the decoder as it went in. */
  readonly whole: boolean;
  /** Where the stream is cut into chunks. */
  readonly cuts: readonly number[];
}

interface Seedling {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Our samples, and the corpus where it is. Long ones are left to the tests that send them whole. */
const seedlings: readonly Seedling[] = ['samples', join(corpusFolder, 'messages')].flatMap((folder) =>
  !existsSync(folder)
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith('.hl7'))
        .sort()
        .map((name) => ({ name, bytes: inSegments(readFileSync(join(folder, name))) }))
        .filter(({ bytes }) => bytes.length < 12_000),
);

function inSegments(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r'), 'latin1');
}

export function fuzzInput(seed: number): FuzzInput {
  const random = new Random(seed);
  const generated = seedlings.length === 0 || random.chance(0.6);
  const seedling = generated ? undefined : random.pick(seedlings);
  const original = seedling?.bytes ?? randomMessage(random);
  const changes = random.chance(0.15) ? 0 : 1 + random.below(6);
  const message = mutated(random, original, changes);
  const clean = !message.includes(0x0b) && !message.includes(0x1c) && message.some((byte) => byte > 0x20);
  const stream = Buffer.concat([
    random.chance(0.1) ? Buffer.from(random.pick(['\r', '\n', '  ', 'noise', '\x1c\r', '\0'])) : Buffer.alloc(0),
    Buffer.from([0x0b]),
    message,
    Buffer.from(random.chance(0.95) ? '\x1c\r' : random.pick(['\x1c', '\x1c\n', '\r', '', '\x0b'])),
  ]);
  const cuts = Array.from({ length: random.below(4) }, () => random.below(stream.length + 1)).sort((a, b) => a - b);
  return {
    seed,
    from: seedling?.name ?? 'generated',
    message,
    stream,
    whole: clean && stream.subarray(-2).equals(Buffer.from('\x1c\r')) && stream[0] === 0x0b,
    cuts,
  };
}

const pieces = [
  ...[
    '|',
    '^',
    '~',
    '&',
    '\\',
    '\r',
    '\n',
    '""',
    '|""|',
    '|^^^|',
    '~~',
    '\\F\\',
    '\\X41\\',
    '\\X4',
    '\\.br\\',
    '\\C2842\\',
  ],
  ...[
    '\rOBX|',
    '\rPID|',
    '\rMSH|^~\\&|',
    '\rZZZ|1',
    '\rNTE|1||x',
    '\rBTS|1',
    '<5',
    '>=1:64',
    '\0',
    '\x0b',
    '\x1c',
    '\x7f',
  ],
  ...[
    '\ud800',
    '\u00e4',
    '\u{1f600}',
    '__proto__',
    'constructor',
    'toString',
    'NaN',
    '1e999',
    '-0',
    '20261301',
    '99991231235959',
  ],
  ...[
    '2026032902300',
    '20260329023000',
    '19000101+9999',
    `${'9'.repeat(400)}`,
    '|'.repeat(80),
    '^'.repeat(40),
    'A'.repeat(3000),
  ],
].map((piece) => Buffer.from(piece, 'utf8'));

/** Bytes cut out, doubled, exchanged, put in; segments moved; delimiters changed. */
function mutated(random: Random, bytes: Buffer, changes: number): Buffer {
  let result = bytes;
  for (let change = 0; change < changes; change++) {
    const at = random.below(result.length + 1);
    const end = Math.min(result.length, at + random.below(random.chance(0.1) ? 400 : 12));
    const [before, within, after] = [result.subarray(0, at), result.subarray(at, end), result.subarray(end)];
    switch (random.below(7)) {
      case 0:
        result = Buffer.concat([before, after]);
        break;
      case 1:
        result = Buffer.concat([before, within, within, after]);
        break;
      case 2:
        result = Buffer.concat([before, random.pick(pieces), after]);
        break;
      case 3:
        result = Buffer.concat([before, random.pick(pieces), within, after]);
        break;
      case 4:
        result = Buffer.concat([before, Buffer.from([random.below(256)]), after]);
        break;
      case 5:
        result = Buffer.from(shuffled(random, result.toString('latin1').split('\r')).join('\r'), 'latin1');
        break;
      default: {
        const lines = result.toString('latin1').split('\r');
        const line = random.pick(lines);
        lines.splice(random.chance(0.95) ? 1 + random.below(lines.length) : 0, random.below(2), line);
        result = Buffer.from(lines.join('\r'), 'latin1');
      }
    }
  }
  return result.length > 40_000 ? result.subarray(0, 40_000) : result;
}

/** The header stays in front, mostly. */
function shuffled(random: Random, lines: readonly string[]): string[] {
  if (random.chance(0.05)) return random.shuffle(lines);
  const [header = '', ...rest] = lines;
  return [header, ...random.shuffle(rest)];
}

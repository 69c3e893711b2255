/**
 * One thread, warm: from the bytes of a message to FHIR R4 resources as JSON text, and in memory, for each message of the
 * corpus that has a map and for all of them in order, or of `samples/` where the corpus is not. Beside the text this run's
 * node-hl7-client reading every valued component of the same message, and beside the resources in memory the same thread
 * writing them as JSON, so that machines can be compared; for some messages figures of other converters that were measured
 * on a machine of the same kind, with what is aimed at.
 * Before it measures it converts all messages for forty times as long as one case takes, so that the rules are warm as in a server.
 * `node dist/bench/transform.js [--seconds N] [--quick] [--json FILE]`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Message } from 'node-hl7-client';
import { compileFolders } from '../src/cli/mapping-folders.js';
import { convertMessages } from '../src/engine/convert.js';
import { leaves } from '../src/hl7/leaves.js';
import { isParseFault, parseMessage } from '../src/hl7/message.js';
import { corpusFolder } from '../test/support/needs.js';
import { shareCarried } from '../test/support/share-carried.js';
import { median, openBench } from './support/figures.js';

const bench = openBench(0.5);
const { seconds } = bench;

/**
 * Messages a second, one thread, warm: the template-based converter that the corpus comes from as it ships, the same with
 * its worst flaw mended, and the best-known Java converter; 0 where none was measured. Aimed at: 200, 50 and 30 times these.
 */
const references: Readonly<Record<string, readonly [shipped: number, mended: number, java: number]>> = {
  'ADT-A01-02': [19, 62, 127],
  'ADT-A01-01': [2, 16, 42],
  'LAB-ORU-1': [12, 38, 51],
  'LRI_2.0-NG_CBC_Typ_Message': [0.5, 9, 18],
  'ORM-O01-01': [10, 47, 59],
  VXU: [0, 0, 100],
};
const factors = [200, 50, 30] as const;

interface Row {
  readonly name: string;
  readonly perSecond: number;
  /** The same without writing JSON. */
  readonly inMemory: number;
  /** How often a second JSON.stringify writes the result. */
  readonly written: number;
  /** Messages a second that node-hl7-client reads; undefined where it cannot. */
  readonly reader: number | undefined;
  /** Share of the valued components of two characters or more that stand in the output. */
  readonly carried: number;
  /** Messages a second that are aimed at; undefined where nothing was measured elsewhere. */
  readonly goal: number | undefined;
}

const { mapping } = compileFolders(['mappings']);
if (mapping === undefined) throw new Error('the mapping does not compile; see `wardline mapping check`');
const compiled = mapping;
const convert = (bytes: Buffer) =>
  convertMessages(compiled, bytes, { version: 'R4', trace: false, tenant: { zone: 'UTC' } });
const transform = (bytes: Buffer): string => JSON.stringify(convert(bytes).map(({ bundle }) => bundle));

/** undefined: node-hl7-client takes no message that speaks of MSH within a field. */
function readable(text: string): Message | undefined {
  try {
    return new Message({ text });
  } catch {
    return undefined;
  }
}

/** Reads these paths with node-hl7-client; what it cannot read counts as nothing. */
function read(text: string, paths: readonly string[]): number {
  const message = readable(text);
  let length = 0;
  if (message === undefined) return length;
  for (const path of paths) {
    const [name = '', rest = ''] = path.split('-');
    const segments = message.get(name);
    if (segments.isEmpty()) continue;
    segments.forEach((segment) => {
      length += segment.get(rest).toString().length;
    });
  }
  return length;
}

/** Runs a second, after half the time as a warm-up. */
function rateOf(work: () => unknown, within = seconds): number {
  for (const until = performance.now() + within * 500; performance.now() < until; ) work();
  const begin = performance.now();
  let runs = 0;
  while (performance.now() - begin < within * 1000) {
    work();
    runs++;
  }
  return (runs * 1000) / (performance.now() - begin);
}

function measure(name: string, bytes: Buffer): Row | undefined {
  const message = parseMessage(bytes.toString('utf8'));
  const [converted] = convert(bytes);
  if (isParseFault(message) || converted?.outcome !== 'mapped') return undefined;
  const paths = new Set<string>();
  for (const { segment, field, component } of leaves(message)) {
    if (segment.name !== 'MSH') paths.add(`${segment.name}-${field}.${Math.max(1, component)}`);
  }
  const perSecond = rateOf(() => transform(bytes));
  const inMemory = rateOf(() => convert(bytes));
  const written = rateOf(() => JSON.stringify([converted.bundle]));
  const reader = readable(message.text) === undefined ? undefined : rateOf(() => read(message.text, [...paths]));
  const share = shareCarried(message, converted.bundle);
  const goals = (references[name] ?? []).map((figure, at) => figure * (factors[at] ?? 0));
  return {
    name,
    perSecond,
    inMemory,
    written,
    reader,
    carried: share.valued === 0 ? 1 : share.carried / share.valued,
    goal: goals.length === 0 ? undefined : Math.max(...goals),
  };
}

const folder = existsSync(corpusFolder) ? join(corpusFolder, 'messages') : 'samples';
const messages = readdirSync(folder)
  .filter((file) => file.endsWith('.hl7'))
  .sort()
  .map((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
      .replace(/^\uFEFF/, '')
      .trim();
    return { file, bytes: Buffer.from(text.replace(/\r?\n/g, '\r')) };
  });
// warm as a server is: V8 compiles a rule after some thousand runs
for (const until = performance.now() + seconds * 40_000; performance.now() < until; ) {
  for (const { bytes } of messages) transform(bytes);
}
const rows: Row[] = [];
const inOrder: Buffer[] = [];
for (const { file, bytes } of messages) {
  const row = measure(file.slice(0, -'.hl7'.length), bytes);
  if (row === undefined) continue;
  rows.push(row);
  inOrder.push(bytes);
  bench.add({
    ...{ name: row.name, value: row.perSecond, unit: '/s' },
    ...(row.reader === undefined ? {} : { reference: { name: 'node-hl7-client, reading alone', value: row.reader } }),
    ...(row.goal === undefined ? {} : { goal: { of: 'value', atLeast: row.goal } }),
  });
  bench.add({
    ...{ name: `${row.name}, in memory`, value: row.inMemory, unit: '/s' },
    reference: { name: 'JSON.stringify of the result', value: row.written },
  });
  bench.add({ name: `${row.name}, carried`, value: 100 * row.carried, unit: '%' });
}
const together = rateOf(() => inOrder.map(transform).length, seconds * 4) * inOrder.length;
bench.add({ name: `all ${rows.length} in order`, value: together, unit: '/s' });
const held = rateOf(() => inOrder.map(convert).length, seconds * 4) * inOrder.length;
bench.add({ name: `all ${rows.length} in order, in memory`, value: held, unit: '/s' });
const carried = 100 * median(rows.map((row) => row.carried));
bench.add({ name: 'carried, median', value: carried, unit: '%', goal: { of: 'value', atLeast: 95 } });
bench.finish();

/**
 * Reads the same values of the same messages with our reader and with node-hl7-client's, parsing included. What is read is
 * every component that rules of the mapping read or test in the message's segments, data type maps followed; the list comes
 * from the rules themselves. `node dist/bench/reader.js [--seconds N] [--quick] [--json FILE]`
 */
import { readFileSync } from 'node:fs';
import { Message } from 'node-hl7-client';
import { mappingOf } from '../src/cli/mapping-folders.js';
import { definedSegment, definedType } from '../src/hl7/definitions.js';
import { type Hl7Message, isParseFault, parseMessage } from '../src/hl7/message.js';
import type { CompiledSet } from '../src/mapping/compile.js';
import { pathsOfCondition, stepsOf } from '../src/mapping/rule-steps.js';
import { parseSourcePath, type SourcePath } from '../src/mapping/source-path.js';
import { median, openBench } from './support/figures.js';

interface Place {
  readonly field: number;
  readonly component: number;
  /** `5.1`, as node-hl7-client names it. */
  readonly path: string;
}

/** By segment name. */
type Places = ReadonlyMap<string, readonly Place[]>;

const bench = openBench(4);
const rounds = 10;
const rules = fieldsOfRules(mappingOf(['mappings']).common);

/** Components of each field that rules read or test, by segment; 0 stands for all that the field has. */
function fieldsOfRules(set: CompiledSet): Map<string, Map<number, Set<number>>> {
  const steps = [...set.rules, ...set.statements].flatMap(stepsOf);
  const ofMaps = new Map<string, number[]>();
  for (const { rule, from } of steps) {
    const map = /^[A-Z0-9_]+\[[^\]]+\]/.exec(rule.name)?.[0] ?? '';
    const parts = from.map(parseSourcePath).flatMap((path) => (path?.kind === 'part' ? [path.component ?? 0] : []));
    ofMaps.set(map, [...(ofMaps.get(map) ?? []), ...parts]);
  }
  const fields = new Map<string, Map<number, Set<number>>>();
  const note = (path: SourcePath | undefined, through: readonly number[]): void => {
    if (path?.kind !== 'segment' || path.field === undefined) return;
    const ofSegment = fields.get(path.segment) ?? new Map<number, Set<number>>();
    fields.set(path.segment, ofSegment);
    const known = ofSegment.get(path.field) ?? [];
    ofSegment.set(path.field, new Set([...known, ...(path.component === undefined ? through : [path.component])]));
  };
  for (const { from, conditions, via } of steps) {
    for (const text of from) note(parseSourcePath(text), via === undefined ? [1] : (ofMaps.get(via) ?? [0]));
    for (const path of conditions.flatMap(pathsOfCondition)) note(path, [1]);
  }
  return fields;
}

function placesOf(message: Hl7Message): Places {
  const places = new Map<string, Place[]>();
  for (const name of new Set(message.segments.map((segment) => segment.name))) {
    const found: Place[] = [];
    for (const [field, components] of [...(rules.get(name) ?? [])].sort(([a], [b]) => a - b)) {
      // node-hl7-client answers no question about the delimiters
      if (name === 'MSH' && field < 3) continue;
      const types = definedSegment(name)?.parts[field - 1]?.types ?? [];
      const parts = Math.max(1, ...types.map((type) => definedType(type)?.parts.length ?? 1));
      for (let component = 1; component <= parts; component++) {
        if (components.has(component) || components.has(0)) {
          found.push({ field, component, path: `${field}.${component}` });
        }
      }
    }
    places.set(name, found);
  }
  return places;
}

function parsed(text: string): Hl7Message {
  const message = parseMessage(text);
  if (isParseFault(message)) throw new Error(message.detail);
  return message;
}

/** Reads all places; `heard` gets each value, with where it was. Gives how many characters there were. */
function ours(text: string, places: Places, heard?: (place: string, value: string) => void): number {
  let length = 0;
  for (const segment of parsed(text).segments) {
    for (const { field, component, path } of places.get(segment.name) ?? []) {
      const value = segment.value(field, 1, component);
      length += value.length;
      heard?.(`${segment.name}-${path}`, value);
    }
  }
  return length;
}

function theirs(text: string, places: Places, heard?: (place: string, value: string) => void): number {
  const message = new Message({ text });
  let length = 0;
  for (const [name, wanted] of places) {
    const segments = message.get(name);
    if (segments.isEmpty()) continue;
    segments.forEach((segment) => {
      for (const { path } of wanted) {
        const value = segment.get(path).toString();
        length += value.length;
        heard?.(`${name}-${path}`, value);
      }
    });
  }
  return length;
}

/** What a reading gives, by place; several segments of one name in order. */
function answers(read: typeof ours, text: string, places: Places): Map<string, string> {
  const all = new Map<string, string>();
  // node-hl7-client leaves the escape sequences of formatted text as they stand
  const plain = (value: string): string => value.replaceAll('\\.br\\', '\n');
  read(text, places, (place, value) => all.set(place, `${all.get(place) ?? ''}\n${plain(value)}`));
  return all;
}

function microseconds(work: () => number, seconds: number): number {
  const begin = performance.now();
  let runs = 0;
  while (performance.now() - begin < seconds * 1000) {
    for (let n = 0; n < 20; n++) work();
    runs += 20;
  }
  return ((performance.now() - begin) * 1000) / runs;
}

for (const [file, structure] of [
  ['adt-a01.hl7', 'ADT_A01'],
  ['oru-r01-lab-cbc.hl7', 'ORU_R01'],
] as const) {
  const text = readFileSync(`samples/${file}`, 'utf8').trim().replaceAll(/\r?\n/g, '\r');
  const places = placesOf(parsed(text));
  const [mine, other] = [answers(ours, text, places), answers(theirs, text, places)];
  const differing = [...mine.keys()].filter((place) => mine.get(place) !== other.get(place));
  if (differing.length > 0) throw new Error(`${file}: the readers read different values of ${differing.join(', ')}`);
  const read = [...places.values()].reduce((sum, of) => sum + of.length, 0);
  const each: [ours: number, theirs: number][] = [];
  // by turns, so that what else the machine does meets both
  for (let round = 0; round <= rounds; round++) {
    const seconds = bench.seconds / (2 * rounds);
    each.push([microseconds(() => ours(text, places), seconds), microseconds(() => theirs(text, places), seconds)]);
  }
  const measured = each.slice(1);
  bench.add({
    name: `${structure}: ${read} places of ${parsed(text).segments.length} segments`,
    value: median(measured.map(([value]) => value)),
    unit: 'µs',
    reference: { name: 'node-hl7-client', value: median(measured.map(([, value]) => value)) },
    goal: { of: 'ratio', atMost: 1 },
  });
}
bench.finish();

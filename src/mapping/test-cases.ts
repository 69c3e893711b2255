import type { Json } from '../core/json.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { isKnownZone } from '../hl7/time-zones.js';
import type { Place, Problem } from './problem.js';
import { Problems } from './problem.js';
import { YamlReading } from './yaml-reading.js';
import { jsonOf, readYaml, type YamlMap } from './yaml-tree.js';

/** A case beside the rules: an input, and what must come of it. */
export interface MappingCase {
  readonly name: string;
  readonly place: Place;
  /** The map that is run: of a data type on a value, of a segment on segments; undefined: a whole message. */
  readonly map: string | undefined;
  /** A table that is looked up by itself, or that the map is run with. */
  readonly table: string | undefined;
  /** Code system that the map is run with. */
  readonly system: string | undefined;
  /** HL7 text: a value, segments, or a message; lines end in CR. '' for a table. */
  readonly input: string;
  /** Where the value stands in segments: `OBX-5`. */
  readonly at: string | undefined;
  /** Message type and event of segments without MSH: `ADT^A01`. */
  readonly event: string | undefined;
  readonly sender: string;
  readonly settings: Partial<TenantSettings>;
  /** Codes and what the table makes of each; null: it has no row. */
  readonly codes: Readonly<Record<string, Json>> | undefined;
  /** What must come out: of a data type map its value, else one resource or a list; parts left out are not looked at, null must not be there. */
  readonly expect: Json | undefined;
  /** Nothing else may come out either. */
  readonly only: boolean;
}

/** True for a file that holds nothing but cases; it is no part of a mapping. */
export function isTestFile(text: string): boolean {
  return /^(?:\s*#[^\n]*\n|\s*\n|---\n)*tests:/.test(text);
}

/** The cases of mapping files: of `tests:` in a map, table, message or layer, and of files of cases alone. */
export function readCases(files: Readonly<Record<string, string>>): {
  readonly cases: readonly MappingCase[];
  readonly problems: readonly Problem[];
} {
  const problems = new Problems();
  const reading = new YamlReading(problems);
  const cases = Object.entries(files).flatMap(([name, text]) => {
    if (!/^tests:/m.test(text)) return [];
    const file = readYaml(name, text, problems);
    if (file?.kind !== 'map') return [];
    const around = subjectOf(file, reading);
    return reading.maps(file, 'tests').flatMap((entry) => readCase(entry, around, reading) ?? []);
  });
  return { cases, problems: problems.list };
}

type Subject = Pick<MappingCase, 'map' | 'table' | 'sender'>;

function subjectOf(file: YamlMap, reading: YamlReading): Subject {
  const from = reading.text(file, 'segment') ?? reading.text(file, 'datatype');
  const role = reading.text(file, 'role');
  const target = reading.text(file, 'resource') ?? reading.text(file, 'target');
  const map = from === undefined ? undefined : `${from}[${target}${role === undefined ? '' : `-${role}`}]`;
  const sender = reading.text(file, 'sender') ?? '|';
  return { map, table: map === undefined ? reading.text(file, 'table') : undefined, sender };
}

function readCase(entry: YamlMap, around: Subject, reading: YamlReading): MappingCase | undefined {
  const { problems } = reading;
  const before = problems.list.length;
  reading.object(entry, 'test');
  const map = reading.text(entry, 'map') ?? around.map;
  const table = reading.text(entry, 'table') ?? around.table;
  const codes = reading.map(entry.entries.get('codes')?.value, 'codes');
  const expect = entry.entries.get('expect')?.value;
  const input = (reading.text(entry, 'input') ?? '').trim().replaceAll(/\s*\n\s*/g, '\r');
  const name = reading.text(entry, 'name') ?? (codes === undefined ? '' : (table ?? ''));
  const zone = reading.text(entry, 'zone');
  const settings = reading.map(entry.entries.get('settings')?.value, 'settings');
  if (name === '') problems.add(entry.place, 'name is missing');
  if (codes !== undefined && table === undefined)
    problems.add(entry.place, 'codes are looked up in a table: table is missing');
  if (codes === undefined && input === '') problems.add(entry.place, 'input is missing, or codes of a table');
  if (codes === undefined && expect === undefined) problems.add(entry.place, 'expect is missing');
  if (zone !== undefined && !isKnownZone(zone)) {
    problems.add(reading.placeOf(entry, 'zone'), `'${zone}' is no time zone; Europe/Berlin expected`);
  }
  if (problems.list.length > before) return undefined;
  return {
    ...{ name, place: entry.place, map, table, input },
    system: reading.text(entry, 'system'),
    at: reading.text(entry, 'at'),
    event: reading.text(entry, 'event'),
    sender: reading.text(entry, 'sender') ?? around.sender,
    settings: {
      ...(settings === undefined ? {} : (jsonOf(settings) as Partial<TenantSettings>)),
      ...(zone === undefined ? {} : { zone }),
    },
    codes: codes === undefined ? undefined : (jsonOf(codes) as Record<string, Json>),
    expect: expect === undefined ? undefined : jsonOf(expect),
    only: reading.flag(entry, 'only'),
  };
}

import type { HL7Dictionary, HL7FieldDefinition, HL7MessageSegmentsDefinition } from 'hl7v2-dictionary';
import { type GrammarMember, type GroupGrammar, isGrammarFault, parseGrammar, type SegmentGrammar } from './grammar.js';
import { eventsOf } from './structures.js';
import { compareVersions } from './version.js';

/** A field of a segment, or a component of a data type, as a version of the standard defines it. */
export interface FieldDefinition {
  /** From 1. */
  readonly position: number;
  readonly name: string;
  /** Data type: `XPN`. `VARIES` is what another field says. */
  readonly type: string;
  readonly optionality: 'required' | 'optional' | 'conditional' | 'backward';
  /** How many times it may stand: 1, another number, or without limit. */
  readonly repetitions: number | 'unbounded';
  readonly length?: number;
  /** HL7 table of its codes: `HL70001`. */
  readonly table?: string;
}

/** A segment or a data type with its fields or components in order; a primitive type has none. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldDefinition[];
}

/** What the standard's versions 2.1 to 2.8 define. Without a version, the newest that has what is asked for. */
export interface Dictionary {
  /** Versions from the oldest to the newest. */
  readonly versions: readonly string[];
  /** The version to read a message by: the one MSH-12 names, else the nearest older, else the oldest; the newest where it is no version. */
  nearestVersion(versionId: string): string;
  segment(name: string, version?: string): Definition | undefined;
  dataType(name: string, version?: string): Definition | undefined;
  segmentNames(version: string): readonly string[];
  dataTypeNames(version: string): readonly string[];
  /** The group grammar of a structure: `ORU_R01`. */
  grammar(structure: string, version?: string): GroupGrammar | undefined;
}

let loading: Promise<Dictionary> | undefined;

/** Loads the dictionary at its first use; it is some megabytes, and the way of a message does without it. */
export function loadDictionary(): Promise<Dictionary> {
  loading ??= import('hl7v2-dictionary').then(({ dictionaries }) => new LoadedDictionary(dictionaries));
  return loading;
}

class LoadedDictionary implements Dictionary {
  readonly versions: readonly string[];
  readonly #dictionaries: Readonly<Record<string, HL7Dictionary>>;
  readonly #grammars = new Map<string, GroupGrammar | undefined>();

  constructor(dictionaries: Readonly<Record<string, HL7Dictionary>>) {
    this.#dictionaries = dictionaries;
    this.versions = Object.keys(dictionaries).sort(compareVersions);
  }

  nearestVersion(versionId: string): string {
    return this.versions.findLast((version) => compareVersions(version, versionId) <= 0) ?? this.versions[0] ?? '';
  }

  segment(name: string, version?: string): Definition | undefined {
    return this.#find(version, (dictionary) => define(name, dictionary.segments[name]));
  }

  dataType(name: string, version?: string): Definition | undefined {
    return this.#find(version, (dictionary) => define(name, dictionary.types[name]));
  }

  segmentNames(version: string): readonly string[] {
    return Object.keys(this.#dictionaries[this.nearestVersion(version)]?.segments ?? {});
  }

  dataTypeNames(version: string): readonly string[] {
    return Object.keys(this.#dictionaries[this.nearestVersion(version)]?.types ?? {});
  }

  grammar(structure: string, version?: string): GroupGrammar | undefined {
    const key = `${structure} ${version === undefined ? '' : this.nearestVersion(version)}`;
    if (!this.#grammars.has(key)) this.#grammars.set(key, this.#makeGrammar(structure, version));
    return this.#grammars.get(key);
  }

  #makeGrammar(structure: string, version: string | undefined): GroupGrammar | undefined {
    const written = twoPatients[structure];
    if (written !== undefined) {
      const grammar = parseGrammar(written, structure);
      return isGrammarFault(grammar) ? undefined : grammar;
    }
    const names = [structure, ...eventsOf(structure).map((event) => event.replace('^', '_')), structure.slice(0, 3)];
    return this.#find(version, ({ messages }) => {
      const found = names.map((name) => messages[name]?.segments).find((segments) => segments !== undefined);
      return found === undefined ? undefined : group(structure, found);
    });
  }

  #find<T>(version: string | undefined, look: (dictionary: HL7Dictionary) => T | undefined): T | undefined {
    const versions = version === undefined ? this.versions.toReversed() : [this.nearestVersion(version)];
    for (const each of versions) {
      const dictionary = this.#dictionaries[each];
      const found = dictionary === undefined ? undefined : look(dictionary);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Structures that name the same segments twice, which the dictionary's records cannot hold. */
const twoPatients: Readonly<Record<string, string>> = {
  ADT_A17: 'MSH {SFT} [UAC] EVN PID [PD1] PV1 [PV2] {DB1} {OBX} PID [PD1] PV1 [PV2] {DB1} {OBX}',
  ADT_A24: 'MSH {SFT} [UAC] EVN PID [PD1] [PV1] {DB1} PID [PD1] [PV1] {DB1}',
  ADT_A37: 'MSH {SFT} [UAC] EVN PID [PD1] [PV1] {DB1} PID [PD1] [PV1] {DB1}',
};

const optionalities = { R: 'required', O: 'optional', S: 'optional', C: 'conditional', B: 'backward' } as const;

interface RawDefinition {
  readonly desc?: string;
  readonly fields?: Readonly<Record<string, HL7FieldDefinition>>;
}

function define(name: string, raw: RawDefinition | undefined): Definition | undefined {
  if (raw === undefined) return undefined;
  const fields = Object.entries(raw.fields ?? {}).map(
    ([position, field]): FieldDefinition => ({
      position: Number(position),
      name: field.desc ?? '',
      type: field.type,
      optionality: optionalities[field.opt ?? 'O'],
      repetitions: field.rep === 'infinite' ? 'unbounded' : (field.rep ?? 1),
      ...(field.len !== undefined && { length: field.len }),
      ...(field.table !== undefined && { table: `HL7${String(field.table).padStart(4, '0')}` }),
    }),
  );
  return { name, description: raw.desc ?? '', fields: fields.sort((a, b) => a.position - b.position) };
}

type RawMembers = Readonly<Record<string, HL7MessageSegmentsDefinition>>;

function group(name: string, raw: RawMembers, optional = false, repeating = false): GroupGrammar {
  const entries = Object.entries(raw).sort(([, a], [, b]) => a.idx - b.idx);
  const members: GrammarMember[] = [];
  entries.forEach(([key, definition], at) => {
    const place = definition.idx - (entries[at - 1]?.[1].idx ?? -1) - 1;
    members.push(
      ...lostBefore(
        entries.slice(at).map(([later]) => later),
        place,
      ),
    );
    const member = memberOf(key, definition);
    if (member !== undefined) members.push(member);
  });
  return Object.freeze({ kind: 'group', name, optional, repeating, members: Object.freeze(members) });
}

function memberOf(key: string, definition: HL7MessageSegmentsDefinition): GrammarMember | undefined {
  const optional = (definition.min ?? 0) === 0;
  const repeating = definition.max !== 1;
  if (definition.segments !== undefined) {
    const name = key
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
      .replace('TIIMING', 'TIMING');
    return group(name, definition.segments, optional, repeating);
  }
  const names = key.split(',').filter((name) => /^[A-Z][A-Z0-9]{2}$/.test(name));
  const [name] = names;
  if (name === undefined) return undefined;
  if (names.length === 1) return { kind: 'segment', name, optional, repeating };
  const options = names.map(
    (each): SegmentGrammar => ({ kind: 'segment', name: each, optional: false, repeating: false }),
  );
  return { kind: 'choice', optional, repeating, options };
}

/**
 * A segment that stands twice in a group is kept by the dictionary at its last place only; the numbering has a gap at the first.
 * Those that the standard repeats so are these few, in this order.
 */
function lostBefore(later: readonly string[], gap: number): SegmentGrammar[] {
  const names = ['ARV', 'ROL', 'PRT', 'NTE'].filter((name) => later.includes(name)).slice(0, Math.max(gap, 0));
  return names.map((name) => ({ kind: 'segment', name, optional: true, repeating: true }));
}

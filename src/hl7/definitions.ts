import { groupNames, segmentLines, typeLines } from './definition-table.js';

/** A field of a segment or a component of a data type, by all versions of the standard together. */
export interface DefinedPart {
  /** `Patient Name`; '' where the standard gives none. */
  readonly name: string;
  /** Data types over the versions, the newest first. */
  readonly types: readonly string[];
}

/** A segment or data type, by versions 2.1 to 2.8 together and what the v2-to-FHIR guide reads of 2.9. */
export interface Defined {
  readonly description: string;
  /** In order, the first at 0. A primitive type has none. */
  readonly parts: readonly DefinedPart[];
}

/** What versions the definitions are of, for messages to people. */
export const definedVersions = 'HL7 2.1 to 2.9';

let segments: ReadonlyMap<string, Defined> | undefined;
let groups: ReadonlySet<string> | undefined;
let types: ReadonlyMap<string, Defined> | undefined;

/** A segment of the standard; Z segments are not. */
export function definedSegment(name: string): Defined | undefined {
  return allSegments().get(name);
}

export function definedSegmentNames(): Iterable<string> {
  return allSegments().keys();
}

/** A data type of the standard, of whatever version: `TS`, `CM_EIP`. */
export function definedType(name: string): Defined | undefined {
  return allTypes().get(name);
}

export function definedTypeNames(): Iterable<string> {
  return allTypes().keys();
}

/** Every group of a message structure: `ORDER_OBSERVATION`. */
export function definedGroups(): ReadonlySet<string> {
  groups ??= new Set(groupNames.trim().split('\n'));
  return groups;
}

function allSegments(): ReadonlyMap<string, Defined> {
  segments ??= read(segmentLines);
  return segments;
}

function allTypes(): ReadonlyMap<string, Defined> {
  types ??= read(typeLines);
  return types;
}

/**
 * The parts that a value of these types can have: each with all its types. Undefined where anything may stand (OBX-5, a
 * CM of version 2.1 that names no components); none for primitive types, whose first part is the value itself.
 */
export function partsOf(types: readonly string[]): readonly DefinedPart[] | undefined {
  const name = types.join(' ');
  if (!knownParts.has(name)) knownParts.set(name, gatherParts(types));
  return knownParts.get(name);
}

/** By the names of the types, of which the standard has only so many combinations. */
const knownParts = new Map<string, readonly DefinedPart[] | undefined>();

function gatherParts(types: readonly string[]): readonly DefinedPart[] | undefined {
  if (types.includes('VARIES')) return undefined;
  const composed = types.filter((type) => type !== 'CM').flatMap((type) => definedType(type) ?? []);
  if (composed.length === 0) return undefined;
  const count = Math.max(...composed.map(({ parts }) => parts.length));
  return Array.from({ length: count }, (_, index) => {
    const parts = composed.flatMap(({ parts }) => parts[index] ?? []);
    return { name: parts[0]?.name ?? '', types: [...new Set(parts.flatMap((part) => part.types))] };
  });
}

/** A part of a value of these types, from 1; undefined where there is none, or where anything may stand. */
export function partAt(types: readonly string[], position: number): DefinedPart | undefined {
  const parts = partsOf(types);
  if (parts?.length === 0 && position === 1) return { name: '', types };
  return parts?.[position - 1];
}

/** What a place of a message is called: `Patient Name, Family Name, Surname`; '' where the standard has no name for it. */
export function labelOf(segment: string, field: number, ...parts: readonly (number | undefined)[]): string {
  let part: DefinedPart | undefined = definedSegment(segment)?.parts[field - 1];
  const names = [part?.name ?? ''];
  for (const position of parts) {
    if (position === undefined || part === undefined) break;
    part = partAt(part.types, position);
    if (part !== undefined) names.push(part.name);
  }
  return names.filter((name) => name !== '').join(', ');
}

function read(text: string): ReadonlyMap<string, Defined> {
  return new Map(
    text
      .trim()
      .split('\n\n')
      .map((block) => {
        const [head = '', ...lines] = block.split('\n');
        const [name, description] = cut(head);
        const parts = lines.map((line): DefinedPart => {
          const [types, label] = cut(line);
          return Object.freeze({ name: label, types: Object.freeze(types.split('/')) });
        });
        return [name, Object.freeze({ description, parts: Object.freeze(parts) })] as const;
      }),
  );
}

/** A line at its first space. */
function cut(line: string): readonly [string, string] {
  const space = line.indexOf(' ');
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
}

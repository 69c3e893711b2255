import {
  type Defined,
  definedGroups,
  definedSegment,
  definedSegmentNames,
  definedType,
  definedVersions,
  partAt,
  partsOf,
} from '../hl7/definitions.js';
import type { Library } from './library.js';
import { didYouMean, type Place } from './problem.js';
import type { SourcePath } from './source-path.js';

/** Puts to the problems what a path names and no version of the standard has. Of Z segments and local types nothing is known. */
export function checkPath(path: SourcePath, text: string, place: Place, library: Library): void {
  if (path.kind === 'meta') return;
  if (path.kind === 'part') {
    if (path.type !== '' && path.type !== library.datatype) {
      const where = library.datatype === undefined ? 'no data type map' : `a map of ${library.datatype}`;
      library.problems.add(place, `'${text}' is a part of ${path.type}, and this is ${where}`);
      return;
    }
    if (path.type !== '') checkParts(path, [path.type], path.type, place, library);
    // a value that ought to be one text may be sent in parts: AL1-5 as a CWE
    else if (partsOf(library.here ?? [])?.length !== 0) checkParts(path, library.here, '', place, library);
    return;
  }
  for (const { name } of path.groups) {
    if (library.groups.has(name) || definedGroups().has(name)) continue;
    const near = didYouMean(name, [...library.groups, ...definedGroups()]);
    library.problems.add(place, `no message has a group '${name}'${near}`);
  }
  if (isLocal(path.segment)) return;
  const segment = definedSegment(path.segment);
  if (segment === undefined) library.problems.add(place, noSegment(path.segment, path.field));
  else if (path.field !== undefined) checkField(path, path.field, segment, place, library);
}

/** What is wrong with the name of a segment; undefined for one of the standard, or of the site. */
export function segmentProblem(name: string): string | undefined {
  return isLocal(name) || definedSegment(name) !== undefined ? undefined : noSegment(name, undefined);
}

/** The types of what stands at a path; undefined where they are not known. */
export function typesAt(path: SourcePath, library: Library): readonly string[] | undefined {
  if (path.kind === 'meta') return undefined;
  let types: readonly string[] | undefined;
  if (path.kind === 'part') types = path.type === '' ? library.here : [path.type];
  else if (path.field !== undefined) types = definedSegment(path.segment)?.parts[path.field - 1]?.types;
  for (const position of [path.component, path.subcomponent]) {
    if (position !== undefined && types !== undefined) types = partAt(types, position)?.types;
  }
  return types;
}

/** Segments and types of a site begin with Z. */
function isLocal(name: string): boolean {
  return name.startsWith('Z');
}

function noSegment(name: string, field: number | undefined): string {
  if (definedType(name) !== undefined && field !== undefined) {
    return `'${name}' is a data type, not a segment; did you mean '${name}.${field}'?`;
  }
  return `'${name}' is no segment of ${definedVersions}${didYouMean(name, definedSegmentNames())}`;
}

function checkField(
  path: Parts & { readonly segment: string },
  field: number,
  segment: Defined,
  place: Place,
  library: Library,
): void {
  const name = `${path.segment}-${field}`;
  if (segment.parts.length === 0) return;
  const found = segment.parts[field - 1];
  if (found === undefined) {
    const last = segment.parts.length;
    const near = didYouMean(name, numbered(`${path.segment}-`, last, field));
    library.problems.add(
      place,
      `${path.segment} has no field ${field}: it has 1 to ${last} in ${definedVersions}${near}`,
    );
    return;
  }
  checkParts(path, found.types, name, place, library, found.name);
}

interface Parts {
  readonly component: number | undefined;
  readonly subcomponent: number | undefined;
}

/** Checks component and subcomponent below a value of these types. */
function checkParts(
  path: Parts,
  types: readonly string[] | undefined,
  name: string,
  place: Place,
  library: Library,
  label = '',
): void {
  let [below, at, called] = [types, name, label];
  for (const [position, what] of [
    [path.component, 'component'],
    [path.subcomponent, 'subcomponent'],
  ] as const) {
    const parts = position === undefined || below === undefined ? undefined : partsOf(below);
    if (position === undefined || below === undefined || parts === undefined) return;
    const last = Math.max(parts.length, 1);
    if (position < 1 || position > last) {
      const shown = at === '' ? 'the value' : `${at}${called === '' ? '' : ` (${called})`}`;
      const range = last === 1 ? `is one value, a ${below.join(' or ')}` : `has 1 to ${last}`;
      const near = last === 1 ? '' : didYouMean(`${at}.${position}`, numbered(`${at}.`, last, position));
      library.problems.add(place, `${shown} has no ${what} ${position}: it ${range} in ${definedVersions}${near}`);
      return;
    }
    const part = partAt(below, position);
    below = part?.types;
    called = part?.name ?? '';
    at = `${at}.${position}`;
  }
}

/** Names by number, the nearest number first. */
function numbered(prefix: string, last: number, near: number): string[] {
  const numbers = Array.from({ length: last }, (_, index) => index + 1);
  return numbers.sort((a, b) => Math.abs(a - near) - Math.abs(b - near)).map((number) => `${prefix}${number}`);
}

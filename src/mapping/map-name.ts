import { definitionsOf } from '../fhir/definitions/definition-files.js';
import { resourceTypes, typeModel } from '../fhir/definitions/type-model.js';
import { definedSegment, definedType, definedTypeNames, definedVersions } from '../hl7/definitions.js';
import type { Library } from './library.js';
import { segmentProblem } from './path-check.js';
import { isPrimitive } from './primitive-type.js';
import { didYouMean } from './problem.js';
import type { YamlMap } from './yaml-tree.js';

/** What a map is of and makes, as its file says. */
export interface MapName {
  readonly kind: 'segment' | 'datatype';
  readonly from: string;
  readonly target: string;
  readonly role: string | undefined;
  /** `PID[Patient]`, `CX[Identifier-patient]`. */
  readonly full: string;
}

/**
 * Reads what a map is called. With a segment, data type or FHIR type that is none there is one problem, at that name, and undefined:
 * whoever names the map that was meant is not told again that it is missing.
 */
export function readMapName(file: YamlMap, library: Library): MapName | undefined {
  const { reading, problems } = library;
  const kind = file.entries.has('segment') ? 'segment' : 'datatype';
  const member = kind === 'segment' ? 'resource' : 'target';
  const from = reading.required(file, kind);
  const target = reading.required(file, member);
  const role = reading.text(file, 'role');
  const fromProblem = kind === 'segment' ? segmentProblem(from) : typeProblem(from);
  const targetProblem = isType(target) ? undefined : noTarget(kind, target);
  if (fromProblem !== undefined) problems.add(reading.placeOf(file, kind), fromProblem);
  if (targetProblem !== undefined) problems.add(reading.placeOf(file, member), targetProblem);
  if (fromProblem === undefined && targetProblem === undefined) {
    return { kind, from, target, role, full: `${from}[${target}${role === undefined ? '' : `-${role}`}]` };
  }
  const named = (name: string, wrong: boolean): string => (wrong ? '[^[\\]-]+' : name.replaceAll('.', '\\.'));
  const end = role === undefined ? '' : `-${role}`;
  library.misnamed.push(
    new RegExp(`^${named(from, fromProblem !== undefined)}\\[${named(target, targetProblem !== undefined)}${end}\\]$`),
  );
  return undefined;
}

/** A map of a data type may also run on a whole segment (TQ1). */
function typeProblem(name: string): string | undefined {
  if (name.startsWith('Z') || definedType(name) !== undefined || definedSegment(name) !== undefined) return undefined;
  return `'${name}' is no data type of ${definedVersions}${didYouMean(name, definedTypeNames())}`;
}

function isType(name: string): boolean {
  return typeModel('R4', name) !== null || isPrimitive(name);
}

function noTarget(kind: MapName['kind'], name: string): string {
  const types = definitionsOf('R4').types;
  const dot = name.lastIndexOf('.');
  const around = dot < 0 ? null : typeModel('R4', name.slice(0, dot));
  if (around !== null) {
    const member = name.slice(dot + 1);
    return `${around.name} has no element '${member}'${didYouMean(member, around.members.keys())}`;
  }
  return kind === 'segment'
    ? `FHIR has no resource '${name}'${didYouMean(name, resourceTypes('R4'))}`
    : `FHIR has no type '${name}'${didYouMean(name, Object.keys(types))}`;
}

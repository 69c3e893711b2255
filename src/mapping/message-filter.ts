import type { Hl7Message } from '../hl7/message.js';
import type { Segment } from '../hl7/segment.js';
import type { Test } from './condition-function.js';
import type { Library } from './library.js';
import { checkStructure } from './message-name.js';
import { pathsOfCondition } from './rule-steps.js';
import type { Run } from './run.js';
import { compileTest } from './source-compiler.js';
import type { YamlMap } from './yaml-tree.js';

/** Keeps messages from being applied. */
export interface MessageFilter {
  readonly id: string;
  /** Structures to which it is narrowed; none: every message. */
  readonly structures: readonly string[];
  readonly when: Test;
  /** Segments that the condition names without a group. */
  readonly segments: readonly string[];
}

/** Compiles a filter: messages for which it is true are acknowledged and not applied. */
export function compileFilter(filter: YamlMap, library: Library): MessageFilter | undefined {
  library.reading.object(filter, 'filter');
  const id = library.reading.required(filter, 'id');
  const named = library.reading.texts(filter, 'message');
  for (const { text, place } of named) checkStructure(text, place, library);
  const text = library.reading.required(filter, 'when');
  const when = compileTest(text, library.reading.placeOf(filter, 'when'), library);
  if (when === undefined) return undefined;
  const segments = pathsOfCondition(text).flatMap((path) =>
    path.kind === 'segment' && path.groups.length === 0 ? [path.segment] : [],
  );
  return { id, structures: named.map((structure) => structure.text), when, segments: [...new Set(segments)] };
}

/**
 * True where a filter keeps the message of a run out. A segment that stands in a repeating group is asked for in each repetition, and the
 * condition must hold in all of them: what is wanted of a message is never lost with what is not.
 */
export function isFiltered(run: Run, filter: MessageFilter): boolean {
  if (filter.structures.length > 0 && !filter.structures.includes(run.structure)) return false;
  const places = placesOf(run, filter.segments);
  if (places.length === 0) return filter.when(run, undefined);
  const { segment, group } = run;
  const holds = places.every((place) => {
    run.segment = place;
    run.group = run.grouped.groupOf(place);
    return filter.when(run, undefined);
  });
  run.segment = segment;
  run.group = group;
  return holds;
}

/** The segments at which the condition stands: those named that lie deepest in repeating groups; none where all are near the header. */
function placesOf(run: Run, names: readonly string[]): readonly Segment[] {
  let deepest = 0;
  let places: readonly Segment[] = [];
  for (const name of names) {
    if (run.near(name) !== undefined) continue;
    const segments = named(run.grouped.message, name);
    const [first] = segments;
    if (first === undefined) continue;
    let depth = 0;
    for (let around = run.grouped.groupOf(first).parent; around !== undefined; around = around.parent) depth++;
    if (depth <= deepest) continue;
    deepest = depth;
    places = segments;
  }
  return places;
}

function named(message: Hl7Message, name: string): readonly Segment[] {
  return message.segments.filter((segment) => segment.name === name);
}

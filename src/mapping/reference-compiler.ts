import type { JsonObject } from '../core/json.js';
import { makes } from './descriptions.js';
import type { Library } from './library.js';
import type { Make } from './run.js';
import type { Target } from './target-path.js';
import type { YamlMap } from './yaml-tree.js';

/** Compiles `ref`: a resource made of the value, and a reference to it. Without a key only its display is left. */
export function compileReference(rule: YamlMap, target: Target, library: Library): Make {
  const name = library.reading.required(rule, 'ref');
  const place = library.reading.placeOf(rule, 'ref');
  if (target.type !== 'Reference') {
    library.problems.add(place, `ref makes a Reference, and '${target.text}' is a ${target.type}`);
  }
  const source = library.map(name, place);
  if (source === undefined) return () => undefined;
  const targets = target.element?.targets ?? [];
  if (targets.length > 0 && !targets.includes(source.target)) {
    library.problems.add(place, `'${target.text}' refers to ${targets.join(', ')}, not to ${source.target}`);
  }
  const map = library.compile.resourceMap(source, library);
  return makes.as((run, node) => map.make(run, node), { op: 'map', map });
}

/**
 * Compiles `refers`: a reference to the draft of that name which is made nearest, or an Attachment with its address; found when all
 * drafts are there.
 */
export function compileRefers(rule: YamlMap, target: Target, library: Library): Make {
  const name = library.reading.required(rule, 'refers');
  const by = target.type === 'Attachment' ? 'url' : 'reference';
  if (by === 'reference' && target.type !== 'Reference') {
    const place = library.reading.placeOf(rule, 'refers');
    library.problems.add(place, `refers makes a Reference or an Attachment, and '${target.text}' is a ${target.type}`);
  }
  return (run) => {
    const object: JsonObject = {};
    run.open.push(object);
    if (run.draft !== undefined) run.pending.push({ object, by, name, from: run.draft, segment: run.segment });
    return object;
  };
}

import type { TypeModel } from '../fhir/definitions/type-model.js';
import { didYouMean, type Problems } from './problem.js';
import type { Target } from './target-path.js';
import type { YamlNode } from './yaml-tree.js';

const numbers: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** A constant must be valid for its target: members that the type has, lists where it has lists, texts where it has texts. */
export function checkConstant(node: YamlNode, target: Target, problems: Problems): void {
  if (target.type === 'choice') return;
  if (target.list && node.kind === 'list')
    for (const item of node.items) checkValue(item, target.type, target.model, problems);
  else checkValue(node, target.type, target.model, problems);
}

function checkValue(node: YamlNode, type: string, model: TypeModel | null, problems: Problems): void {
  if (model === null) {
    const wanted = type === 'boolean' ? 'boolean' : numbers.has(type) ? 'number' : 'string';
    if (node.kind === 'scalar' && typeof node.value === wanted) return;
    const quoted = node.kind === 'scalar' && wanted === 'string' ? `; write "${node.text}"` : '';
    problems.add(node.place, `a ${type} is a ${wanted}${quoted}`);
    return;
  }
  if (node.kind !== 'map') {
    problems.add(node.place, `a ${type} is an object`);
    return;
  }
  for (const [name, { place, value }] of node.entries) {
    const member = model.members.get(name);
    if (member === undefined) {
      problems.add(place, `${model.name} has no element '${name}'${didYouMean(name, model.members.keys())}`);
      continue;
    }
    const list = member.element.max > 1;
    if (list !== (value.kind === 'list')) problems.add(value.place, list ? `${name} is a list` : `${name} is no list`);
    for (const item of value.kind === 'list' ? value.items : [value])
      checkValue(item, member.type, member.model, problems);
  }
}

import type { JsonObject } from '../../core/json.js';
import { changed, codeOf, objects, text } from '../members.js';

/** R4's classes of coverage and the grouping members that STU3 has for them. */
const members: Readonly<Record<string, string>> = {
  group: 'group',
  subgroup: 'subGroup',
  plan: 'plan',
  subplan: 'subPlan',
  class: 'class',
  subclass: 'subClass',
};

/** R4 Coverage to STU3: the list of classes becomes one grouping, each with its value and its display. */
export function stu3Coverage(source: JsonObject): JsonObject {
  const grouping: JsonObject = {};
  let sequence: string | undefined;
  for (const entry of objects(source.class)) {
    const kind = codeOf(entry.type) ?? '';
    const value = text(entry.value);
    const display = text(entry.name) ?? value;
    if (kind === 'sequence') sequence ??= value;
    const member = Object.hasOwn(members, kind) ? members[kind] : undefined;
    if (member === undefined || member in grouping || `${member}Display` in grouping) continue;
    if (value !== undefined) grouping[member] = value;
    if (display !== undefined) grouping[`${member}Display`] = display;
  }
  return changed(source, {
    class: undefined,
    grouping: Object.keys(grouping).length > 0 ? grouping : undefined,
    sequence,
  });
}

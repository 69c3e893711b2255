import type { JsonObject } from '../core/json.js';
import { literal, type SourceWriter } from './source-writer.js';
import type { Register, Target, TargetStep } from './target-path.js';

/** Writes the setting of a value at a path below an object, as `compileWrite` does. `value` is evaluated once. */
export function writeTarget(w: SourceWriter, { steps, primitive }: Target, into: string, value: string): void {
  const last = steps.at(-1);
  const object = descend(steps.slice(0, -1), into);
  if (last === undefined || last.name.endsWith('[x]')) {
    w.line(`addMembers(${object}, ${value});`);
    return;
  }
  const { name, list, entry, url } = last;
  const member = literal(name);
  if (!list && primitive) w.line(`${object}[${member}] = ${value};`);
  else if (list) {
    const marked = url === undefined ? 'undefined' : literal(url);
    w.line(`addToList(${object}, ${member}, ${value}, ${entry ?? 0}, ${marked});`);
  } else {
    const at = w.name('o');
    w.line(`const ${at} = ${object};`);
    w.line(`if (${at}[${member}] === undefined) ${at}[${member}] = ${value};`);
    w.line(`else setMember(${at}, ${member}, ${value});`);
  }
}

function descend(steps: readonly TargetStep[], into: string): string {
  let object = into;
  for (const { name, list, entry, url } of steps) {
    object = list
      ? `descendList(${object}, ${literal(name)}, ${(entry ?? 1) - 1}, ${url === undefined ? 'undefined' : literal(url)})`
      : `descend(${object}, ${literal(name)})`;
  }
  return object;
}

/** The expression that is true where something stands at a target. */
export function writeHas(w: SourceWriter, { steps }: Target, into: string, has: (into: JsonObject) => boolean): string {
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) return `(${into}[${literal(only.name)}] !== undefined)`;
  return `${w.constant(has)}(${into})`;
}

/** The expression of a value as it stands at a register: within the members between. */
export function wrapped(w: SourceWriter, { wrap }: Register, value: string): string {
  return wrap === undefined ? value : `${w.constant(wrap)}(${value})`;
}

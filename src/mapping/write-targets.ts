import type { JsonObject } from '../core/json.js';
import { literal, type SourceWriter } from '../core/source-writer.js';
import type { Target, TargetStep } from './target-path.js';

/** Writes the setting of a value at a path below an object, as `compileWrite` does. `value` is evaluated once. */
export function writeTarget(w: SourceWriter, { steps, primitive }: Target, into: string, value: string): void {
  const last = steps.at(-1);
  const object = writeDescent(w, steps.slice(0, -1), into);
  if (last === undefined || last.name.endsWith('[x]')) {
    w.line(`addMembers(${object}, ${value});`);
    return;
  }
  const { name, list, entry, url } = last;
  const member = `${object}[${literal(name)}]`;
  // a member is named in place, so that its site knows the object it is added to
  if (!list && primitive) w.line(`${member} = ${value};`);
  else if (!list) {
    w.line(`if (${member} === undefined) ${member} = ${value};`);
    w.line(`else setMember(${object}, ${literal(name)}, ${value});`);
  } else if (url === undefined) {
    w.line(`if (${member} === undefined) ${member} = asList(${value});`);
    w.line(`else addToList(${object}, ${literal(name)}, ${value}, ${entry ?? 0}, undefined);`);
  } else w.line(`addToList(${object}, ${literal(name)}, ${value}, ${entry ?? 0}, ${literal(url)});`);
}

/** Goes down to the object that a path's last step stands in, making it where it is missing; gives its variable. */
function writeDescent(w: SourceWriter, steps: readonly TargetStep[], into: string): string {
  let object = into;
  for (const { name, list, entry, url } of steps) {
    const next = w.name('d');
    const member = `${object}[${literal(name)}]`;
    w.line(`let ${next} = ${member};`);
    if (!list) w.line(`if (!isObject(${next})) ${next} = ${member} = {};`);
    else {
      const made = url === undefined ? '{}' : `{ url: ${literal(url)} }`;
      const marked = url === undefined ? 'undefined' : literal(url);
      w.line(`if (${next} === undefined) ${member} = [${next} = ${made}];`);
      w.line(`else ${next} = descendList(${object}, ${literal(name)}, ${(entry ?? 1) - 1}, ${marked});`);
    }
    object = next;
  }
  return object;
}

/** The expression that is true where something stands at a target. */
export function writeHas(w: SourceWriter, { steps }: Target, into: string, has: (into: JsonObject) => boolean): string {
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) return `(${into}[${literal(only.name)}] !== undefined)`;
  return `${w.constant(has)}(${into})`;
}

/** A value as source: an expression, or the members of an object that is made of it. */
type Content = { readonly expression: string } | { readonly members: string };

/** The expression of a value as it stands at the register of its target, within the members between: what `registerOf` wraps. */
export function wrapped({ steps }: Target, value: string): string {
  const at = steps.findIndex((step) => step.choice !== undefined || step.list);
  const step = steps[at];
  if (step === undefined) return value;
  const inner = within(steps.slice(at + 1), { expression: value });
  if (step.choice === undefined) return print(step.url === undefined ? inner : marked(step.url, inner));
  return step.name.endsWith('[x]') ? value : `{ ${literal(step.name)}: ${print(inner)} }`;
}

function within(steps: readonly TargetStep[], value: Content): Content {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const { name, list, url } = step;
  const inner = within(rest, value);
  const content = url === undefined ? inner : marked(url, inner);
  const listed = !list ? print(content) : 'members' in content ? `[${print(content)}]` : `asList(${print(content)})`;
  return { members: `${literal(name)}: ${listed}` };
}

function marked(url: string, content: Content): Content {
  if ('members' in content) return { members: `url: ${literal(url)}, ${content.members}` };
  return { expression: `withUrl(${literal(url)}, ${content.expression})` };
}

function print(content: Content): string {
  return 'members' in content ? `{ ${content.members} }` : content.expression;
}

/** Writes the check of a shape as source: one function that passes over an object's members once. */
import type { JsonObject } from '../core/json.js';
import { literal, SourceWriter } from '../core/source-writer.js';
import type { Conforming } from './conform-values.js';
import type { Shape, Slot } from './shape.js';

/** Whether an object is as a shape allows. */
export type Check = (value: JsonObject, how: Conforming) => boolean;

/** What written checks call. */
export interface CheckHelpers {
  readonly isObject: (value: unknown) => boolean;
  readonly isId: (text: string) => boolean;
  /** A member that no element is: the companion of a primitive. */
  readonly companionConforms: (value: JsonObject, key: string, shape: Shape, how: Conforming) => boolean;
  /** Null in a list. */
  readonly standsFor: (companions: never, index: number) => boolean;
  readonly primitive: (value: never, slot: Slot) => unknown;
  readonly permitted: (value: JsonObject, slot: Slot, how: Conforming) => unknown;
}

/**
 * The check of a shape; undefined where code may not be generated. `below` gives what checks the values of a complex
 * element, to be looked up when they are met, since types contain one another.
 */
export function generateCheck(
  shape: Shape,
  helpers: CheckHelpers,
  below: (slot: Slot) => { readonly check: Check },
): Check | undefined {
  const w = new SourceWriter();
  w.line('let empty = true;');
  w.block('for (const key in v)', () => {
    w.line('empty = false;');
    w.line('const x = v[key];');
    w.block('switch (key.length)', () => {
      for (const [length, members] of byLength(shape)) {
        w.line(`case ${length}:`);
        for (const [name, slot] of members) {
          w.block(`if (key === ${literal(name)})`, () => {
            writeMember(w, name, slot, below);
            w.line('continue;');
          });
        }
        w.line('break;');
      }
    });
    w.line(`if (key === 'resourceType') continue;`);
    w.line(`if (key.charCodeAt(0) !== 95 || !companionConforms(v, key, ${w.constant(shape)}, how)) return false;`);
  });
  w.line('if (empty) return false;');
  const present = shape.required.map(
    ({ carriers }) => `(${carriers.map((name) => `v[${literal(name)}] !== undefined`).join(' || ')})`,
  );
  w.line(`return ${present.length === 0 ? 'true' : `!how.fill || (${present.join(' && ')})`};`);
  const constants = w.constants.map((_, at) => `const k${at} = constants[${at}];`).join('');
  const body = `'use strict';const {${Object.keys(helpers).join(',')}} = helpers;${constants}return function (v, how) {\n${w.source}\n};`;
  try {
    return new Function('helpers', 'constants', body)(helpers, w.constants) as Check;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** The members by the length of their names: so few names are compared. */
function byLength({ slots }: Shape): [number, [string, Slot][]][] {
  const found = new Map<number, [string, Slot][]>();
  for (const member of slots) {
    const others = found.get(member[0].length);
    if (others === undefined) found.set(member[0].length, [member]);
    else others.push(member);
  }
  return [...found];
}

function writeMember(w: SourceWriter, name: string, slot: Slot, below: Parameters<typeof generateCheck>[2]): void {
  if (!slot.list) {
    w.line(`if (${failsItem(w, 'x', slot, below)}) return false;`);
    return;
  }
  w.line('if (!Array.isArray(x) || x.length === 0) return false;');
  w.block('for (let at = 0; at < x.length; at++)', () => {
    w.line('const item = x[at];');
    w.line(
      `if (item === null ? !standsFor(v[${literal(`_${name}`)}], at) : ${failsItem(w, 'item', slot, below)}) return false;`,
    );
  });
}

/** The expression that is true where a value may not stand in an element. */
function failsItem(w: SourceWriter, x: string, slot: Slot, below: Parameters<typeof generateCheck>[2]): string {
  if (slot.kind === 'primitive') return failsPrimitive(w, x, slot);
  if (slot.kind === 'resource') return `!isObject(${x}) || how.resource(${x}) !== ${x}`;
  const judged = (test: string): string => (slot.judged ? ` || ${test}` : '');
  const own = slot.judged ? w.constant(slot) : '';
  return (
    `!isObject(${x})${judged(`how.dataType(${literal(slot.type)}, ${x}) !== ${x}`)}` +
    ` || !${w.constant(below(slot))}.check(${x}, how)${judged(`permitted(${x}, ${own}, how) !== ${x}`)}`
  );
}

function failsPrimitive(w: SourceWriter, x: string, slot: Slot): string {
  const notText = `typeof ${x} !== 'string' || ${x} === ''`;
  if (slot.plain) return notText;
  switch (slot.type) {
    case 'boolean':
      return `typeof ${x} !== 'boolean'`;
    case 'decimal':
      return `typeof ${x} !== 'number'`;
    case 'date':
      return `${notText} || ${x}.length > 10`;
    case 'id':
      return `${notText} || !isId(${x})`;
    case 'code': {
      const codes = slot.codes === undefined ? '' : ` || !${w.constant(slot.codes)}.has(${x})`;
      return `${notText}${codes}${slot.form === undefined ? '' : ` || !${w.constant(slot.form)}.test(${x})`}`;
    }
    default:
      return `${x} === undefined || primitive(${x}, ${w.constant(slot)}) !== ${x}`;
  }
}

import { type ElementModel, type TypeModel, typeModel } from '../fhir/definitions/type-model.js';
import { didYouMean, type Place, type Problems } from './problem.js';

/** One member on the way to a target. */
export interface TargetStep {
  /** JSON member: `name`, `_birthDate`, `valueQuantity`; `value[x]` for a whole choice. */
  readonly name: string;
  readonly list: boolean;
  /** Which entry made of a list, from 1; undefined where none was written. */
  readonly entry: number | undefined;
  /** For `extension(url)`. */
  readonly url: string | undefined;
  /** Name of the choice the member belongs to: `value` of `valueQuantity`. */
  readonly choice: string | undefined;
}

/** A checked target path. */
export interface Target {
  readonly text: string;
  readonly steps: readonly TargetStep[];
  /** FHIR type of what stands there; `choice` for a whole `value[x]`. */
  readonly type: string;
  readonly primitive: boolean;
  /** The members below, for complex types. */
  readonly model: TypeModel | null;
  readonly list: boolean;
  readonly element: ElementModel | undefined;
}

/** Reads a target path below a type. What the type has not goes to the problems, with the nearest name. */
export function parseTarget(text: string, below: TypeModel, place: Place, problems: Problems): Target | undefined {
  let model: TypeModel | null = below;
  const steps: TargetStep[] = [];
  let result: Omit<Target, 'text' | 'steps'> | undefined;
  const parts = splitPath(text);
  let extended = false;
  for (const [index, part] of parts.entries()) {
    const read = /^([A-Za-z]+)(\[x\])?(?:\[(\d+)\])?(?:\((.+)\))?$/.exec(part);
    if (read === null) {
      problems.add(place, `'${part}' is no part of a target path`);
      return undefined;
    }
    const [, name = '', whole, entry, url] = read;
    if (model === null) {
      problems.add(place, `${below.name} has no '${text}': '${parts[index - 1] ?? ''}' has no members`);
      return undefined;
    }
    if (whole !== undefined) {
      const element: ElementModel | undefined = model.byName.get(name);
      if (element === undefined || !element.choice) {
        problems.add(place, `${model.name} has no choice '${name}[x]'${didYouMean(name, model.byName.keys())}`);
        return undefined;
      }
      steps.push({ name: `${name}[x]`, list: false, entry: undefined, url: undefined, choice: name });
      result = { type: 'choice', primitive: false, model: null, list: false, element };
      model = null;
      continue;
    }
    const member: ReturnType<TypeModel['members']['get']> = model.members.get(name);
    const choice: ElementModel | undefined = model.byName.get(name);
    if (member === undefined && choice !== undefined) {
      const names = choice.members.map((each) => each.jsonName);
      problems.add(place, `'${name}' is a choice: ${names.slice(0, 12).join(', ')}`);
      return undefined;
    }
    if (member === undefined) {
      problems.add(place, `${model.name} has no element '${name}'${didYouMean(name, model.members.keys())}`);
      return undefined;
    }
    const { element }: { element: ElementModel } = member;
    const list = element.max > 1;
    if (url !== undefined && name !== 'extension' && name !== 'modifierExtension') {
      problems.add(place, `only an extension is named in parentheses: '${part}'`);
      return undefined;
    }
    const next: string | undefined = parts[index + 1];
    const extends_: boolean = member.primitive && next?.startsWith('extension(') === true && !extended;
    if (extends_ && list) {
      problems.add(place, `'${name}' is a list of ${member.type}; extensions of its entries cannot be set`);
      return undefined;
    }
    // Within another extension its parts are named by plain words (FHIR, Extension.url).
    const nested: boolean = index > 0 ? steps.at(-1)?.url !== undefined : below.name === 'Extension';
    steps.push({
      name: extends_ ? `_${name}` : name,
      list,
      entry: entry === undefined ? undefined : Number(entry),
      url: url === undefined ? undefined : extensionUrl(url, nested),
      choice: element.choice ? element.name : undefined,
    });
    result = { type: member.type, primitive: member.primitive, model: member.model, list, element };
    model = extends_ ? extensible() : member.model;
    extended = extends_;
  }
  return result === undefined ? undefined : { text, steps, ...result };
}

/** A target that is the object or primitive itself: `$this`. */
export function thisTarget(type: string, model: TypeModel | null): Target {
  const steps =
    model === null ? [{ name: '$this', list: false, entry: undefined, url: undefined, choice: undefined }] : [];
  return { text: '$this', steps, type, primitive: model === null, model, list: false, element: undefined };
}

/** A type of which only the extensions are used. */
function extensible(): TypeModel | null {
  return typeModel('R4', 'Extension');
}

function extensionUrl(name: string, nested: boolean): string {
  if (name.includes(':')) return name;
  return nested ? name : `http://hl7.org/fhir/StructureDefinition/${name}`;
}

/** Cuts at dots outside parentheses. */
function splitPath(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '.' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** The part of a target that is set by itself, and how a value goes into it. */
export interface Register {
  /** Dotted members up to the first list or choice: `hospitalization.admitSource`, `value[x]`, `_birthDate.extension`. */
  readonly path: string;
  readonly list: boolean;
  /** Puts a value of the target's type into what stands at the register: one entry of a list, or the whole. */
  readonly wrap: ((value: WrapValue) => WrapValue) | undefined;
}

type WrapValue = import('../core/json.js').Json;

/** Cuts a target into its register and what lies within. */
export function registerOf(target: Target): Register {
  const names: string[] = [];
  for (const [index, step] of target.steps.entries()) {
    if (step.choice !== undefined) {
      names.push(`${step.choice}[x]`);
      const whole = step.name.endsWith('[x]');
      const inner = wrapSteps(target.steps.slice(index + 1));
      const { name } = step;
      return {
        path: names.join('.'),
        list: false,
        wrap: whole ? undefined : (value) => ({ [name]: inner === undefined ? value : inner(value) }),
      };
    }
    names.push(step.name);
    if (step.list) {
      const inner = wrapSteps(target.steps.slice(index + 1));
      const { url } = step;
      if (url === undefined) return { path: names.join('.'), list: true, wrap: inner };
      return {
        path: names.join('.'),
        list: true,
        wrap: (value) => withUrl(url, inner === undefined ? value : inner(value)),
      };
    }
  }
  return { path: names.join('.'), list: false, wrap: undefined };
}

function wrapSteps(steps: readonly TargetStep[]): ((value: WrapValue) => WrapValue) | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return undefined;
  const inner = wrapSteps(rest);
  const { name, list, url } = step;
  return (value) => {
    let content = inner === undefined ? value : inner(value);
    if (url !== undefined) content = withUrl(url, content);
    return { [name]: list && !Array.isArray(content) ? [content] : content };
  };
}

function withUrl(url: string, content: WrapValue): WrapValue {
  return typeof content === 'object' && content !== null && !Array.isArray(content) ? { url, ...content } : content;
}

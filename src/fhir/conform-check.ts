/**
 * Whether a resource is as its version's definitions allow, found without making anything: most are. The walk here says what
 * is right; a shape that is asked for often has the same written out as source (`conform-source.ts`).
 */
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { type Check, type CheckHelpers, generateCheck } from './conform-source.js';
import { type Conforming, coerced, isAllowed, isId, permitted, primitive } from './conform-values.js';
import type { Shape, Slot } from './shape.js';

/** A shape's check: the walk at first, later what was written out. */
interface Known {
  uses: number;
  check: Check;
}

const checks = new WeakMap<Shape, Known>();

/** Writing source takes time, and a single message asks few shapes often. */
const generateAfter = 50;

/** True where conforming would give the object itself. */
export function conforms(value: JsonObject, shape: Shape, how: Conforming): boolean {
  const known = knownOf(shape);
  if (known.uses < generateAfter && ++known.uses === generateAfter) known.check = written(shape) ?? known.check;
  return known.check(value, how);
}

function knownOf(shape: Shape): Known {
  let known = checks.get(shape);
  if (known === undefined) {
    known = { uses: 0, check: (value, how) => conformsAsRead(value, shape, how) };
    checks.set(shape, known);
  }
  return known;
}

/** The check of an element's values within a written one: its shape is read, and written out, when the first is met. */
function checkLater(slot: Slot): { check: Check } {
  const later = {
    check: (value: JsonObject, how: Conforming): boolean => {
      const known = knownOf(slot.shape());
      if (known.uses < generateAfter) {
        known.uses = generateAfter;
        known.check = written(slot.shape()) ?? known.check;
      }
      later.check = known.check;
      return later.check(value, how);
    },
  };
  return later;
}

/** The same by walking the shape. */
export function conformsAsRead(value: JsonObject, shape: Shape, how: Conforming): boolean {
  let empty = true;
  for (const key in value) {
    empty = false;
    if (key === 'resourceType') continue;
    const slot = shape.slots.get(key);
    if (slot === undefined) {
      if (key.charCodeAt(0) !== underscore || !companionConforms(value, key, shape, how)) return false;
      continue;
    }
    const there = value[key];
    if (Array.isArray(there) !== slot.list) return false;
    if (!Array.isArray(there)) {
      if (!itemConforms(there, slot, how)) return false;
      continue;
    }
    if (there.length === 0) return false;
    for (let index = 0; index < there.length; index++) {
      const item = there[index];
      if (item === null ? !standsFor(value[`_${key}`], index) : !itemConforms(item, slot, how)) return false;
    }
  }
  if (empty) return false;
  if (!how.fill) return true;
  for (const { carriers } of shape.required) if (!hasAny(value, carriers)) return false;
  return true;
}

function hasAny(value: JsonObject, names: readonly string[]): boolean {
  for (const name of names) if (value[name] !== undefined) return true;
  return false;
}

const underscore = '_'.charCodeAt(0);

/** True where a list of companions has an object in a place: there its value may be null. */
function standsFor(companions: Json | undefined, index: number): boolean {
  return Array.isArray(companions) && isJsonObject(companions[index]);
}

/** The same of what stands beside a primitive: `_birthDate`. */
function companionConforms(value: JsonObject, key: string, shape: Shape, how: Conforming): boolean {
  const slot = shape.slots.get(key.slice(1));
  const companion = value[key];
  if (slot?.kind !== 'primitive' || Array.isArray(companion) !== slot.list) return false;
  if (!Array.isArray(companion)) return isJsonObject(companion) && conformsAsRead(companion, slot.shape(), how);
  const values = value[key.slice(1)];
  return companion.every((item, index) =>
    item === null
      ? Array.isArray(values) && values[index] != null
      : isJsonObject(item) && conformsAsRead(item, slot.shape(), how),
  );
}

function itemConforms(value: Json | undefined, slot: Slot, how: Conforming): boolean {
  if (slot.kind === 'primitive') {
    if (typeof value !== 'string') return value !== undefined && primitive(value, slot) === value;
    if (slot.plain) return value !== '';
    if (slot.type === 'code') return value !== '' && isAllowed(value, slot);
    if (slot.type === 'date') return value !== '' && value.length <= 10;
    if (slot.type === 'id') return isId(value);
    return primitive(value, slot) === value;
  }
  if (!isJsonObject(value) || coerced(value, slot) !== value) return false;
  if (slot.kind === 'resource') return how.resource(value) === value;
  if (slot.judged && how.dataType(slot.type, value) !== value) return false;
  return conformsAsRead(value, slot.shape(), how) && (!slot.judged || permitted(value, slot, how) === value);
}

const helpers: CheckHelpers = { isObject: isJsonObject, isId, companionConforms, standsFor, primitive, permitted };

function written(shape: Shape): Check | undefined {
  return generateCheck(shape, helpers, checkLater);
}

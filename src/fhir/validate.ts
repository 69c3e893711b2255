import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { type ElementModel, isResourceType, type Member, type TypeModel, typeModel } from './definitions/type-model.js';
import type { Scope } from './fhirpath-compiled.js';
import { type Item, resourceItem } from './fhirpath-items.js';
import { brokenInvariants } from './invariants.js';
import { bindingProblem } from './validate-binding.js';
import { primitiveProblem } from './validate-primitive.js';
import { targetProblem } from './validate-reference.js';
import { error, type Issue, type Report } from './validation-issue.js';
import type { FhirVersion } from './version.js';

interface Visit {
  readonly version: FhirVersion;
  readonly report: Report;
  readonly scope: Scope;
}

const longestDepth = 64;

/**
 * Checks a resource, and those inside it, against the definitions of a version: element names, JSON types, cardinalities,
 * choices, primitives, required bindings, reference targets, narratives and invariants. No issues: it is valid.
 * Issues hold element names only, never values. Nothing throws, whatever the resource holds.
 */
export function validateResource(version: FhirVersion, resource: Json): Issue[] {
  const issues: Issue[] = [];
  if (!isJsonObject(resource)) return [error('$', 'structure', 'a resource must be a JSON object')];
  const root = resourceItem(version, resource);
  visitResource(
    resource,
    root.model?.name ?? 'Resource',
    { version, report: (issue) => issues.push(issue), scope: { resource: root, root } },
    0,
  );
  return issues;
}

function visitResource(resource: JsonObject, path: string, visit: Visit, depth: number): void {
  const type = resource['resourceType'];
  if (typeof type !== 'string') {
    visit.report(error(path, 'required', 'resourceType is missing'));
    return;
  }
  const model = isResourceType(visit.version, type) ? typeModel(visit.version, type) : null;
  if (model === null) {
    visit.report(error(path, 'not-found', `resourceType is not one that ${visit.version} validation knows`));
    return;
  }
  visitObject(resource, model, path, visit, depth);
  const item: Item = { value: resource, type, model, element: null };
  checkInvariants(model.name, model.invariants, item, path, visit);
}

function visitObject(object: JsonObject, model: TypeModel, path: string, visit: Visit, depth: number): void {
  if (depth > longestDepth) {
    visit.report(error(path, 'structure', 'is nested too deeply'));
    return;
  }
  let members = 0;
  for (const name of Object.keys(object)) {
    if (name === 'resourceType' && model.resource) continue;
    members += 1;
    if (name === 'fhir_comments' && visit.version === 'DSTU2') continue;
    const member = model.members.get(name) ?? primitiveSibling(model, name);
    if (member === null)
      visit.report(error(`${path}.${safe(name)}`, 'structure', `${visit.version} has no such element`));
  }
  if (members === 0 && !model.resource) visit.report(error(path, 'structure', 'must not be empty'));
  for (const element of model.elements) visitElement(object, element, path, visit, depth);
}

/** `_birthDate` belongs to the primitive `birthDate`. */
function primitiveSibling(model: TypeModel, name: string): Member | null {
  const member = name.startsWith('_') ? model.members.get(name.slice(1)) : undefined;
  return member?.primitive === true ? member : null;
}

function visitElement(object: JsonObject, element: ElementModel, path: string, visit: Visit, depth: number): void {
  let present = 0;
  let count = 0;
  for (const member of element.members) {
    const value = object[member.jsonName];
    const sibling = member.primitive ? object[member.siblingName] : undefined;
    if (value === undefined && sibling === undefined) continue;
    present += 1;
    count += visitMember(value, sibling, member, `${path}.${member.jsonName}`, visit, depth);
  }
  const place = `${path}.${element.name}${element.choice ? '[x]' : ''}`;
  if (present > 1) visit.report(error(place, 'structure', 'may have one type only'));
  if (count < element.min) {
    const message = element.min === 1 ? 'is required' : `must be there ${element.min} times`;
    visit.report(error(place, 'required', message));
  } else if (count > element.max) {
    visit.report(error(place, 'structure', `may be there ${element.max} times at most`));
  }
}

/** How many times the element is there. */
function visitMember(
  value: Json | undefined,
  sibling: Json | undefined,
  member: Member,
  path: string,
  visit: Visit,
  depth: number,
): number {
  if (member.element.max <= 1) {
    if (Array.isArray(value) || Array.isArray(sibling)) {
      visit.report(error(path, 'structure', 'must not be an array'));
      return 1;
    }
    return visitOne(value, sibling, member, path, visit, depth) ? 1 : 0;
  }
  if ((value !== undefined && !Array.isArray(value)) || (sibling !== undefined && !Array.isArray(sibling))) {
    visit.report(error(path, 'structure', 'must be an array'));
    return 1;
  }
  const values = value ?? [];
  const siblings = sibling ?? [];
  if ((value !== undefined && values.length === 0) || (sibling !== undefined && siblings.length === 0)) {
    visit.report(error(path, 'structure', 'must not be an empty array'));
  }
  let count = 0;
  for (let at = 0; at < Math.max(values.length, siblings.length); at++) {
    const one = sibling !== undefined && values[at] === null ? undefined : values[at];
    const beside = siblings[at] === null ? undefined : siblings[at];
    if (visitOne(one, beside, member, `${path}[${at}]`, visit, depth)) count += 1;
    else visit.report(error(`${path}[${at}]`, 'structure', 'has neither a value nor extensions'));
  }
  return count;
}

/** False when there is neither a value nor an extension. */
function visitOne(
  value: Json | undefined,
  sibling: Json | undefined,
  member: Member,
  path: string,
  visit: Visit,
  depth: number,
): boolean {
  const extended = sibling !== undefined && visitSibling(sibling, path, visit, depth);
  if (value === undefined) return extended;
  if (member.type === 'Resource') {
    visitInlined(value, member, path, visit, depth);
    return true;
  }
  const problem = member.primitive ? primitiveProblem(visit.version, member.type, value) : null;
  if (problem !== null) {
    visit.report(error(path, 'value', problem));
    return true;
  }
  if (!member.primitive) {
    if (!isJsonObject(value) || member.model === null) {
      visit.report(error(path, 'structure', 'must be an object'));
      return true;
    }
    visitObject(value, member.model, path, visit, depth + 1);
  }
  checkValue(value, member, path, visit);
  return true;
}

function checkValue(value: Json, member: Member, path: string, visit: Visit): void {
  const coded = bindingProblem(visit.version, member, value);
  if (coded !== null) visit.report(error(path, 'code-invalid', coded));
  const target = member.type === 'Reference' ? targetProblem(member.element, value, visit.scope.root.value) : null;
  if (target !== null) visit.report(error(path, 'value', target));
  const item: Item = { value, type: member.type, model: member.model, element: member.element };
  const owner = member.model?.name ?? member.type;
  if (member.model !== null) checkInvariants(owner, member.model.invariants, item, path, visit);
  // A backbone element's invariants are its model's already.
  if (member.model === null || !owner.includes('.')) {
    checkInvariants(`${owner} ${member.element.path}`, member.element.invariants, item, path, visit);
  }
}

/** `_name` holds an id or extensions of the primitive beside it. */
function visitSibling(sibling: Json, path: string, visit: Visit, depth: number): boolean {
  const model = typeModel(visit.version, 'Element');
  if (!isJsonObject(sibling) || model === null) {
    visit.report(error(path, 'structure', 'extensions of a primitive must be an object'));
    return true;
  }
  visitObject(sibling, model, path, visit, depth + 1);
  return sibling['extension'] !== undefined;
}

/**
 * A contained resource's container is its %rootResource (in STU3, %resource); a Bundle's entries are roots of their own.
 */
function visitInlined(value: Json, member: Member, path: string, visit: Visit, depth: number): void {
  if (!isJsonObject(value)) {
    visit.report(error(path, 'structure', 'must be a resource'));
    return;
  }
  const item = resourceItem(visit.version, value);
  const contained = member.element.name === 'contained';
  const root = contained ? visit.scope.root : item;
  const scope: Scope = { resource: visit.version === 'R4' ? item : root, root };
  if (contained && value['contained'] !== undefined) {
    visit.report(error(`${path}.contained`, 'structure', 'a contained resource must not contain another'));
  }
  if (contained && typeof value['id'] !== 'string') visit.report(error(`${path}.id`, 'required', 'is required'));
  visitResource(value, path, { ...visit, scope }, depth + 1);
}

function checkInvariants(
  place: string,
  invariants: TypeModel['invariants'],
  item: Item,
  path: string,
  visit: Visit,
): void {
  for (const { key, severity } of brokenInvariants(visit.version, place, invariants, item, visit.scope)) {
    visit.report({ severity, path, code: 'invariant', message: `breaks the rule ${key}` });
  }
}

/** A name from the resource that looks like an element's; anything else is not repeated. */
function safe(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) ? name : '?';
}

import type { FhirVersion } from '../version.js';
import { definitionsOf, type ElementEntry, type Invariant } from './definition-files.js';

/** One element of a type, or of a backbone element, in one version. */
export interface ElementModel {
  /** Name without `[x]`. */
  readonly name: string;
  /** Path below the type, as the definitions write it: `contact.name`, `value[x]`. */
  readonly path: string;
  readonly min: number;
  /** `Infinity` for `*`. */
  readonly max: number;
  readonly choice: boolean;
  readonly types: readonly string[];
  /** Types that a Reference may point to; empty: any. */
  readonly targets: readonly string[];
  readonly binding: { readonly strength: 'required' | 'extensible'; readonly valueSet: string } | null;
  readonly summary: boolean;
  readonly invariants: readonly Invariant[];
  /** One member per type that the element can have in JSON. */
  readonly members: readonly Member[];
}

/** An element as a JSON property: `valueQuantity` is the member of type Quantity of the element `value[x]`. */
export interface Member {
  readonly jsonName: string;
  /** `_jsonName`, where a primitive's id and extensions stand. */
  readonly siblingName: string;
  readonly element: ElementModel;
  readonly type: string;
  readonly primitive: boolean;
  /** The members below: null for primitives and for inlined resources (whose `resourceType` says). */
  readonly model: TypeModel | null;
}

/** What may stand in an object of one type, or of one backbone element. */
export interface TypeModel {
  readonly version: FhirVersion;
  /** `Patient`, `Quantity`, `Patient.contact`. */
  readonly name: string;
  readonly resource: boolean;
  readonly elements: readonly ElementModel[];
  /** By JSON property name. */
  readonly members: ReadonlyMap<string, Member>;
  /** By element name without `[x]`: FHIRPath's view. */
  readonly byName: ReadonlyMap<string, ElementModel>;
  readonly invariants: readonly Invariant[];
}

const models: Readonly<Record<FhirVersion, Map<string, TypeModel>>> = {
  R4: new Map(),
  STU3: new Map(),
  DSTU2: new Map(),
};

/** The model of a type (`Patient`, `Quantity`) or backbone element (`Patient.contact`); null when the version has none. */
export function typeModel(version: FhirVersion, name: string): TypeModel | null {
  const known = models[version].get(name);
  if (known !== undefined) return known;
  const dot = name.indexOf('.');
  const typeName = dot < 0 ? name : name.slice(0, dot);
  const type = Object.hasOwn(definitionsOf(version).types, typeName)
    ? definitionsOf(version).types[typeName]
    : undefined;
  if (type === undefined || type.kind === 'primitive') return null;
  const prefix = dot < 0 ? '' : `${name.slice(dot + 1)}.`;
  const entries = entriesBelow(version, type.elements, prefix);
  if (entries.length === 0) return null;
  const elements = entries.map(([path, entry]) =>
    elementModel(version, typeName, path, path.slice(prefix.length), entry),
  );
  const model: TypeModel = {
    version,
    name,
    resource: prefix === '' && type.kind === 'resource',
    elements,
    members: new Map(
      elements.flatMap((element) => element.members.map((member) => [member.jsonName, member] as const)),
    ),
    byName: new Map(elements.map((element) => [element.name, element])),
    invariants: (prefix === '' ? type.invariants : type.elements[prefix.slice(0, -1)]?.invariants) ?? [],
  };
  models[version].set(name, model);
  return model;
}

/** Names of all resource types that a version's data hold, abstract ones left out. */
export function resourceTypes(version: FhirVersion): string[] {
  const entries = Object.entries(definitionsOf(version).types);
  return entries.filter(([, type]) => type.kind === 'resource' && type.abstract !== true).map(([name]) => name);
}

/** True when the version's data hold a (not abstract) resource type of this name. */
export function isResourceType(version: FhirVersion, name: string): boolean {
  const types = definitionsOf(version).types;
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  return type?.kind === 'resource' && type.abstract !== true;
}

function entriesBelow(
  version: FhirVersion,
  elements: Readonly<Record<string, ElementEntry>>,
  prefix: string,
): (readonly [string, ElementEntry])[] {
  const own = Object.entries(elements).filter(
    ([path]) => path.startsWith(prefix) && !path.includes('.', prefix.length) && path.length > prefix.length,
  );
  if (prefix === '' || own.length === 0) return own;
  const base = elements[prefix.slice(0, -1)]?.types?.[0] ?? 'BackboneElement';
  const inherited = definitionsOf(version).types[base]?.elements ?? {};
  const added = Object.entries(inherited).map(([path, entry]) => [prefix + path, entry] as const);
  return [...added, ...own];
}

function elementModel(
  version: FhirVersion,
  typeName: string,
  path: string,
  lastPart: string,
  entry: ElementEntry,
): ElementModel {
  const choice = lastPart.endsWith('[x]');
  const name = choice ? lastPart.slice(0, -3) : lastPart;
  const types = entry.types ?? ['BackboneElement'];
  const members: Member[] = [];
  const element: ElementModel = {
    name,
    path,
    min: entry.min ?? 0,
    max: entry.max === '*' ? Number.POSITIVE_INFINITY : Number(entry.max ?? '1'),
    choice,
    types,
    targets: entry.targets?.includes('Resource') ? [] : (entry.targets ?? []),
    binding: entry.binding === undefined ? null : { strength: entry.binding[0], valueSet: entry.binding[1] },
    summary: entry.summary === true,
    invariants: entry.invariants ?? [],
    members,
  };
  for (const type of types) {
    const jsonName = choice ? name + type.charAt(0).toUpperCase() + type.slice(1) : name;
    const target = modelName(typeName, path, type, entry);
    const primitive = definitionsOf(version).types[type]?.kind === 'primitive';
    let model: TypeModel | null | undefined;
    members.push({
      jsonName,
      siblingName: `_${jsonName}`,
      element,
      type,
      primitive,
      get model() {
        if (model === undefined) model = primitive || type === 'Resource' ? null : typeModel(version, target);
        return model;
      },
    });
  }
  return element;
}

function modelName(typeName: string, path: string, type: string, entry: ElementEntry): string {
  if (entry.contentReference !== undefined) return entry.contentReference;
  return type === 'BackboneElement' || type === 'Element' ? `${typeName}.${path}` : type;
}

import { codeFormAtEnd } from './code-forms.js';
import { definitionsOf, type ElementEntry } from './definitions/definition-files.js';
import type { FhirVersion } from './version.js';

/** What may stand under one JSON member of a type: one element, or one type of a choice (`valueQuantity`). */
export interface Slot {
  /** The FHIR type; BackboneElement or Element where the members are the element's own. */
  readonly type: string;
  readonly kind: 'primitive' | 'complex' | 'resource';
  readonly list: boolean;
  /** The allowed codes of a required binding; for concepts and codings as `system|code`. */
  readonly codes: ReadonlySet<string> | undefined;
  /** The form of the codes of a required binding that no list can hold. */
  readonly form: RegExp | undefined;
  /** The types a reference may point to; undefined where any is allowed. */
  readonly targets: ReadonlySet<string> | undefined;
  /** True for texts that are taken as they are: neither numbers, truth values, codes nor texts with a form of their own. */
  readonly plain: boolean;
  /** True for complex values of which more has to be looked at than their members: what an extension or a period says, codes. */
  readonly judged: boolean;
  /** The members of a complex value; read when needed, as types contain one another. */
  readonly shape: () => Shape;
}

export interface Shape {
  readonly slots: ReadonlyMap<string, Slot>;
  /**
   * For each required element the members that can carry it, the first being where its absence is explained, and the
   * same with the companions of primitives (`_status`).
   */
  readonly required: readonly {
    readonly members: readonly string[];
    readonly carriers: readonly string[];
    readonly slot: Slot;
  }[];
}

const empty: Shape = { slots: new Map(), required: [] };
const shapes = new Map<string, Shape>();
const ofTypes: Readonly<Record<FhirVersion, Map<string, Shape>>> = {
  R4: new Map(),
  STU3: new Map(),
  DSTU2: new Map(),
};

/** The shape of a resource or data type in a version; undefined where the version has no such type. */
export function shapeOf(version: FhirVersion, type: string): Shape | undefined {
  const known = ofTypes[version].get(type);
  if (known !== undefined) return known;
  if (!Object.hasOwn(definitionsOf(version).types, type)) return undefined;
  const shape = shapeAt(version, type, '');
  ofTypes[version].set(type, shape);
  return shape;
}

function shapeAt(version: FhirVersion, type: string, path: string): Shape {
  const key = `${version} ${type} ${path}`;
  let shape = shapes.get(key);
  if (shape === undefined) {
    shape = readShape(version, type, path);
    shapes.set(key, shape);
  }
  return shape;
}

function readShape(version: FhirVersion, type: string, path: string): Shape {
  const definition = definitionsOf(version).types[type];
  if (definition === undefined) return empty;
  const slots = new Map<string, Slot>();
  const required: { members: string[]; carriers: string[]; slot: Slot }[] = [];
  const prefix = path === '' ? '' : `${path}.`;
  if (path !== '') {
    const base = definition.elements[path]?.types?.[0] === 'Element' ? 'Element' : 'BackboneElement';
    for (const [name, slot] of shapeAt(version, base, '').slots) slots.set(name, slot);
  }
  for (const [full, entry] of Object.entries(definition.elements)) {
    const name = full.slice(prefix.length);
    if (!full.startsWith(prefix) || name === '' || name.includes('.') || entry.max === '0') continue;
    const members = memberSlots(version, type, full, name, entry);
    for (const [member, slot] of members) slots.set(member, slot);
    const preferred = preferredMember(members);
    if ((entry.min ?? 0) > 0 && preferred !== undefined) {
      const others = members.map(([member]) => member).filter((member) => member !== preferred[0]);
      const names = [preferred[0], ...others];
      required.push({ members: names, carriers: [...names, ...names.map((each) => `_${each}`)], slot: preferred[1] });
    }
  }
  return { slots, required };
}

function memberSlots(
  version: FhirVersion,
  type: string,
  path: string,
  name: string,
  entry: ElementEntry,
): [string, Slot][] {
  const list = entry.max !== undefined && entry.max !== '1';
  if (entry.contentReference !== undefined) {
    const [target = '', ...rest] = entry.contentReference.replace('#', '').split('.');
    const shape = () => shapeAt(version, target, rest.join('.'));
    return [
      [
        name,
        {
          type: 'BackboneElement',
          kind: 'complex',
          list,
          codes: undefined,
          form: undefined,
          targets: undefined,
          plain: false,
          judged: false,
          shape: once(shape),
        },
      ],
    ];
  }
  const types = entry.types ?? [];
  return types.map((of) => {
    const member = name.endsWith('[x]') ? `${name.slice(0, -3)}${of.charAt(0).toUpperCase()}${of.slice(1)}` : name;
    return [member, slotOf(version, type, path, of, list, entry)];
  });
}

function slotOf(
  version: FhirVersion,
  type: string,
  path: string,
  of: string,
  list: boolean,
  entry: ElementEntry,
): Slot {
  const nested = of === 'BackboneElement' || of === 'Element';
  const kind = definitionsOf(version).types[of]?.kind ?? 'complex';
  const codes = requiredCodes(version, of, entry);
  const form = entry.binding?.[0] === 'required' ? codeFormAtEnd(entry.binding[1]) : undefined;
  return {
    type: of,
    kind,
    list,
    codes,
    form,
    targets: entry.targets === undefined || entry.targets.includes('Resource') ? undefined : new Set(entry.targets),
    plain: kind === 'primitive' && !formed.has(of),
    judged: version !== 'R4' || of === 'Period' || of === 'Extension' || codes !== undefined || form !== undefined,
    shape: once(() =>
      nested ? shapeAt(version, type, path) : shapeAt(version, kind === 'primitive' ? 'Element' : of, ''),
    ),
  };
}

const formed: ReadonlySet<string> = new Set(
  'boolean decimal integer unsignedInt positiveInt code date id instant'.split(' '),
);

function once(read: () => Shape): () => Shape {
  let shape: Shape | undefined;
  return () => {
    shape ??= read();
    return shape;
  };
}

function requiredCodes(version: FhirVersion, of: string, entry: ElementEntry): ReadonlySet<string> | undefined {
  if (entry.binding?.[0] !== 'required') return undefined;
  const codes = definitionsOf(version).valueSets[entry.binding[1]];
  if (codes === undefined || codes.length === 0) return undefined;
  return new Set(of === 'code' ? codes.map((code) => code.slice(code.lastIndexOf('|') + 1)) : codes);
}

/** Where a choice lacks a value, the concept says so best, as it can carry the words `unknown`. */
function preferredMember(members: readonly [string, Slot][]): [string, Slot] | undefined {
  return (
    members.find(([, slot]) => slot.type === 'CodeableConcept') ??
    members.find(([, slot]) => slot.type === 'Reference') ??
    members[0]
  );
}

/**
 * How a document's search values are stored: JSON of a flat list, first its shape, then what is the document's own. The shape
 * says all that recurs from document to document: names of parameters, versions, systems, types of references. It is a number
 * of SharedTexts, or stands there itself. An atom that several values have (the code of an Observation is found under five
 * names) is stored once. Rows of formats 1 to 3 are lists of the values as objects, and are read as well.
 */
import type { CompositeValue, SearchAtom, SearchValue } from '../../fhir/search-values.js';
import type { SharedTexts } from './shared-texts.js';

type Leaf = string | number;

/** One atom of a shape, by the initial of its kind, then what the kind needs. */
type AtomShape =
  /** System; then 1 for a code, 0 for none. */
  | ['t', string | null, 0 | 1]
  /** 1 for `grams`; then 1 where the folded text is the exact one in lower case, all of it ASCII. */
  | ['s', 0 | 1, 0 | 1]
  /** How long the range is; null for one that says where it ends. */
  | ['d', number | null]
  /** 1 where both ends are the same. */
  | ['n', 0 | 1]
  /** The same; system; then for code and unit 0 for none, 1 for one, and 2 for a unit that is the code. */
  | ['q', 0 | 1, string | null, 0 | 1, 0 | 1 | 2]
  /** Type; 1 for an id; 1 for a URL; then 0 for no identifier, else its system in a list. */
  | ['r', string | null, 0 | 1, 0 | 1, 0 | [string | null]]
  /** With what the text begins. */
  | ['u', string];

/** Parameter, versions, and which atom; of a composite both. */
type ValueShape = [string, number, number] | [string, number, number, number];

type ShapeJson = [AtomShape[], ValueShape[]];

/** A shape as rows are read by it. */
export type ValuesShape = readonly { readonly parameter: string; read(leaves: readonly Leaf[]): SearchValue }[];

/** JSON texts of an atom: its shape, and what is its own, each part after a comma. */
interface CodedAtom {
  readonly shape: string;
  readonly own: string;
}

/** The text of `search_values.body`. Inside a transaction. */
export function printValues(values: readonly SearchValue[], shapes: SharedTexts<ValuesShape>): string {
  const places = new Map<string, number>();
  let [atomShapes, valueShapes, leaves] = ['', '', ''];
  const place = (atom: SearchAtom): number => {
    const { shape, own } = codeAtom(atom);
    const name = shape + own;
    const known = places.get(name);
    if (known !== undefined) return known;
    const made = places.size;
    places.set(name, made);
    atomShapes += atomShapes === '' ? shape : `,${shape}`;
    leaves += own;
    return made;
  };
  for (const value of values) {
    const atoms = value.kind === 'composite' ? `${place(value.parts[0])},${place(value.parts[1])}` : place(value);
    valueShapes += `${valueShapes === '' ? '' : ','}[${quoted(value.parameter)},${value.versions},${atoms}]`;
  }
  if (valueShapes === '') return '[]';
  const shape = `[[${atomShapes}],[${valueShapes}]]`;
  return `[${shapes.numberOf(shape) ?? shape}${leaves}]`;
}

const lengths = new Set([1, 1000, 60_000, 86_400_000]);

/** The shapes are those of AtomShape, as JSON. */
function codeAtom(atom: SearchAtom): CodedAtom {
  switch (atom.kind) {
    case 'token':
      return atom.code === null
        ? { shape: `["t",${quoted(atom.system)},0]`, own: '' }
        : { shape: `["t",${quoted(atom.system)},1]`, own: `,${quoted(atom.code)}` };
    case 'string': {
      const { exact, folded } = atom;
      const grams = atom.grams ? 1 : 0;
      return inLowerCase(exact) === folded
        ? { shape: `["s",${grams},1]`, own: `,${quoted(exact)}` }
        : { shape: `["s",${grams},0]`, own: `,${quoted(exact)},${quoted(folded)}` };
    }
    case 'date': {
      const { from, to } = atom;
      const length = to - from;
      return lengths.has(length) && from + length === to
        ? { shape: `["d",${length}]`, own: `,${from}` }
        : { shape: '["d",null]', own: `,${from},${to}` };
    }
    case 'number':
      return { shape: `["n",${sameEnds(atom)}]`, own: printEnds(atom) };
    case 'quantity': {
      const { system, code, unit } = atom;
      const unitIs = unit === null ? 0 : unit === code ? 2 : 1;
      const [codeLeaf, unitLeaf] = [code === null ? '' : `,${quoted(code)}`, unitIs === 1 ? `,${quoted(unit)}` : ''];
      return {
        shape: `["q",${sameEnds(atom)},${quoted(system)},${code === null ? 0 : 1},${unitIs}]`,
        own: printEnds(atom) + codeLeaf + unitLeaf,
      };
    }
    case 'reference': {
      const { type, id, url, identifier } = atom;
      let leaves = id === null ? '' : `,${quoted(id)}`;
      if (url !== null) leaves += `,${quoted(url)}`;
      if (identifier !== null) leaves += `,${quoted(identifier.code)}`;
      const logical = identifier === null ? '0' : `[${quoted(identifier.system)}]`;
      return { shape: `["r",${quoted(type)},${id === null ? 0 : 1},${url === null ? 0 : 1},${logical}]`, own: leaves };
    }
    case 'uri': {
      const head = urnHead.exec(atom.value)?.[0] ?? '';
      return { shape: `["u",${quoted(head)}]`, own: `,${quoted(atom.value.slice(head.length))}` };
    }
  }
}

/** What JSON writes as it stands between quotes; most texts are such. */
const plainText = /^[ !#-[\]-~]*$/;

function quoted(text: string | null): string {
  if (text === null) return 'null';
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

const urnHead = /^urn:[a-z:]{1,40}:/;

/** The text in lower case where it is of ASCII alone: whatever Unicode becomes, it is read as it was written. */
function inLowerCase(text: string): string | undefined {
  return /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : undefined;
}

function sameEnds({ low, high }: { readonly low: number; readonly high: number }): 0 | 1 {
  return low === high ? 1 : 0;
}

function printEnds({ low, high }: { readonly low: number; readonly high: number }): string {
  return low === high ? `,${printNumber(low)}` : `,${printNumber(low)},${printNumber(high)}`;
}

/** JSON has no infinity. */
function printNumber(number: number): string {
  return Number.isFinite(number) ? String(number) : number > 0 ? '"+"' : '"-"';
}

function numberOf(leaf: Leaf | undefined): number {
  if (typeof leaf === 'number') return leaf;
  return leaf === '+' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** Reads what `printValues` wrote; of the parameters that are wanted alone, where those are given. */
export function parseValues(
  body: string,
  shapes: SharedTexts<ValuesShape>,
  wanted?: ReadonlySet<string>,
): SearchValue[] {
  if (body.startsWith('[{')) return parseObjects(body);
  const [first, ...leaves] = JSON.parse(body) as [number | ShapeJson | undefined, ...Leaf[]];
  if (first === undefined) return [];
  const shape = typeof first === 'number' ? shapes.at(first) : readersOf(first);
  const values: SearchValue[] = [];
  for (const value of shape) if (wanted?.has(value.parameter) !== false) values.push(value.read(leaves));
  return values;
}

/** As formats 1 to 3 hold them: JSON with open ends of numbers as text. */
function parseObjects(body: string): SearchValue[] {
  if (!body.includes('inf"')) return JSON.parse(body) as SearchValue[];
  return JSON.parse(body, (name, value: unknown) => {
    if (name !== 'low' && name !== 'high') return value;
    return value === '+inf' ? Number.POSITIVE_INFINITY : value === '-inf' ? Number.NEGATIVE_INFINITY : value;
  }) as SearchValue[];
}

/** Reads the text of a shape. */
export function parseShape(text: string): ValuesShape {
  return readersOf(JSON.parse(text) as ShapeJson);
}

type AtomReader = (leaves: readonly Leaf[]) => SearchAtom;

function readersOf([atomShapes, valueShapes]: ShapeJson): ValuesShape {
  let at = 0;
  const atoms = atomShapes.map((shape): AtomReader => {
    const read = atomReader(shape, at);
    at += countOf(shape);
    return read;
  });
  const atom = (place: number): AtomReader => {
    const read = atoms[place];
    if (read === undefined) throw new TypeError('a shape names an atom that it lacks');
    return read;
  };
  return valueShapes.map(([parameter, versions, one, other]) => {
    const first = atom(one);
    if (other === undefined) return { parameter, read: (leaves) => ({ ...first(leaves), parameter, versions }) };
    const second = atom(other);
    return {
      parameter,
      read: (leaves): SearchValue & CompositeValue => ({
        kind: 'composite',
        parts: [first(leaves), second(leaves)],
        parameter,
        versions,
      }),
    };
  });
}

function countOf(shape: AtomShape): number {
  switch (shape[0]) {
    case 't':
      return shape[2];
    case 's':
      return 2 - shape[2];
    case 'd':
      return shape[1] === null ? 2 : 1;
    case 'n':
      return 2 - shape[1];
    case 'q':
      return 2 - shape[1] + shape[3] + (shape[4] === 1 ? 1 : 0);
    case 'r':
      return shape[2] + shape[3] + (shape[4] === 0 ? 0 : 1);
    case 'u':
      return 1;
  }
}

function atomReader(shape: AtomShape, at: number): AtomReader {
  const text = (leaves: readonly Leaf[], place: number): string => String(leaves[place]);
  switch (shape[0]) {
    case 't': {
      const [, system, coded] = shape;
      return (leaves) => ({ kind: 'token', system, code: coded === 1 ? text(leaves, at) : null });
    }
    case 's': {
      const [, grams, derived] = shape;
      return (leaves) => {
        const exact = text(leaves, at);
        const folded = derived === 1 ? exact.toLowerCase() : text(leaves, at + 1);
        return { kind: 'string', folded, exact, grams: grams === 1 };
      };
    }
    case 'd': {
      const [, length] = shape;
      return (leaves) => {
        const from = Number(leaves[at]);
        return { kind: 'date', from, to: length === null ? Number(leaves[at + 1]) : from + length };
      };
    }
    case 'n': {
      const high = at + 1 - shape[1];
      return (leaves) => ({ kind: 'number', low: numberOf(leaves[at]), high: numberOf(leaves[high]) });
    }
    case 'q': {
      const [, same, system, coded, unitIs] = shape;
      const [high, codeAt] = [at + 1 - same, at + 2 - same];
      return (leaves) => {
        const code = coded === 1 ? text(leaves, codeAt) : null;
        const unit = unitIs === 0 ? null : unitIs === 2 ? code : text(leaves, codeAt + coded);
        return { kind: 'quantity', low: numberOf(leaves[at]), high: numberOf(leaves[high]), system, code, unit };
      };
    }
    case 'r': {
      const [, type, named, linked, logical] = shape;
      const [urlAt, codeAt] = [at + named, at + named + linked];
      return (leaves) => ({
        kind: 'reference',
        type,
        id: named === 1 ? text(leaves, at) : null,
        url: linked === 1 ? text(leaves, urlAt) : null,
        identifier: logical === 0 ? null : { system: logical[0], code: text(leaves, codeAt) },
      });
    }
    case 'u': {
      const [, head] = shape;
      return (leaves) => ({ kind: 'uri', value: head + text(leaves, at) });
    }
  }
}

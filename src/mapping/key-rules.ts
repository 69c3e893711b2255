import type { TenantSettings } from '../core/tenant-settings.js';
import { toEpoch } from '../hl7/fhir-times.js';
import { isTimestampFault, parseTimestamp } from '../hl7/timestamps.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Test } from './condition-function.js';
import { cleanText } from './convert.js';
import { itemOf, type PatientItem } from './draft.js';
import { keysOf } from './file-shapes.js';
import { authorityOf } from './functions.js';
import type { Library } from './library.js';
import { didYouMean, type Place } from './problem.js';
import { compileReadAll, compileReadOne, type ReadOne } from './read.js';
import type { DraftBuilder, Run } from './run.js';
import { compileTest, readPath } from './source-compiler.js';
import type { SourcePath } from './source-path.js';
import type { YamlMap, YamlNode } from './yaml-tree.js';

/** The ways to a key of one resource type, as read. */
export interface KeyWays {
  readonly place: Place;
  readonly ways: readonly YamlMap[];
}

/** A key before the drafts it refers to are known. */
export interface MadeKey {
  readonly parts: readonly string[];
  readonly also: readonly (readonly string[])[];
  /** What tells a second thing of this key from the first in one message. */
  readonly apart?: readonly string[] | undefined;
  /** The key of the message's own patient comes first. */
  readonly patient: boolean;
  readonly count: boolean;
  /** Equal keys in one message name one thing, said several times. */
  readonly same?: boolean;
  /** Where parts are the key of a draft that has a patient in it: that patient, and the parts without the patient's. */
  readonly within?: PatientItem;
}

/** Finds the nearest draft of a name. */
export type FindDraft = (run: Run, name: string, from: DraftBuilder | undefined) => DraftBuilder | undefined;
export type KeyMaker = (run: Run, node: ValueNode | undefined) => MadeKey | undefined;
/** One part: a list of texts, those of another draft's key with its patient; undefined when it is not there. */
type Part = (run: Run, node: ValueNode | undefined) => readonly string[] | OwnedPart | undefined;

interface OwnedPart extends PatientItem {
  readonly texts: readonly string[];
}

/** Compiles the ways to a key that a map can go: those of which it can read the paths. `from` is the segment or data type. */
export function compileKey(
  type: string,
  kind: 'segment' | 'datatype',
  from: string,
  library: Library,
  find: FindDraft,
): KeyMaker {
  const makers: KeyMaker[] = [];
  for (const way of library.keys.get(type)?.ways ?? []) {
    library.reading.object(way, 'way');
    if (way.entries.has('levels')) continue;
    if (kind === 'segment' ? readsParts(way) : !readsType(way, from)) continue;
    const segments = library.reading.texts(way, 'segment').map(({ text }) => text);
    if (segments.length > 0 && !segments.includes(from)) continue;
    const maker = compileWay(way, library, find);
    if (maker !== undefined) makers.push(maker);
  }
  return (run, node) => {
    for (const maker of makers) {
      const key = maker(run, node);
      if (key !== undefined) return key;
    }
    return undefined;
  };
}

function compileWay(way: YamlMap, library: Library, find: FindDraft): KeyMaker | undefined {
  const { reading } = library;
  const when = reading.text(way, 'when');
  const test = when === undefined ? undefined : compileTest(when, reading.placeOf(way, 'when'), library);
  const patient = reading.flag(way, 'patient');
  const count = reading.flag(way, 'count');
  const same = reading.flag(way, 'same');
  if (way.entries.has('identifiers')) return compileIdentifiers(way, test, same, library);
  const builtAs = reading.text(way, 'as');
  const parts = reading.list(way, 'parts').map((part) => compilePart(part, library, find));
  const also = reading
    .list(way, 'also')
    .map((list) => (list.kind === 'list' ? list.items : [list]).map((part) => compilePart(part, library, find)));
  const apart = reading.list(way, 'apart').map((part) => compilePart(part, library, find));
  return (run, node) => {
    if (builtAs !== undefined && run.draft?.name !== builtAs) return undefined;
    if (test !== undefined && !test(run, node)) return undefined;
    const made = allParts(parts, run, node);
    if (made === undefined) return undefined;
    const { parts: own, within } = made;
    const key = { parts: own, also: also.length === 0 ? none : others(also, run, node), patient, count, same };
    if (within === undefined && apart.length === 0) return key;
    const told = apart.length === 0 ? undefined : allParts(apart, run, node)?.parts;
    return { ...key, ...(within === undefined ? {} : { within }), apart: told };
  };
}

const none: readonly (readonly string[])[] = [];

/** Further keys of the same thing, of those lists whose parts are all there. */
function others(lists: readonly (readonly Part[])[], run: Run, node: ValueNode | undefined): readonly string[][] {
  return lists.flatMap((list) => {
    const other = allParts(list, run, node);
    return other === undefined ? [] : [[...other.parts]];
  });
}

function allParts(
  parts: readonly Part[],
  run: Run,
  node: ValueNode | undefined,
): Pick<MadeKey, 'parts' | 'within'> | undefined {
  const made: string[] = [];
  const rest: string[] = [];
  let patient: PatientItem['patient'] | undefined;
  for (const part of parts) {
    const found = part(run, node);
    if (found === undefined) return undefined;
    if ('texts' in found) {
      patient ??= found.patient;
      made.push(...found.texts);
      rest.push(...(found.patient === patient ? found.rest : found.texts));
    } else {
      made.push(...found);
      rest.push(...found);
    }
  }
  return patient === undefined ? { parts: made } : { parts: made, within: { patient, rest } };
}

function compilePart(node: YamlNode, library: Library, find: FindDraft): Part {
  if (node.kind === 'scalar') {
    const path = readPath(node.text, node.place, library);
    return path === undefined ? () => undefined : textPart(compileReadOne(path));
  }
  if (node.kind === 'list') {
    library.problems.add(node.place, 'a part of a key is a path or a map');
    return () => undefined;
  }
  library.reading.object(node, 'keyPart');
  const optional = library.reading.flag(node, 'optional');
  const part = compileKindOfPart(node, library, find);
  return optional ? (run, at) => part(run, at) ?? [''] : part;
}

function compileKindOfPart(node: YamlMap, library: Library, find: FindDraft): Part {
  const { reading } = library;
  const word = reading.text(node, 'text');
  if (word !== undefined) return () => [word];
  const of = reading.text(node, 'of');
  if (of !== undefined) {
    return (run) => {
      const key = find(run, of, run.draft)?.key;
      if (key === undefined) return undefined;
      const texts = [...(key.patient?.key?.parts ?? []), ...key.parts];
      const item = itemOf(key);
      return item === undefined ? texts : { texts, ...item };
    };
  }
  const kind = ['path', 'identifier', 'entity', 'code', 'time', 'folded'].find((key) => node.entries.has(key));
  if (kind === undefined) {
    library.problems.add(node.place, `a part names one of ${keysOf('keyPart').slice(0, 8).join(', ')}`);
    return () => undefined;
  }
  const read = firstRead(node, kind, library);
  switch (kind) {
    case 'identifier': {
      const assigner = node.entries.has('assigner') ? firstRead(node, 'assigner', library) : undefined;
      const fallback = reading.text(node, 'authority');
      if (fallback !== undefined && fallback !== 'patient' && fallback !== 'visit') {
        library.problems.add(
          reading.placeOf(node, 'authority'),
          `patient or visit${didYouMean(fallback, ['patient', 'visit'])}`,
        );
      }
      return (run, at) => {
        const found = read(run, at);
        const id = visible(found?.text);
        if (found === undefined || id === '') return undefined;
        note(run, found, ...(assigner === undefined ? [1, 4] : []));
        if (assigner !== undefined) {
          const authority = assigner(run, at);
          if (authority === undefined) return ['', id];
          note(run, authority);
          // Within a component (CNN.9) the authority is one text.
          const named = authority.subcomponent === 0 ? authority.leaf(1) : authority.text;
          return [authorityName(run.tenant, named, authority.leaf(2)), id];
        }
        const named = authorityName(run.tenant, found.leaf(4, 1), found.leaf(4, 2));
        if (named !== '' || fallback === undefined) return [named, id];
        return [(fallback === 'visit' ? run.tenant.visitAuthority : run.tenant.defaultAuthority?.id) ?? '', id];
      };
    }
    case 'entity':
      return (run, at) => {
        const found = read(run, at);
        const id = visible(found?.text);
        if (found === undefined || id === '') return undefined;
        note(run, found, 1, 2, 3);
        return [authorityName(run.tenant, found.leaf(2), found.leaf(3)), id];
      };
    case 'code':
      return (run, at) => {
        const found = read(run, at);
        if (found === undefined) return undefined;
        note(run, found, 1, 2, 3, 5, 9);
        const code = visible(found.leaf(1));
        if (code !== '') return [`${code}|${found.component === 0 ? found.leaf(3) : ''}`];
        const text = folded(found.leaf(2) || found.leaf(9) || found.leaf(5));
        return text === '' ? undefined : [text];
      };
    case 'time':
      return (run, at) => {
        const found = read(run, at);
        if (found === undefined) return undefined;
        note(run, found, ...(found.component === 0 ? [1] : []));
        const time = parseTimestamp(found.text);
        if (isTimestampFault(time)) return undefined;
        const dated = time.precision === 'year' || time.precision === 'month' || time.precision === 'day';
        const instant = dated ? undefined : toEpoch(time, run.zone);
        return [instant === undefined ? found.text.trim() : new Date(instant).toISOString()];
      };
    case 'folded':
      return (run, at) => {
        const found = read(run, at);
        if (found === undefined) return undefined;
        note(run, found);
        const text = folded(found.wholeText);
        return text === '' ? undefined : [text];
      };
    default:
      return textPart(read);
  }
}

function textPart(read: ReadOne): Part {
  return (run, at) => {
    const found = read(run, at);
    const text = visible(found?.text);
    if (found === undefined || text === '') return undefined;
    note(run, found.component === 0 ? found.child(1).child(1) : found);
    return [text];
  };
}

/** A text without blanks around it; empty where nothing of it can be seen, which names nothing. */
function visible(text: string | undefined): string {
  return text === undefined || cleanText(text) === undefined ? '' : text.trim();
}

/** What a key is made from shows in the trace: no rule need read it. */
function note(run: Run, node: ValueNode, ...parts: readonly number[]): void {
  if (run.trace === undefined) return;
  if (parts.length === 0) run.trace.read(node);
  for (const part of parts) run.trace.read(node.child(part));
}

function firstRead(node: YamlMap, key: string, library: Library): ReadOne {
  const reads = library.reading.texts(node, key).flatMap(({ text, place }) => {
    const path = readPath(text, place, library);
    return path === undefined ? [] : [compileReadOne(path)];
  });
  const [only] = reads;
  if (only !== undefined && reads.length === 1) return only;
  return (run, at) => {
    for (const read of reads) {
      const found = read(run, at);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** The key of a patient by the tenant's list of authorities, else by the preferred identifier types. */
function compileIdentifiers(way: YamlMap, test: Test | undefined, same: boolean, library: Library): KeyMaker {
  const paths: SourcePath[] = library.reading
    .texts(way, 'identifiers')
    .flatMap(({ text, place }) => readPath(text, place, library) ?? []);
  const prefer = library.reading.texts(way, 'prefer').map(({ text }) => text);
  const reads = paths.map(compileReadAll);
  return (run, node) => {
    if (test !== undefined && !test(run, node)) return undefined;
    for (const read of reads) {
      const [parts, ...also] = identifying(run.tenant, read(run, node), prefer);
      if (parts !== undefined) return { parts, also, patient: false, count: false, same };
    }
    return undefined;
  };
}

/**
 * The identifying ones among the repetitions of a CX field, the first the key: those of the tenant's authorities in its order;
 * without a list one repetition, by type as preferred, else the first.
 */
export function identifying(
  tenant: TenantSettings,
  nodes: readonly ValueNode[],
  prefer: readonly string[],
): string[][] {
  const valued = nodes.filter((node) => visible(node.text) !== '');
  const keyOf = (node: ValueNode): string[] => [
    authorityName(tenant, node.leaf(4, 1), node.leaf(4, 2)) || (tenant.defaultAuthority?.id ?? ''),
    node.text.trim(),
  ];
  if (tenant.authorities.length === 0) {
    for (const type of prefer) {
      const found = valued.find((node) => node.leaf(5) === type);
      if (found !== undefined) return [keyOf(found)];
    }
    const [first] = valued;
    return first === undefined ? [] : [keyOf(first)];
  }
  const found: string[][] = [];
  for (const authority of tenant.authorities) {
    for (const node of valued) {
      const named = authorityOf(tenant, node.leaf(4, 1), node.leaf(4, 2));
      const type = node.leaf(5);
      if (named?.id === authority.id && (type === '' || type === (authority.type ?? 'MR')))
        found.push([authority.id, node.text.trim()]);
    }
  }
  return found;
}

/** An authority's name in keys: the tenant's for it, else the namespace, else the OID. */
function authorityName(tenant: TenantSettings, name: string, oid: string): string {
  if (name === '' && oid === '') return '';
  return authorityOf(tenant, name, oid)?.id ?? (name || oid);
}

/** A text without case, accents and double spaces. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function readsParts(way: YamlMap): boolean {
  return pathsOf(way).some((text) => /^[A-Z][A-Z0-9]{1,5}\.\d/.test(text));
}

function readsType(way: YamlMap, type: string): boolean {
  const paths = pathsOf(way);
  return paths.length > 0 && paths.every((text) => text.startsWith(`${type}.`));
}

/** Every path that a way reads. */
function pathsOf(way: YamlMap): string[] {
  const found: string[] = [];
  const collect = (node: YamlNode): void => {
    if (node.kind === 'scalar') found.push(node.text);
    else if (node.kind === 'list') node.items.forEach(collect);
    else
      for (const [key, entry] of node.entries)
        if (!['text', 'of', 'optional', 'authority'].includes(key)) collect(entry.value);
  };
  for (const key of ['parts', 'also', 'apart', 'identifiers']) {
    const entry = way.entries.get(key);
    if (entry !== undefined) collect(entry.value);
  }
  return found;
}

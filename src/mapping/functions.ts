import { Buffer } from 'node:buffer';
import type { Json, JsonObject } from '../core/json.js';
import type { AssigningAuthority, TenantSettings } from '../core/tenant-settings.js';
import type { Segment } from '../hl7/segment.js';
import type { ValueNode } from '../hl7/value-node.js';
import { codeIn, codings, localUri, type SystemNames, systemUri } from './codes.js';
import { textOf } from './read.js';
import type { Run } from './run.js';

/** What a function gives on: a text, a number, or Codings. */
export type FunctionValue = string | number | JsonObject[];
/** A function with its arguments bound; `text` is what came before, by default the text of the node. */
type Bound = (run: Run, node: ValueNode, text: string) => FunctionValue | undefined;

interface MappingFunction {
  /** `node`: reads the value itself; `text`: goes on with what came before. */
  readonly takes: 'node' | 'text';
  /** Binds the arguments; a text says what they should be. */
  readonly bind: (argument: Json | undefined, names: SystemNames) => Bound | string;
}

const plain = (change: (text: string) => string | number | undefined): MappingFunction => ({
  takes: 'text',
  bind: (argument) => (argument === undefined ? (_run, _node, text) => change(text) || undefined : 'no argument'),
});

const quantity = /^\s*([<>]=?)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;

function numberOf(text: string): number | undefined {
  const found = quantity.exec(text);
  const value = found === null ? Number.NaN : Number(found[2]);
  return Number.isFinite(value) ? value : undefined;
}

/** `20240503101500+0200 90`: the time so many minutes later, to the second, with the offset that was sent. */
function later(text: string): string | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?([+-]\d{4})? (\d+)$/.exec(text.trim());
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', offset = '', minutes] = found;
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const end = new Date(start + Number(minutes) * 60_000);
  if (Number.isNaN(end.getTime())) return undefined;
  return end.toISOString().slice(0, 19).replace(/\D/g, '') + offset;
}

function rangeOf(text: string): { readonly low?: number; readonly high?: number } {
  const both = /^\s*([+-]?\d+(?:\.\d+)?)\s*(?:-|–|\.\.|to)\s*([+-]?\d+(?:\.\d+)?)\s*$/.exec(text);
  if (both !== null) return { low: Number(both[1]), high: Number(both[2]) };
  const one = /^\s*([<>])=?\s*(\d+(?:\.\d+)?)\s*$/.exec(text);
  if (one === null) return {};
  return one[1] === '<' ? { high: Number(one[2]) } : { low: Number(one[2]) };
}

/** The numbers of a NA or MA, its rows one after the other, as SampledData holds them: `E` where one is missing. Nothing else is data. */
function samplesOf(text: string): string | undefined {
  const rows = text.split('~').map((row) => row.split('^').map((sample) => sample.trim()));
  const width = rows[0]?.length ?? 0;
  const whole = rows.every((row) => row.length === width);
  const samples = rows.flat();
  if (!whole || !samples.every((sample) => sample === '' || /^-?\d+(?:\.\d+)?$/.test(sample))) return undefined;
  return samples.map((sample) => (sample === '' ? 'E' : sample)).join(' ');
}

/** The closed list of functions that rules may call. */
export const functions: Readonly<Record<string, MappingFunction>> = {
  trim: plain((text) => text.trim()),
  upper: plain((text) => text.toUpperCase()),
  lower: plain((text) => text.toLowerCase()),
  digits: plain((text) => text.replace(/\D+/g, '')),
  lines: plain((text) => text.replace(/\r\n?/g, '\n').replace(/[ \t]+$/gm, '')),
  pad: {
    takes: 'text',
    bind: (argument) => {
      if (!isPair(argument) || typeof argument[0] !== 'number') return '[length, character]';
      const [length, character] = [argument[0], String(argument[1])];
      return (_run, _node, text) => text.padStart(length, character);
    },
  },
  left: counted((text, count) => text.slice(0, count)),
  right: counted((text, count) => text.slice(-count)),
  split: {
    takes: 'text',
    bind: (argument) => {
      if (!isPair(argument) || typeof argument[1] !== 'number') return '[separator, number of the part]';
      const [separator, part] = [String(argument[0]), argument[1]];
      return (_run, _node, text) => text.split(separator)[part - 1]?.trim() || undefined;
    },
  },
  match: {
    takes: 'text',
    bind: (argument) => {
      const pattern = regular(argument);
      if (pattern === undefined) return 'a regular expression';
      return (_run, _node, text) => {
        const found = pattern.exec(text);
        return found === null ? undefined : (found[1] ?? found[0]);
      };
    },
  },
  replace: {
    takes: 'text',
    bind: (argument) => {
      const pattern = isPair(argument) ? regular(argument[0], 'gu') : undefined;
      if (pattern === undefined || !isPair(argument)) return '[regular expression, text]';
      const replacement = String(argument[1]);
      return (_run, _node, text) => text.replace(pattern, replacement) || undefined;
    },
  },
  prefix: texted((text, argument) => argument + text),
  equals: texted((text, argument) => (text === argument ? text : undefined)),
  number: { takes: 'text', bind: () => (_run, _node, text) => numberOf(text) },
  integer: {
    takes: 'text',
    bind: () => (_run, _node, text) => {
      const value = numberOf(text);
      return value === undefined || !Number.isSafeInteger(value) ? undefined : value;
    },
  },
  times: {
    takes: 'text',
    bind: (argument) =>
      typeof argument !== 'number'
        ? 'a number'
        : (_run, _node, text) => {
            const value = numberOf(text);
            return value === undefined ? undefined : value * argument;
          },
  },
  'plus-minutes': { takes: 'text', bind: () => (_run, _node, text) => later(text) },
  comparator: { takes: 'text', bind: () => (_run, _node, text) => quantity.exec(text)?.[1] },
  'range-low': { takes: 'text', bind: () => (_run, _node, text) => rangeOf(text).low },
  'range-high': { takes: 'text', bind: () => (_run, _node, text) => rangeOf(text).high },
  'base64-of': plain((text) => Buffer.from(text, 'utf8').toString('base64')),
  samples: plain(samplesOf),
  'sample-dimensions': plain((text) => {
    const rows = text.split('~');
    const [first = ''] = rows;
    return rows.length === 1 ? 1 : first.split('^').length;
  }),
  whole: {
    takes: 'node',
    bind: () => (run, node) => {
      run.trace?.read(node);
      return node.wholeText || undefined;
    },
  },
  coding: {
    takes: 'node',
    bind: (argument, names) => {
      if (!Array.isArray(argument) || argument.length !== 4)
        return '[code, display, system, version] component numbers';
      const [code = 0, display = 0, system = 0, version = 0] = argument.map(Number);
      const part = (run: Run, node: ValueNode, number: number): string =>
        number === 0 ? '' : node.component === 0 ? componentText(run, node, number) : partText(run, node, number);
      return (run, node) => {
        const sent = {
          code: part(run, node, code),
          display: part(run, node, display),
          system: part(run, node, system),
          version: part(run, node, version),
        };
        return codings(run, node, names, sent, code === 1);
      };
    },
  },
  'code-in': {
    takes: 'node',
    bind: (argument, names) =>
      typeof argument === 'string' ? (run, node) => codeIn(run, node, names, argument) : 'the URL of a code system',
  },
  'code-system': {
    takes: 'text',
    bind: (_argument, names) => (_run, _node, text) => systemUri(text.trim(), names),
  },
  authority: { takes: 'text', bind: () => (run, _node, text) => authorityUri(run.tenant, text.trim()) },
  'default-authority': {
    takes: 'node',
    bind: (argument) => {
      if (argument !== 'patient' && argument !== 'visit') return 'patient or visit';
      return (run, node) => {
        if (node.child(4).isValued) return undefined;
        const name = argument === 'patient' ? run.tenant.defaultAuthority?.id : run.tenant.visitAuthority;
        return name === undefined ? undefined : authorityUri(run.tenant, name);
      };
    },
  },
  'default-identifier-type': {
    takes: 'node',
    bind: () => (run, node) => {
      const type = node.leaf(5);
      if (type !== '') return type;
      const authority = authorityOf(run.tenant, node.leaf(4, 1), node.leaf(4, 2));
      return authority === undefined ? undefined : (authority.type ?? 'MR');
    },
  },
  beside: siblings((run, _node, found) => (found === undefined ? undefined : textOf(run, found.node(5)))),
  'unless-beside': siblings((run, node, found) => (found === undefined ? textOf(run, node) : undefined)),
  base64: {
    takes: 'node',
    bind: () => (run, node) => {
      const data = node.child(5);
      run.trace?.read(data);
      run.trace?.read(node.child(4));
      const encoding = node.leaf(4).toLowerCase();
      const text = data.wholeText;
      if (encoding === 'base64') {
        const packed = text.replace(/\s+/g, '');
        if (/^[A-Za-z0-9+/]*={0,2}$/.test(packed) && packed.length % 4 === 0) return packed || undefined;
        run.report('warning', 'document-damaged', data, 'Base64 expected, as ED.4 says');
        return undefined;
      }
      const bytes = encoding === 'hex' ? Buffer.from(text.replace(/\s+/g, ''), 'hex') : Buffer.from(text, 'utf8');
      return bytes.length === 0 ? undefined : bytes.toString('base64');
    },
  },
};

/** The assigning authority that the tenant's list (or its default, where none was sent) has for a namespace or OID. */
export function authorityOf(tenant: TenantSettings, name: string, oid: string): AssigningAuthority | undefined {
  if (name === '' && oid === '') return tenant.defaultAuthority;
  const named = (authority: AssigningAuthority): boolean =>
    (name !== '' && (authority.id === name || authority.oid === name)) ||
    (oid !== '' && (authority.oid === oid || authority.id === oid));
  if (tenant.defaultAuthority !== undefined && named(tenant.defaultAuthority)) return tenant.defaultAuthority;
  return tenant.authorities.find(named);
}

/** The URI of an authority's name: its OID where the tenant says it. */
function authorityUri(tenant: TenantSettings, name: string): string | undefined {
  if (name === '') return undefined;
  const oid = authorityOf(tenant, name, '')?.oid;
  if (oid !== undefined && oid !== '') return /^[\d.]+$/.test(oid) ? `urn:oid:${oid}` : oid;
  return localUri(name);
}

/** A component of a repetition whole, as `textOf` gives it, without a node for what is not there. */
function componentText(run: Run, node: ValueNode, number: number): string {
  const child = run.trace === undefined ? node.valuedChild(number) : node.child(number);
  return child === undefined ? '' : textOf(run, child).trim();
}

function partText(run: Run, node: ValueNode, number: number): string {
  return node.subcomponent !== 0
    ? number === 1
      ? textOf(run, node).trim()
      : ''
    : textOf(run, node.child(number)).trim();
}

function counted(change: (text: string, count: number) => string): MappingFunction {
  return {
    takes: 'text',
    bind: (argument) =>
      typeof argument === 'number'
        ? (_run, _node, text) => change(text, argument) || undefined
        : 'a number of characters',
  };
}

function texted(change: (text: string, argument: string) => string | undefined): MappingFunction {
  return {
    takes: 'text',
    bind: (argument) => (typeof argument === 'string' ? (_run, _node, text) => change(text, argument) : 'a text'),
  };
}

/** A function of the OBX with one of some codes that has the same sub-id (OBX-4) as the one of the value, in the group around. */
function siblings(
  make: (run: Run, node: ValueNode, found: Segment | undefined) => string | undefined,
): MappingFunction {
  return {
    takes: 'node',
    bind: (argument) => {
      const codes = Array.isArray(argument) ? argument.map(String) : typeof argument === 'string' ? [argument] : [];
      if (codes.length === 0) return 'one code or several';
      return (run, node) => make(run, node, siblingOf(run, node.segment, codes)) || undefined;
    },
  };
}

function siblingOf(run: Run, segment: Segment, codes: readonly string[]): Segment | undefined {
  const own = run.grouped.groupOf(segment);
  const groups = own.parent === undefined || !own.grammar.repeating ? [own] : own.parent.groups(own.name);
  const set = segment.value(4);
  return groups
    .flatMap((group) => group.segmentsNamed(segment.name))
    .find((each) => each !== segment && each.value(4) === set && codes.includes(each.value(3)));
}

function isPair(value: Json | undefined): value is [Json, Json] {
  return Array.isArray(value) && value.length === 2;
}

function regular(value: Json | undefined, flags = 'u'): RegExp | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return new RegExp(value, flags);
  } catch {
    return undefined;
  }
}

import { type Document, isNode, type LineCounter } from 'yaml';
import type { z } from 'zod';
import { nearestName } from './nearest-name.js';

/** One thing that is wrong in a configuration: where, what, and what would be right. */
export interface ConfigIssue {
  /** `listeners[0].tenant`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** Line in the file, from 1; left out where it came from a flag or the environment. */
  readonly line?: number;
}

type Path = readonly PropertyKey[];

/** Where the keys of a parsed file stand. */
export interface Places {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Turns what the schema found into issues; an unknown key gets an issue of its own with the nearest name that exists. */
export function schemaIssues(error: z.ZodError, schema: z.core.$ZodType, places: Places | undefined): ConfigIssue[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [makeIssue(issue.path, issue.message, places)];
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const near = nearestName(key, known);
      return makeIssue(
        [...issue.path, key],
        `unknown key${near === undefined ? '' : `, did you mean ${near}?`}`,
        places,
      );
    });
  });
}

/** What is wrong with a value, where the schema says nothing better: in words of someone who writes YAML. */
export function schemaMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing';
    return `must be ${kinds[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small' && issue.input === '') return 'must not be empty';
  return undefined;
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of names to values',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** An issue with its path as text, and its line when the file is known. */
export function makeIssue(path: Path, message: string, places: Places | undefined): ConfigIssue {
  const line = places === undefined ? undefined : lineOf(path, places);
  return { path: pathText(path), message, ...(line === undefined ? {} : { line }) };
}

/** `file:line: path: message`, one line an issue, from the top of the file to its end. */
export function describeIssues(file: string | undefined, issues: readonly ConfigIssue[]): string {
  return issues
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ line, path, message }) => {
      const place = file === undefined ? [] : [line === undefined ? file : `${file}:${line}`];
      return [...place, ...(path === '' ? [] : [path]), message].join(': ');
    })
    .join('\n');
}

function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Line of the value at a path, or of the nearest thing around it that the file holds. */
function lineOf(path: Path, { document, lines }: Places): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** Names of the keys that the schema knows at a path. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  let here: z.core.$ZodType | undefined = schema;
  for (const part of path) here = step(unwrap(here), part);
  const def = unwrap(here)?._zod.def as { shape?: object } | undefined;
  return Object.keys(def?.shape ?? {});
}

function step(schema: z.core.$ZodType | undefined, part: PropertyKey): z.core.$ZodType | undefined {
  const def = schema?._zod.def as
    | { shape?: Record<PropertyKey, z.core.$ZodType>; element?: z.core.$ZodType; valueType?: z.core.$ZodType }
    | undefined;
  return def?.shape?.[part] ?? def?.element ?? def?.valueType;
}

/** The schema under its defaults and optionality. */
function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const inner = (schema?._zod.def as { innerType?: z.core.$ZodType } | undefined)?.innerType;
  return inner === undefined ? schema : unwrap(inner);
}

/**
 * The rows of HL7's v2-to-FHIR guide for data types: a value is mapped in a message with and without each of its components, and what a row says
 * must change where the row says it. `guide-data-types.yaml` has the values, the sheets that others carry, and why a row is carried out otherwise.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { isJsonObject, type Json } from '../../src/core/json.js';
import { csv } from '../support/csv.js';
import { guideFolder, hasGuide } from '../support/needs.js';
import { map } from './mapped.js';

interface Trial {
  /** Where the value comes out: `Patient.name`. */
  readonly of: string;
  /** The event, and the segments after PID; `$` is where the value stands. */
  readonly event: string;
  readonly lines: readonly string[];
  /** The value of a field; where `part` names a component, the value of that one, in subcomponents. */
  readonly values: readonly string[];
  readonly part?: number;
  /** Elements of the sheet stand below this one of ours, or this one of the sheet is left out. */
  readonly below?: string;
  readonly without?: string;
}

interface Carried {
  /** One trial for a sheet, or several where its rows come out at several places. */
  readonly trials: Readonly<Record<string, Trial | readonly Trial[]>>;
  readonly elsewhere: Readonly<Record<string, readonly string[]>>;
  readonly otherwise: Readonly<Record<string, readonly string[]>>;
}

const { trials, elsewhere, otherwise } = parse(
  readFileSync(join('test', 'mapping', 'guide-data-types.yaml'), 'utf8'),
) as Carried;

test('each row of the guide for a data type is carried out, or has its reason', (t) => {
  if (!hasGuide(t)) return;
  const sheets = guideSheets();
  const excused = new Set(Object.values(otherwise).flat());
  const needed = new Set<string>();
  const missing: string[] = [];
  for (const [sheet, rows] of sheets) {
    const tried = [trials[sheet] ?? []].flat().map((trial) => ({ trial, changed: changesOf(trial) }));
    if (tried.length === 0) continue;
    for (const { component, element } of rows) {
      if (tried.some(({ trial, changed }) => isCarried(trial, changed, component, element))) continue;
      const row = `${sheet} ${component} ${element}`.trim();
      if (excused.has(row)) needed.add(row);
      else missing.push(row);
    }
  }
  const known = new Set([...Object.keys(trials), ...Object.values(elsewhere).flat()]);
  t.diagnostic(`${[...sheets.values()].flat().length} rows of ${sheets.size} sheets, ${excused.size} otherwise`);
  assert.equal(missing.join('\n'), '', 'rows that nothing carries out');
  assert.deepEqual(
    [...excused].filter((row) => !needed.has(row)),
    [],
    'reasons that no row needs',
  );
  assert.deepEqual(
    [...sheets.keys()].filter((sheet) => !known.has(sheet)),
    [],
    'sheets that nobody carries',
  );
  assert.deepEqual(
    [...known].filter((sheet) => !sheets.has(sheet)),
    [],
    'what is no sheet of the guide',
  );
});

test('each component of a value that the rules read is seen where it comes out', () => {
  for (const [sheet, trial] of Object.entries(trials)) {
    for (const each of [trial].flat()) {
      assert.ok(
        [...changesOf(each).values()].some((paths) => paths.size > 0),
        sheet,
      );
    }
  }
  const [name, identifier] = [trials['XPN[HumanName]'] ?? [], trials['CX[Identifier]'] ?? []].map(
    (each) => [each].flat()[0],
  );
  assert.ok(name !== undefined && identifier !== undefined);
  assert.ok(isCarried(name, changesOf(name), 2, 'given'));
  assert.ok(!isCarried(name, changesOf(name), 2, 'family'));
  assert.ok(isCarried(identifier, changesOf(identifier), 7, 'period.start'));
  assert.ok(!isCarried(identifier, changesOf(identifier), 7, 'period.end'));
});

/** Elements below the trial's that a component changes, by its number; 0 for the value as a whole. */
function changesOf({ of, event, lines, values, part }: Trial): ReadonlyMap<number, ReadonlySet<string>> {
  const changes = new Map<number, Set<string>>();
  for (const value of values) {
    const separator = part === undefined ? '^' : '&';
    const parts = value.split(separator);
    const whole = leavesBelow(of, event, lines, value);
    for (let component = 0; component <= parts.length; component++) {
      const left = component === 0 ? [] : parts.map((each, index) => (index === component - 1 ? '' : each));
      const without = leavesBelow(of, event, lines, left.join(separator));
      const set = changes.get(component) ?? new Set();
      changes.set(component, set);
      for (const leaf of whole) {
        const at = without.indexOf(leaf);
        if (at < 0) set.add(leaf.replace(/=.*/s, ''));
        else without.splice(at, 1);
      }
    }
  }
  return changes;
}

function leavesBelow(of: string, event: string, lines: readonly string[], value: string): string[] {
  const [type = '', ...path] = of.split('.');
  const has = (name: string): boolean => lines.some((line) => line.startsWith(name));
  const [header, rest] = has('MSH') ? [lines[0], lines.slice(1)] : [headerOf(event), lines];
  const segments = [header, ...(has('PID') ? [] : ['PID|1||12345^^^NORTH^MR||Doe^Ann']), ...rest];
  const text = segments.join('\n').replace('$', () => value);
  const { resources } = map(text, { views: true });
  const found = resources.filter((resource) => resource['resourceType'] === type);
  return found.flatMap((resource) => [...leaves(at(resource, path), '')]);
}

function headerOf(event: string): string {
  return `MSH|^~\\&|APP|NORTH|W|W|20240503101500||${event}|M1|P|2.8`;
}

function at(json: Json | undefined, path: readonly string[]): Json[] {
  const [first, ...rest] = path;
  if (first === undefined) return json === undefined ? [] : [json].flat();
  return [json ?? []].flat().flatMap((each) => (isJsonObject(each) ? at(each[first], rest) : []));
}

/** `name.family=Doe`, without numbers of entries. */
function* leaves(json: Json, path: string): Generator<string> {
  if (Array.isArray(json)) for (const each of json) yield* leaves(each, path);
  else if (isJsonObject(json)) {
    for (const [key, each] of Object.entries(json)) {
      const name = key.replace(/^_/, '');
      yield* leaves(each, path === '' ? name : `${path}.${name}`);
    }
  } else yield `${path}=${String(json)}`;
}

function isCarried(
  trial: Trial,
  changed: ReadonlyMap<number, ReadonlySet<string>>,
  component: number,
  element: string,
): boolean {
  const { below = '', without = '' } = trial;
  const bare = element.startsWith(without) ? element.slice(without.length).replace(/^\./, '') : element;
  const wanted = [below, bare].filter((part) => part !== '').join('.');
  return [...(changed.get(component) ?? [])].some(
    (path) => wanted === '' || path === wanted || path.startsWith(`${wanted}.`),
  );
}

interface Row {
  /** 0 for the whole value. */
  readonly component: number;
  /** Without numbers of entries; '' is the value itself. */
  readonly element: string;
}

function guideSheets(): ReadonlyMap<string, readonly Row[]> {
  const folder = join(guideFolder, 'datatypes');
  const sheets = new Map<string, Row[]>();
  for (const file of readdirSync(folder).sort()) {
    const [, sheet] = /_ ([A-Z0-9]+\[[^\]]+\])/.exec(file) ?? [];
    if (sheet === undefined) continue;
    const rows = new Map<string, Row>();
    for (const cells of csv(readFileSync(join(folder, file), 'utf8')).slice(2)) {
      const [, number] = /^[A-Z0-9]+(?:[.-](\d+))?$/.exec(cells[1]?.trim() ?? '') ?? [];
      const target = cells[9]?.trim() ?? '';
      if (target === '' || cells[1]?.trim() === '') continue;
      const row = { component: Number(number ?? 0), element: elementOf(target) };
      rows.set(`${row.component} ${row.element}`, row);
    }
    sheets.set(sheet, [...rows.values()]);
  }
  return sheets;
}

/** `identifier.value` of `authorReference(Practitioner.identifier[1].value)`, `extension` of `extension[1].valueString`. */
function elementOf(target: string): string {
  const [, inner] = /\([A-Za-z]+(?:\[\d\])?\.([^()]+(?:\([A-Za-z]+\))?)\)$/.exec(target) ?? [];
  const note = /^(note)\(Annotation\.(text)\)$/.exec(target.trim());
  return (note === null ? (inner ?? target).trim() : 'note.text')
    .replaceAll(/\[\d[^\].}]*[\]}]?/g, '')
    .replace(/\([^()]*\)/g, '')
    .replace(/(?<=extension).*/, '')
    .replace(/^\$(?:value|this)$/, '')
    .replace(/^\.|^Quantity\./, '');
}

/** docs/events.md says of each trigger event of ADT what the mappings make of it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { structureFor } from '../../src/hl7/structures.js';
import { mappingFiles } from './mapped.js';

interface EventRule {
  readonly state?: string;
  readonly after?: readonly string[];
  readonly sets?: readonly string[];
  readonly takes?: readonly string[];
  readonly cancels?: readonly string[];
  readonly deleted?: string;
}

type Fact = Readonly<Record<string, unknown>> & { readonly events?: readonly string[] };

const files = mappingFiles();
const { events } = parse(files['mappings/events.yaml'] ?? '') as { events: Readonly<Record<string, EventRule>> };
const messages = Object.entries(files)
  .filter(([name]) => name.startsWith('mappings/messages/'))
  .map(([, text]) => parse(text) as { message: string | readonly string[]; facts?: readonly Fact[] });

/** Cells of the table's rows, by event. */
const rows = new Map(
  readFileSync('docs/events.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| A\d\d \|/.test(line))
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()))
    .map(([event = '', ...cells]) => [event, cells] as const),
);

const all = Array.from({ length: 62 }, (_, index) => `A${String(index + 1).padStart(2, '0')}`);

function statusOf({ state, after }: EventRule): string {
  if (state === undefined) return '';
  return after === undefined ? state : `${state} after ${after.join(', ')}`;
}

function setsOf({ sets = [], takes = [], deleted }: EventRule): string {
  const fields = takes.map((rule) => rule.slice(rule.indexOf('/') + 1));
  return [...sets, ...fields, ...(deleted === undefined ? [] : [`deletes the ${deleted}`])].join(', ');
}

const kinds = ['merge', 'change', 'move', 'link', 'unlink'] as const;

function factsOf(event: string): string {
  const said = messages.flatMap(({ facts = [] }) =>
    facts.flatMap((fact) => {
      const kind = kinds.find((each) => each in fact);
      return kind !== undefined && fact.events?.includes(event) === true ? [`${kind} ${String(fact[kind])}`] : [];
    }),
  );
  return [...new Set(said)].join(', ');
}

function takenBackBy(event: string): string {
  return Object.entries(events)
    .filter(([, rule]) => rule.cancels?.includes(event) === true)
    .map(([cancel]) => cancel)
    .join(', ');
}

test('the table has each event from A01 to A62 once', () => {
  assert.deepEqual([...rows.keys()], all);
});

test('each event that is applied is played from bytes to FHIR', () => {
  const folder = join('test', 'e2e', 'events');
  const played = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const applied = all.filter((event) => rows.get(event)?.[1] === 'yes');
  assert.deepEqual(
    applied.filter((event) => !played.some((text) => new RegExp(`'${event}'|\\[.*\\b${event}\\b`).test(text))),
    [],
  );
});

for (const event of all) {
  test(`${event} is told of as it is`, () => {
    const [, applied, status, sets, identity, back] = rows.get(event) ?? [];
    const rule = events[event] ?? {};
    const structure = structureFor('ADT', event);
    const mapped = messages.some(({ message }) => [message].flat().some((name) => name === structure));
    assert.deepEqual(
      [applied, status, sets, identity, back],
      [mapped ? 'yes' : 'no', statusOf(rule), setsOf(rule), factsOf(event), takenBackBy(event)],
    );
  });
}

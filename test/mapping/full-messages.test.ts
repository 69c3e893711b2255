/**
 * For each message type one full message: every field valued that its rules read, and the resources that must come of it. The lines are those of
 * `full-messages/segments.yaml`, so that what equal segments make is said once, in `resources.yaml`, and comes of every type alike.
 * Practitioners, organizations and locations are left to the cases of their data types.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/core/json.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { structureOf } from '../../src/hl7/structures.js';
import { unplaced } from '../../src/mapping/explain-rules.js';
import { stepsOf } from '../../src/mapping/rule-steps.js';
import { parseSourcePath } from '../../src/mapping/source-path.js';
import { map, messageOf, projectMapping } from './mapped.js';

interface FullMessage {
  /** Names of lines; the first is the header itself. */
  readonly message: readonly string[];
  /** Names of resources, in the order in which they come. */
  readonly expected: readonly string[];
}

const segments = read<Record<string, string>>('segments.yaml');
const resources = read<Record<string, JsonObject>>('resources.yaml');
const messages = read<Record<string, FullMessage>>('messages.yaml');

/** What stands in no full message, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  MRG: 'in the messages of its events, test/mapping/cases/adt-identity.json',
};

const byDataType = ['Practitioner', 'Organization', 'Location'];

for (const [type, { message, expected }] of Object.entries(messages)) {
  const lines = message.map((name) => segments[name] ?? name);

  test(`${type}: every field that its rules read is valued`, () => {
    const { structure } = structureOf(messageOf(lines.join('\n')));
    const valued = new Set(lines.flatMap(valuedFields));
    const missing = [...readFields(structure)].filter(
      (field) => !valued.has(field) && !(field.slice(0, 3) in elsewhere),
    );
    assert.deepEqual(missing, []);
  });

  test(`${type}: a full message makes what it must`, () => {
    const { resources: made } = map(lines.join('\n'));
    const shown = made.filter(({ resourceType }) => !byDataType.includes(String(resourceType)));
    assert.deepEqual(
      shown.map(plain),
      expected.map((name) => resources[name]),
    );
  });
}

test('what must come of the full messages is valid in every version, and none of it is left over', () => {
  const named = new Set(Object.values(messages).flatMap(({ expected }) => expected));
  assert.deepEqual(
    Object.keys(resources).filter((name) => !named.has(name)),
    [],
  );
  for (const [name, resource] of Object.entries(resources)) {
    // What a visit is at a time is computed from all that was said of it.
    const visit = resource['resourceType'] === 'Encounter' ? { status: 'unknown', class: { code: 'AMB' } } : {};
    for (const version of fhirVersions) {
      const rendered = renderResource(version, { ...visit, ...resource, id: 'x' });
      const issues = rendered === null ? [] : validateResource(version, rendered);
      assert.deepEqual(
        issues.filter(({ severity }) => severity === 'error'),
        [],
        `${name} in ${version}`,
      );
    }
  }
});

/** Fields that the maps of a structure's builds read for a value, data type maps included, of segments that its grammar has. */
function readFields(structure: string): ReadonlySet<string> {
  const set = projectMapping().common;
  const grammar = JSON.stringify(set.messages.get(structure)?.grammar);
  const steps = new Map<string, { from: readonly string[]; via: string | undefined }[]>();
  for (const rule of set.rules) {
    const name = rule.name.slice(0, rule.name.indexOf(']') + 1);
    steps.set(name, [...(steps.get(name) ?? []), ...stepsOf(rule)]);
  }
  const open = set.statements
    .filter(({ name }) => name.startsWith(`${structure}/`))
    .flatMap(({ rule }) => {
      const { map: maps = [], view } = rule as { map?: string | string[]; view?: boolean };
      return view === true ? [] : [maps].flat().map(unplaced);
    });
  assert.ok(open.length > 10, structure);
  const fields = new Set<string>();
  const seen = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const { from, via } of steps.get(name) ?? []) {
      if (via !== undefined) open.push(via);
      for (const text of from) {
        const path = parseSourcePath(text);
        if (path?.kind !== 'segment' || path.field === undefined || path.segment === 'MSH') continue;
        if (grammar.includes(`"${path.segment}"`)) fields.add(`${path.segment}-${path.field}`);
      }
    }
  }
  return fields;
}

function valuedFields(line: string): string[] {
  const [segment = '', ...fields] = line.split('|');
  return fields.flatMap((value, index) => (value === '' ? [] : [`${segment}-${index + 1}`]));
}

function read<T>(name: string): T {
  return parse(readFileSync(join('test', 'mapping', 'full-messages', name), 'utf8')) as T;
}

/** Without prototypes and undefined members. */
function plain(resource: JsonObject): unknown {
  return JSON.parse(JSON.stringify(resource));
}

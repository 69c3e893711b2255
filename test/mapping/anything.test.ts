import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/core/json.js';
import { plainTenantSettings, type TenantSettings } from '../../src/core/tenant-settings.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { identify } from '../../src/mapping/identify.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { assemble } from './assemble.js';
import { adt, obr, oru, pid, plainId, projectMapping, pv1 } from './mapped.js';

const samples = [
  adt(
    'A01',
    `${pid}^M^^^^L~Roe||19800102030405|F|||1 Main St^^Town^ST^1^US^H||^PRN^PH^^1^2^3`,
    pv1,
    'OBX|1|NM|8867-4^Pulse^LN||60|/min',
  ),
  adt('A13', pid, pv1),
  adt('A40', pid, 'MRG|99^^^NORTH^MR', 'PID|2||22||Roe', 'MRG|98'),
  adt('A24', pid, 'PID|2||22||Roe'),
  oru(
    pv1,
    'ORC|RE|P1|F1',
    obr,
    'OBX|1|NM|8480-6^S^LN||120|mm[Hg]|1-2|N|||F',
    'OBX|2|NM|8462-4^D^LN||80|mm[Hg]|1-2|N|||F',
    'NTE|1||note',
    'OBX|3|SN|X^Y||<^1^:^64|mg',
    'OBX|4|ED|X^Y||^TEXT^PDF^Base64^aGVsbG8=',
    'OBX|5|CWE|X^Y||A^B^L~C^D^L',
    'OBX|6|TS|X^Y||20240101|||||X',
  ),
];

const tenants: readonly TenantSettings[] = [
  { ...plainTenantSettings, zone: 'Europe/Berlin' },
  {
    ...plainTenantSettings,
    authorities: [{ id: 'NORTH', oid: '1.2.3' }],
    defaultAuthority: { id: 'NORTH' },
    accountsAreVisits: true,
  },
];

/** Holds a mapped text to what every result must be. */
function check(text: string, tenant: TenantSettings): void {
  const message = parseMessage(text.replace(/\n/g, '\r'));
  if (isParseFault(message)) return;
  const mapped = mapMessage(projectMapping(), message, { tenant });
  const resources = assemble(identify(mapped, plainId));
  assert.deepEqual(JSON.parse(JSON.stringify(resources)), resources);
  const known = new Set(resources.map((resource) => `${String(resource['resourceType'])}/${String(resource['id'])}`));
  const deleted = mapped.drafts.filter((draft) => draft.deleted).map((draft) => draft.type);
  for (const resource of resources) walk(resource, String(resource['resourceType']), known, deleted);
  for (const diagnostic of mapped.diagnostics) assert.ok(diagnostic.code !== '' && diagnostic.message !== '');
}

function walk(value: Json, path: string, known: ReadonlySet<string>, deleted: readonly string[]): void {
  if (value === null || value === '') assert.fail(`nothing at ${path}`);
  if (typeof value === 'number') assert.ok(Number.isFinite(value), path);
  if (typeof value !== 'object') return;
  if (Array.isArray(value)) {
    assert.ok(value.length > 0, `empty list at ${path}`);
    for (const each of value) walk(each, path, known, deleted);
    return;
  }
  const entries = Object.entries(value);
  assert.ok(entries.length > 0, `empty object at ${path}`);
  for (const [name, member] of entries) {
    if (name === 'reference' && typeof member === 'string' && !deleted.includes(member.split('/')[0] ?? '')) {
      assert.ok(known.has(member), `dangling ${member} at ${path}`);
    }
    walk(member, `${path}.${name}`, known, deleted);
  }
}

const pieces = [
  '|',
  '^',
  '~',
  '&',
  '\\',
  '""',
  '|""|',
  '\n',
  '\nOBX|',
  '\nPID|',
  '\nZZZ|1',
  '<5',
  '1:64',
  '\\X41\\',
  '\\.br\\',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '9'.repeat(400),
  '|'.repeat(60),
];

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(12),
  text: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 }), fc.constant('')),
});

function mutated(text: string, changes: readonly { at: number; cut: number; text: string }[]): string {
  let result = text;
  for (const { at, cut, text: piece } of changes) {
    const start = 8 + Math.floor(at * Math.max(0, result.length - 8));
    result = result.slice(0, start) + piece + result.slice(start + cut);
  }
  return result;
}

test('no mutation of a message makes mapping throw, give invalid JSON, or leave a reference dangling', () => {
  const changes = fc.array(mutation, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.constantFrom(...tenants), changes, (sample, tenant, list) => {
      check(mutated(sample, list), tenant);
    }),
    { numRuns: 1500 },
  );
});

test('segments in any order, left out or doubled, do no harm', () => {
  const lines = samples.map((sample) => sample.split('\n'));
  const arbitrary = fc
    .constantFrom(...lines)
    .chain(([header = '', ...rest]) =>
      fc
        .array(fc.constantFrom(...rest), { maxLength: rest.length * 2 })
        .map((chosen) => [header, ...chosen].join('\n')),
    );
  fc.assert(
    fc.property(arbitrary, fc.constantFrom(...tenants), (text, tenant) => check(text, tenant)),
    { numRuns: 500 },
  );
});

test('every message of the corpus, whole and mutated', (t) => {
  if (!hasCorpus(t)) return;
  const folder = join(corpusFolder, 'messages');
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.hl7'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  assert.ok(texts.length > 0);
  for (const text of texts) for (const tenant of tenants) check(text, tenant);
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.constantFrom(...tenants),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      (text, tenant, list) => {
        check(mutated(text, list), tenant);
      },
    ),
    { numRuns: 300 },
  );
});

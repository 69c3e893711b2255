/** Generated source does what the compiled rules do, which say what is right: over all messages there are, and over random rules. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { plainTenantSettings, type TenantSettings } from '../../src/core/tenant-settings.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { type CompiledMapping, compileMapping } from '../../src/mapping/compile.js';
import { identify } from '../../src/mapping/identify.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { fuzzInput } from '../fuzz/fuzz-input.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { mappingFiles, plainId } from './mapped.js';

const tenants: readonly TenantSettings[] = [
  { ...plainTenantSettings, zone: 'Europe/Berlin' },
  {
    ...plainTenantSettings,
    authorities: [{ id: 'NORTH', oid: '1.2.3' }],
    defaultAuthority: { id: 'NORTH' },
    accountsAreVisits: true,
    localCodes: { '|85354-9': 'http://loinc.org|8480-6' },
  },
];

function bothOf(files: Readonly<Record<string, string>>): readonly [CompiledMapping, CompiledMapping] | undefined {
  const [compiled, generated] = [Number.POSITIVE_INFINITY, 0].map(
    (generateAfter) => compileMapping(files, { generateAfter }).mapping,
  );
  return compiled === undefined || generated === undefined ? undefined : [compiled, generated];
}

/** All that a mapping makes of a message, as text: the order of members counts too. */
function made(mapping: CompiledMapping, text: string, tenant: TenantSettings): string[] | undefined {
  const message = parseMessage(text);
  if (isParseFault(message)) return undefined;
  const mapped = mapMessage(mapping, message, { tenant, arrival: Date.UTC(2026, 2, 1, 12), views: true });
  const open = mapped.open?.length;
  const identified = identify(mapped, plainId);
  return [
    ...mapped.drafts.map((draft) => {
      const { type, label, key, elements, visit, deleted, shared, referrers, attachments, visitOf } = draft;
      const own = key === undefined ? undefined : { ...key, patient: key.patient?.label, within: key.within?.rest };
      return JSON.stringify([
        type,
        label,
        own,
        elements,
        visit,
        deleted,
        shared,
        referrers,
        attachments,
        visitOf?.label,
      ]);
    }),
    JSON.stringify([identified.length, open, mapped.facts, mapped.diagnostics, mapped.snapshots, mapped.outcome]),
  ];
}

const [compiled, generated] = bothOf(mappingFiles()) ?? assert.fail('the mapping does not compile');

/** Compares both ways; the number of drafts. */
function compare(bytes: Buffer): number {
  const decoded = decodeMessage(bytes);
  if (isCharsetFault(decoded)) return 0;
  const tenant = tenants[count++ % tenants.length] ?? assert.fail('no tenant');
  const right = made(compiled, decoded.text, tenant);
  assert.deepEqual(made(generated, decoded.text, tenant), right);
  return (right?.length ?? 1) - 1;
}

let count = 0;

function compareFolder(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hl7'))
    .map((name) => compare(Buffer.from(readFileSync(join(folder, name), 'latin1').replace(/\r?\n/g, '\r'), 'latin1')))
    .reduce((sum, count) => sum + count, 0);
}

test('of the samples', () => {
  assert.ok(compareFolder('samples') > 100);
});

test('of messages with every field', () => {
  const read = (name: string): unknown =>
    parse(readFileSync(join('test', 'mapping', 'full-messages', `${name}.yaml`), 'utf8'));
  const lines = read('segments') as Readonly<Record<string, string>>;
  let drafts = 0;
  for (const { message } of Object.values(read('messages') as Readonly<Record<string, { message: string[] }>>)) {
    drafts += compare(Buffer.from(message.map((name) => lines[name] ?? name).join('\r')));
  }
  assert.ok(drafts > 100);
});

test('of the corpus', (t) => {
  if (hasCorpus(t)) assert.ok(compareFolder(join(corpusFolder, 'messages')) > 1000);
});

test('of messages that no hospital sent', () => {
  let drafts = 0;
  for (let seed = 30_000; seed < 30_500; seed++) drafts += compare(fuzzInput(seed).message);
  assert.ok(drafts > 400);
});

/** Texts that mean something in source. */
const odd = fc.constantFrom(
  'a',
  'B',
  '"',
  "'",
  `\`$\{1}\``,
  '\\',
  '*/ x',
  '\n}',
  '\u2028',
  '__proto__',
  '</script>',
  'é',
);
const optional = <T>(of: fc.Arbitrary<T>, freq = 3) => fc.option(of, { nil: undefined, freq });

const conditions = fc.constantFrom(
  ...[
    'XPN.2 VALUED',
    'XPN.2 NOT VALUED',
    'XPN.7 IN ("L", "M")',
    'XPN.1.2 VALUED OR XPN.7 EQUALS "L"',
    'XPN.1 LENGTH GREATER THAN 2',
  ],
  ...[
    'PID-8 VALUED',
    'PID-8 EQUALS "F"',
    'PID-5 LST.COUNT GREATER THAN 1',
    'PID-11.3 STARTS WITH "a"',
    'PID-5.1 MATCHES "^a"',
  ],
  ...['PV1 VALUED', 'PV1-2 NOT VALUED AND PID-3.1 CONTAINS "1"', '. VALUED', '.2 VALUED', '$tenant.accountsAreVisits'],
);

/** What makes a text of a value: at the value itself, or of one of these paths. */
function textRule(paths: readonly string[]) {
  return fc
    .record({
      from: optional(
        fc.oneof(fc.constantFrom(...paths), fc.uniqueArray(fc.constantFrom(...paths), { minLength: 2, maxLength: 3 })),
        6,
      ),
      when: optional(conditions, 2),
      apply: optional(
        fc.array(
          fc.oneof(
            fc.constantFrom<unknown>('trim', 'upper', 'digits', { left: 2 }),
            odd.map((text) => ({ prefix: text })),
          ),
          { minLength: 1, maxLength: 2 },
        ),
        2,
      ),
      format: optional(
        fc
          .array(fc.oneof(odd, fc.constantFrom('{.}', '{PID-8}', '[ {PID-11.3}]', '[{.2|.1} x]')), {
            minLength: 1,
            maxLength: 3,
          })
          .map((parts) => parts.join('')),
        1,
      ),
      default: optional(odd, 1),
      required: optional(fc.constant(true), 1),
    })
    .map((rule) => (rule.apply === undefined ? rule : { ...rule, format: undefined }));
}

const parts = [
  'XPN.1',
  'XPN.1.1',
  'XPN.1.2',
  'XPN.2',
  'XPN.3',
  'XPN.7',
  '.',
  '.2',
  '.1.2',
  'PID-8',
  'PID-5.2',
  'PV1-2',
];
const fields = [
  'PID-5',
  'PID-5[2]',
  'PID-5.1',
  'PID-5.1.2',
  'PID-5[2].2',
  'PID-3',
  'PID-3.1',
  'PID-8',
  'PID-11.3',
  'PV1-2',
  'PID-5[=]',
  'NTE[*]-3',
];
const partTargets = [
  'family',
  'given',
  'suffix',
  'text',
  'family.extension(humanname-own-name).valueString',
  'given[2]',
  'period.start',
  'use',
  'extension(humanname-assembly-order).valueCode',
];

const partRule = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(textRule(parts), fc.constantFrom(...partTargets)).map(([rule, to]) => ({ ...rule, to })),
  },
  fc.record({ to: fc.constant('use'), from: fc.constantFrom('XPN.7', '.7'), table: fc.constant('CODES.use') }),
  fc.record({ to: fc.constantFrom('text', 'family'), value: odd, when: optional(conditions, 3) }),
  fc.record({
    to: fc.constant('period'),
    from: fc.constant('XPN.10'),
    set: fc.array(fc.record({ to: fc.constantFrom('start', 'end'), from: fc.constantFrom('.1', '.2', '.') }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  fc.record({ to: fc.constant('family'), first: fc.array(textRule(parts), { minLength: 1, maxLength: 3 }) }),
  fc.record({
    to: fc.constant('suffix'),
    switch: fc.constantFrom('XPN.7', 'PID-8'),
    cases: fc.record({
      'L M': fc.array(textRule(parts), { minLength: 1, maxLength: 2 }),
      F: fc.array(textRule(parts), { minLength: 1, maxLength: 2 }),
    }),
    else: optional(fc.array(textRule(parts), { minLength: 1, maxLength: 2 })),
  }),
);

const fieldRule = fc.oneof(
  fc
    .tuple(
      textRule(fields),
      fc.constantFrom(
        'gender',
        'birthDate',
        'deceasedDateTime',
        'multipleBirthInteger',
        'active',
        'extension(patient-mothersMaidenName).valueString',
        'birthDate.extension(patient-birthTime).valueDateTime',
        'maritalStatus.text',
        'link.other.display',
      ),
    )
    .map(([rule, to]) => ({ ...rule, required: undefined, to })),
  fc.record({
    to: fc.constant('name'),
    from: fc.constantFrom('PID-5', 'PID-5[2]', 'PID-9', 'NTE[*]-3', '.'),
    map: fc.constant('XPN[HumanName]'),
    when: optional(conditions, 1),
    set: optional(fc.array(partRule, { minLength: 1, maxLength: 3 }), 2),
    weak: optional(fc.constant(true), 1),
  }),
  fc.record({
    to: fc.constant('identifier'),
    from: fc.constantFrom('PID-3', 'PID-3.1', 'PID-5'),
    set: fc.array(
      fc
        .tuple(
          textRule(['.', '.1', '.4', '.4.1', 'PID-8', 'PID-3']),
          fc.constantFrom('value', 'system', 'assigner.display', 'extension(x:y).valueString'),
        )
        .map(([rule, to]) => ({ ...rule, to })),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  fc.record({
    to: fc.constant('maritalStatus'),
    from: fc.constantFrom('PID-8', 'PID-16'),
    table: fc.constant('CODES.use'),
  }),
  fc.record({
    to: fc.constant('communication.language'),
    from: fc.constantFrom('PID-8', 'PID-15'),
    system: fc.constant('HL70001'),
  }),
  fc.record({
    to: fc.constant('generalPractitioner'),
    from: fc.constantFrom('PID-5', 'PID-3'),
    ref: fc.constant('XCN[Practitioner]'),
  }),
  fc.record({ to: fc.constant('multipleBirthBoolean'), value: fc.boolean(), when: optional(conditions, 3) }),
  fc.record({
    to: fc.constant('gender'),
    first: fc.array(
      textRule(fields).map((rule) => ({ ...rule, required: undefined })),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);

/** Rules with ids and without what was left out, each single target once. */
function numbered(rules: readonly object[], each: boolean): unknown[] {
  const seen = new Set<string>();
  return (JSON.parse(JSON.stringify(rules)) as { to: string }[])
    .filter(({ to }) => each || seen.size !== seen.add(to.split('.')[0] ?? to).size)
    .map((rule, at) => ({ id: `r${at + 1}`, ...rule }));
}

test('of random rules', () => {
  const value = fc.constantFrom(
    '',
    '""',
    'ann',
    'a&b&c',
    'a^bb^c',
    '&x^""^y',
    'L',
    'M^L',
    'F',
    '20240102',
    'Y',
    '3',
    'a^^^^^^L^^^20200101&20210101',
    '\\H\\',
    'P1^^^NORTH&1.2&ISO',
    '""&""',
  );
  const field = fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => values.join('~'));
  const segment = fc
    .array(field, { minLength: 16, maxLength: 16 })
    .map((values) => `PID|1||7~8|${values.slice(3).join('|')}`);
  let compared = 0;
  fc.assert(
    fc.property(
      fc.array(fieldRule, { minLength: 1, maxLength: 6 }),
      fc.array(partRule, { minLength: 1, maxLength: 6 }),
      fc.array(segment, { minLength: 2, maxLength: 4 }),
      fc.boolean(),
      (ofField, ofPart, messages, visit) => {
        const files = Object.entries({
          segment: { segment: 'PID', resource: 'Patient', rules: numbered(ofField, false) },
          datatype: { datatype: 'XPN', target: 'HumanName', rules: numbered(ofPart, false) },
          person: {
            datatype: 'XCN',
            target: 'Practitioner',
            display: { format: '{XCN.1}[, {XCN.2}]' },
            rules: [
              { id: 'a', from: 'XCN.1', to: 'name', set: [{ to: 'family', from: '.' }] },
              { id: 'b', from: 'XCN.2', when: 'XCN.1 VALUED', to: 'gender', table: 'CODES.use' },
            ],
          },
          table: {
            table: 'CODES.use',
            source: 'http://a.example/s',
            target: 'http://a.example/t',
            codes: { L: 'official', M: { code: 'maiden', display: `"\`$\{x}` }, F: 'female' },
          },
          message: {
            message: 'ADT_A01',
            groups: 'MSH [EVN] PID [{NTE}] [PV1]',
            build: [{ as: 'patient', at: 'PID', map: 'PID[Patient]' }],
          },
          identity: {
            keys: {
              Patient: [{ id: 'i', identifiers: 'PID-3' }],
              Practitioner: [{ id: 'x', parts: [{ identifier: 'XCN.1', assigner: 'XCN.9' }] }],
            },
          },
        }).map(([name, content]) => [`${name}.yaml`, stringify(content)]);
        const both = bothOf(Object.fromEntries(files));
        if (both === undefined) return;
        const rest = `NTE|1||L^M\rNTE|2||x${visit ? '\rPV1|1|I' : ''}`;
        for (const message of messages) {
          const text = `MSH|^~\\&|A|B|C|D|20260301||ADT^A01|1|P|2.5\r${message}\r${rest}`;
          for (const tenant of tenants) assert.deepEqual(made(both[1], text, tenant), made(both[0], text, tenant));
          compared++;
        }
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(compared > 30, `${compared} messages compared`);
});

test('no text of a mapping file becomes code', () => {
  const shout = '"]; throw new Error("code"); //';
  const files = {
    'a.yaml': stringify({
      segment: 'PID',
      resource: 'Patient',
      rules: [
        {
          id: shout,
          from: 'PID-5.1',
          when: `PID-8 EQUALS '${shout.replaceAll("'", '')}' OR PID-5 VALUED`,
          to: 'extension(x:"];boom).valueString',
          format: `${shout}{PID-5.1}`,
        },
      ],
    }),
    'b.yaml': stringify({
      message: 'ADT_A01',
      groups: 'MSH PID',
      build: [{ as: 'patient', at: 'PID', map: 'PID[Patient]' }],
    }),
    'c.yaml': stringify({ keys: { Patient: [{ id: 'i', identifiers: 'PID-3' }] } }),
  };
  const [right, written] = bothOf(files) ?? assert.fail('the mapping does not compile');
  const text = 'MSH|^~\\&|A|B|C|D|20260301||ADT^A01|1|P|2.5\rPID|1||7||Doe';
  const [tenant] = tenants;
  assert.ok(tenant);
  assert.match(made(written, text, tenant)?.join() ?? '', /throw new Error/);
  assert.deepEqual(made(written, text, tenant), made(right, text, tenant));
});

test('where a process may not generate code, the compiled rules run', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { compileFolders } from '${new URL('../../src/cli/mapping-folders.js', import.meta.url).href}';
    import { convertMessages } from '${new URL('../../src/engine/convert.js', import.meta.url).href}';
    const { mapping } = compileFolders(['mappings']);
    const bytes = readFileSync('samples/adt-a01.hl7');
    const texts = new Set();
    for (let run = 0; run < 30; run++) {
      texts.add(JSON.stringify(convertMessages(mapping, bytes, { version: 'R4', trace: false, tenant: { zone: 'UTC' } })));
    }
    let refused = false;
    try { new Function('return 1')(); } catch { refused = true; }
    process.stdout.write(JSON.stringify([refused, ...texts]));
  `;
  const [free = '', bound = ''] = [[], ['--disallow-code-generation-from-strings']].map((flags) =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script], { encoding: 'utf8' }),
  );
  const [may, ...texts] = JSON.parse(free) as [boolean, ...string[]];
  assert.deepEqual([may, texts.length], [false, 1]);
  assert.deepEqual(JSON.parse(bound), [true, ...texts]);
});

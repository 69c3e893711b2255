import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { runProgram } from './run-program.js';

const message = [
  'MSH|^~\\&|LAB|NORTH|||20240503101500||ADT^A08|M1|P|2.5',
  'PID|1||12345^^^NORTH^MR||Canary^Ann|||Q|||||||||||||||||||||||Y',
  'PV1|1|I|3W^12^B^NORTH||||||||||||||||V100^^^NORTH',
  'ZPI|Canary-77|1',
].join('\r');

/** A layer of one sender in a folder of its own. */
function layer(t: TestContext, text: string): string {
  const { path, remove } = temporaryFolder();
  t.after(remove);
  mkdirSync(join(path, 'layers'));
  writeFileSync(join(path, 'layers/lab.yaml'), text);
  return path;
}

describe('wardline mapping coverage', () => {
  it('lists fields that no rule reads with their shape, and never a value', async () => {
    const { code, stdout } = await runProgram(['mapping', 'coverage'], { input: message });
    assert.equal(code, 0);
    assert.match(stdout, /\nZPI-1 +1 +1 +100\.0% +Aaa…-99\n/);
    assert.match(stdout, /\n1 messages, \d+ valued fields, \d+\.\d% carried over\n$/);
    assert.doesNotMatch(stdout, /Canary|12345/);
    assert.doesNotMatch(stdout, /^(?:MSH-10|MSH-9|PID-1|PID-3) /m);
  });

  it('shows values where it is asked to', async () => {
    const { stdout } = await runProgram(['mapping', 'coverage', '--values'], { input: message });
    assert.match(stdout, /\nZPI-1 .* Canary-77\n/);
  });

  it('gives counts and shares as JSON, and counts what has no mapping', async () => {
    const unmapped = 'MSH|^~\\&|LAB|NORTH|||20240503101500||ZZZ^Z99|M2|P|2.5\r';
    const { stdout } = await runProgram(['mapping', 'coverage', '--json', '--dropped'], {
      input: `${message}\r${unmapped}`,
    });
    const report = JSON.parse(stdout);
    assert.deepEqual([report.messages, report.without], [2, 1]);
    const field = report.rows.find(({ field }: { field: string }) => field === 'ZPI-2');
    assert.deepEqual(field, {
      ...{ field: 'ZPI-2', label: '', fate: 'unmapped', count: 1, messages: 1, example: '9', share: 0.5, rules: [] },
    });
    const sex = report.rows.find(({ field }: { field: string }) => field === 'PID-8');
    assert.deepEqual([sex.fate, sex.rules], ['dropped', ['PID[Patient]/PID-8']]);
  });

  it('refuses files together with archived messages, and values of those', async () => {
    const both = await runProgram(['mapping', 'coverage', 'x.hl7', '--last', '5']);
    assert.equal(both.code, 2);
    const values = await runProgram(['mapping', 'coverage', '--values', '--last', '5']);
    assert.equal(values.code, 2);
  });
});

describe('wardline codes unmapped', () => {
  it('lists codes without a row with rows to paste; a row takes its code from the list', async (t) => {
    const before = await runProgram(['codes', 'unmapped', '-'], { input: message });
    assert.match(
      before.stdout,
      /\nLAB\|NORTH +HL70001\.administrative-gender +Q +PID-8 Administrative Sex +1 +1 +- +-\n/,
    );
    const { stdout } = await runProgram(['codes', 'unmapped', '--yaml', '-'], { input: message });
    assert.equal(
      stdout,
      'layer: sender\nsender: "LAB|NORTH"\ntables:\n  - table: HL70001.administrative-gender\n    codes:\n      "Q": ~   # 1 time, PID-8\n',
    );
    const open = layer(t, stdout);
    const checked = await runProgram(['mapping', 'check', open]);
    assert.equal(checked.code, 1);
    const done = layer(t, stdout.replace('~', 'other'));
    const after = await runProgram(['codes', 'unmapped', '-', '--mappings', 'mappings', done], { input: message });
    assert.equal(after.stdout, 'every code has its row\n');
  });

  it('keeps to one sender, and gives JSON', async () => {
    const { stdout } = await runProgram(['codes', 'unmapped', '--json', '--sender', 'LAB|NORTH', '-'], {
      input: message,
    });
    const [row] = JSON.parse(stdout).codes;
    assert.deepEqual(
      [row.code, row.table, row.fields, row.count],
      ['Q', 'HL70001.administrative-gender', ['PID-8'], 1],
    );
    const other = await runProgram(['codes', 'unmapped', '--json', '--sender', 'X|Y', '-'], { input: message });
    assert.deepEqual(JSON.parse(other.stdout), { codes: [] });
  });
});

describe('wardline mapping explain', () => {
  it('shows what rules make of a field, data type maps included', async () => {
    const { code, stdout } = await runProgram(['mapping', 'explain', 'PID-5.1', '--message', 'ADT_A01']);
    assert.equal(code, 0);
    assert.match(stdout, /^PID-5\.1 Patient Name, Family Name\n/);
    assert.match(
      stdout,
      /\nPID\[Patient\]\/PID-5 {2}→ Patient\.name\n {4}from PID-5\n {4}map XPN\[HumanName\]\n {4}base {2}\S+pid\.patient\.yaml:\d+\n/,
    );
    assert.match(stdout, /\n {4}XPN\[HumanName\]\/XPN\.1 {2}→ HumanName\.family\n/);
    assert.doesNotMatch(stdout, /HumanName\.given/);
  });

  it('names keys, facts and conditions too', async () => {
    const { stdout } = await runProgram(['mapping', 'explain', 'PID-3', '--message', 'ADT_A39', '--json']);
    const rules = JSON.parse(stdout).rules.map(({ rule }: { rule: string }) => rule);
    for (const rule of ['PID[Patient]/PID-3', 'identity/Patient/identifiers', 'ADT_A39/facts/MRG-1']) {
      assert.ok(rules.includes(rule), rule);
    }
    const tested = await runProgram(['mapping', 'explain', 'OBX-2', '--message', 'ORU_R01', '--json']);
    assert.ok(JSON.parse(tested.stdout).rules.length > 0);
  });

  it('shows what makes an element, with the layers of a sender', async (t) => {
    const folder = layer(
      t,
      'layer: sender\nsender: LAB|NORTH\nrules:\n  - { add: "PID[Patient]", id: ZPI-1, from: ZPI-1, to: name, set: [{ to: text }] }\n',
    );
    const with_ = ['--mappings', 'mappings', folder];
    const own = await runProgram(['mapping', 'explain', 'Patient.name', '--sender', 'LAB|NORTH', ...with_]);
    assert.match(
      own.stdout,
      /PID\[Patient\]\/ZPI-1 {2}→ Patient\.name\.text\n {4}from ZPI-1\n {4}sender {2}\S+lab\.yaml:4\n/,
    );
    const others = await runProgram(['mapping', 'explain', 'Patient.name', ...with_]);
    assert.doesNotMatch(others.stdout, /ZPI-1/);
    const family = await runProgram(['mapping', 'explain', 'Patient.name.family']);
    assert.match(family.stdout, /XPN\[HumanName\]\/XPN\.1 {2}→ HumanName\.family/);
    assert.doesNotMatch(family.stdout, /HumanName\.given/);
  });

  it('ends with 1 where there is no rule, and with 2 for what is no question', async () => {
    assert.equal((await runProgram(['mapping', 'explain', 'ZZZ-9'])).code, 1);
    assert.equal((await runProgram(['mapping', 'explain', 'what?'])).code, 2);
    assert.equal((await runProgram(['mapping', 'explain', 'PID-5', '--message', 'ADT_A00'])).code, 2);
  });
});

describe('wardline mapping effective', () => {
  it('shows merged rules with layer and place, and the difference from the base', async (t) => {
    const folder = layer(
      t,
      'layer: sender\nsender: LAB|NORTH\nrules:\n  - { override: "PID[Patient]/PID-8", from: [PID-8, ZPI-2] }\n  - { disable: "PID[Patient]/PID-19" }\n',
    );
    const asked = [
      'mapping',
      'effective',
      '--sender',
      'LAB|NORTH',
      '--map',
      'PID[Patient]',
      '--mappings',
      'mappings',
      folder,
    ];
    const { stdout } = await runProgram(asked);
    assert.match(
      stdout,
      /\n# PID\[Patient\]\/PID-8 {2}sender {2}overridden {2}\S+lab\.yaml:4\nid: PID-8\nfrom: \[ PID-8, ZPI-2 \]\n/,
    );
    const diff = await runProgram([...asked, '--diff']);
    assert.match(diff.stdout, /\n- from: PID-8\n(?:[-+] .*\n)*\+ from: \[ PID-8, ZPI-2 \]\n/);
    assert.match(diff.stdout, /# PID\[Patient\]\/PID-19 {2}sender {2}disabled .*\n- id: PID-19\n/);
    assert.doesNotMatch(diff.stdout, /PID-5 /);
    const more = layer(
      t,
      'layer: site\nkeys:\n  Condition:\n    - { id: DG1-3, patient: true, parts: [{ code: DG1-3 }] }\nevents:\n  A01: { state: arrived }\nfilters:\n  - { id: training, when: MSH-11 EQUALS "T" }\n',
    );
    const beside = await runProgram(['mapping', 'effective', '--diff', '--mappings', 'mappings', more]);
    assert.deepEqual(
      [...beside.stdout.matchAll(/^# (\S+) {2}site {2}(\w+)/gm)].map(([, name, change]) => `${name} ${change}`).sort(),
      [
        'events/A01 overridden',
        'filters/training added',
        'identity/Condition/DG1-20 disabled',
        'identity/Condition/DG1-3 overridden',
      ],
      'keys, events and filters too',
    );
    const near = await runProgram(['mapping', 'effective', '--map', 'PDI[Patient]']);
    assert.deepEqual(
      [near.code, near.stderr],
      [2, "wardline: there is no map 'PDI[Patient]'; did you mean 'PID[Patient]'?\n"],
    );
  });
});

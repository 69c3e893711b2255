import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { runProgram } from './run-program.js';

function fileOf(t: TestContext, text: string): string {
  const { path, remove } = temporaryFolder();
  t.after(remove);
  const file = join(path, 'cases.yaml');
  writeFileSync(file, text);
  return file;
}

describe('wardline mapping test', () => {
  it('ends with 0 when all is as expected', async (t) => {
    const file = fileOf(
      t,
      'tests:\n  - { name: a date, map: "DR[Period]", input: "20240101^20240102", expect: { start: "2024-01-01" } }\n',
    );
    assert.deepEqual(await runProgram(['mapping', 'test', file]), {
      code: 0,
      stdout: '1 cases, 0 failed\n',
      stderr: '',
    });
  });

  it('shows each difference with path, expected, got and rule, and ends with 1', async (t) => {
    const file = fileOf(
      t,
      `tests:
  - name: a wrong date
    map: DR[Period]
    input: 20240101^20240102
    expect: { start: "2024-01-02", end: null }
  - name: a wrong sex
    map: PID[Patient]
    input: PID|1||1^^^NORTH^MR||Doe|||M
    expect: { gender: female, name: [{ family: Doe }, { family: Roe }] }
  - { table: HL70001.administrative-gender, codes: { F: male, M: male, Q: other } }
`,
    );
    const { code, stdout } = await runProgram(['mapping', 'test', file]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /cases\.yaml:2:5 DR\[Period\]: a wrong date\n {4}start\n {6}expected {2}"2024-01-02"\n {6}got {7}"2024-01-01"\n {4}end\n {6}expected {2}nothing\n {6}got {7}"2024-01-02"\n/,
    );
    assert.match(
      stdout,
      /PID\[Patient\]: a wrong sex\n {4}Patient\.gender {2}\(PID\[Patient\]\/PID-8\)\n {6}expected {2}"female"\n {6}got {7}"male"\n {4}Patient\.name\[1\] .*\n {6}expected {2}\{"family":"Roe"\}\n {6}got {7}nothing\n/,
    );
    assert.match(
      stdout,
      / {4}F\n {6}expected {2}"male"\n {6}got {7}"female"\n {4}Q\n {6}expected {2}"other"\n {6}got {7}null\n/,
    );
    assert.match(stdout, /\n3 cases, 3 failed\n$/);
    const one = JSON.parse((await runProgram(['mapping', 'test', '--json', '--only', 'DR[', file])).stdout);
    assert.deepEqual([one.cases, one.failed.length, one.failed[0].differences[0].path], [1, 1, 'start']);
  });

  it('runs cases that stand in a map, with the map changed beside them', async (t) => {
    const { path, remove } = temporaryFolder();
    t.after(remove);
    writeFileSync(
      join(path, 'zzz.yaml'),
      'datatype: ZZZ\ntarget: HumanName\nrules:\n  - { id: ZZZ.2, from: ZZZ.2, to: family, apply: [upper] }\ntests:\n  - { name: upper case, input: "x^doe", expect: { family: DOE }, only: true }\n',
    );
    const { code, stdout } = await runProgram(['mapping', 'test', path, '--mappings', 'mappings', path]);
    assert.deepEqual([code, stdout], [0, '1 cases, 0 failed\n']);
  });

  it('says where a case is wrong itself', async (t) => {
    const file = fileOf(t, 'tests:\n  - { nam: x, map: "DR[Period]" }\n');
    const { code, stderr } = await runProgram(['mapping', 'test', file]);
    assert.equal(code, 1);
    assert.match(stderr, /cases\.yaml:2:7 unknown key 'nam'; did you mean 'name'\?/);
    const unknown = fileOf(t, 'tests:\n  - { name: x, map: "DR[Perod]", input: "1", expect: 1 }\n');
    assert.match(
      (await runProgram(['mapping', 'test', unknown])).stdout,
      /no message builds anything with 'DR\[Perod\]'/,
    );
  });
});

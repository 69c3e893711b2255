import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from './run-program.js';

describe('wardline validate', () => {
  it('ends with 0 for what is valid in the version asked for', async () => {
    const { code, stdout } = await runProgram(['validate'], { input: '{"resourceType":"Patient","gender":"female"}' });
    assert.deepEqual([code, stdout], [0, '1 checked, 0 errors\n']);
  });

  it('says where and what is wrong, never the value, and ends with 1', async () => {
    const input = '{"resourceType":"Patient","gender":"Jane"}\n{"resourceType":"Patient","nmae":[]}\n';
    const { code, stdout } = await runProgram(['validate', '--fhir', 'stu3', '-'], { input });
    assert.equal(code, 1);
    assert.match(stdout, /^-:1: error code-invalid at Patient\.gender: /);
    assert.match(stdout, /\n-:2: error structure at Patient\.nmae: /);
    assert.match(stdout, /\n2 checked, \d errors\n$/);
    assert.doesNotMatch(stdout, /Jane/);
    const json = JSON.parse((await runProgram(['validate', '--json', '-'], { input })).stdout);
    assert.equal(json.checked, 2);
    assert.ok(json.errors >= 2);
  });

  it('ends with 2 for what is no JSON', async () => {
    assert.equal((await runProgram(['validate'], { input: 'MSH|' })).code, 2);
    assert.equal((await runProgram(['validate', '--fhir', 'r5'])).code, 2);
  });
});

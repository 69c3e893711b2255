import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { isGrammarFault, parseGrammar } from '../../src/hl7/grammar.js';
import { groupMessage } from '../../src/hl7/grouping.js';
import { parseCondition } from '../../src/mapping/condition.js';
import { compileCondition } from '../../src/mapping/condition-function.js';
import { Run } from '../../src/mapping/run.js';
import { messageOf } from './mapped.js';

const message = messageOf(`
MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5
PID|1||5^^^N^MR||Doe^Ann||198001020304|F|||a~b|C
PV1|1|P
OBX|1|SN|X||>^1^:^64
NTE|1||""`);
const grammar = parseGrammar('MSH PID PV1 OBX NTE', 'TEST');
assert.ok(!isGrammarFault(grammar));
const run = new Run(groupMessage(message, grammar), 'ADT_A01', 'A01', plainTenantSettings, undefined, undefined, {
  events: new Map(),
  updates: [],
});

const cases: readonly (readonly [string, boolean])[] = [
  ['IF PID-7 LENGTH GREATER THAN 8', true],
  ['PID-7 LENGTH LESS THAN OR EQUALS 8', false],
  ['IF OBX-2 EQUALS "SN" AND OBX-5.3 IN (":", "/")', true],
  ['IF OBX-2 EQUALS "SN" AND OBX-5.1  NOT EQUALS "<>" AND OBX-5.3 NOT IN (":", "/", "-", "+")', false],
  ['IF PID-29 NOT VALUED', true],
  ['IF PID-29 IS NOT VALUED', true],
  ['IF PID-8 IS VALUED', true],
  ['NTE-3 VALUED', false],
  ['ORC VALUED', false],
  ['IF OBX VALUED', true],
  ['IF PID-11 LST.COUNT EQUALS 1 AND PID-11.9 IS NOT VALUED', false],
  ['IF PID-11 LST.count GREATER THAN 1', true],
  ['IF PID-11 COUNT>1', true],
  ['IF PID-33 AND PID-34 VALUED', false],
  ['IF PID-8 OR PID-34 VALUED', true],
  ['IF PID-8 AND PID-12 VALUED', true],
  ['IF PV1-2.1 NOT EQUALS "P"', false],
  ['IF PV1-2 IS IN ("P", "I")', true],
  ['IF PV1-20 VALUE', false],
  ['PV1-2 = "P"', true],
  ['PV1-2="P"', true],
  ['PV1-2 != "P"', false],
  ['IF PID-8 VALUED AND NOT "M"', true],
  ['IF PID-8 DOES NOT EXIST AND IF PID-9 DOES NOT EXIST', false],
  ['NOT (PV1-2 EQUALS "P" OR PV1-2 EQUALS "I")', false],
  ['PV1-2 EQUALS "X" OR PV1-2 EQUALS "P" AND PID-8 EQUALS "F"', true],
  ['PID-12 IS VALUED NOT EQUAL PID-8', true],
  ['PID-12 VALUED NOT EQUAL PID-12', false],
  ['TQ1-3.9 IS EMPTY', true],
  ['PID-5.1 CONTAINS "oe"', true],
  ['PID-5.1 CONTAINS PV1-2', false],
  ['PID-5.1 CONTAINS PID-33', false],
  ['PID-7 CONTAINS PID-3.1', false],
  ['PID-5.1 CONTAINS PID-5.1', true],
  ['PID-5.1 STARTS WITH "Do"', true],
  ['PID-5.1 MATCHES "^[A-Z]oe$"', true],
  ['$message.event IN ("A01", "A04")', true],
  ['$tenant.accountsAreVisits', false],
];

for (const [text, expected] of cases) {
  test(`condition: ${text}`, () => {
    const condition = parseCondition(text);
    assert.ok(condition.op !== 'fault', condition.op === 'fault' ? condition.detail : '');
    assert.equal(compileCondition(condition)(run, undefined), expected);
  });
}

const faulty: readonly (readonly [string, RegExp, number])[] = [
  ['IF PID-7 LONGER THAN 8', /expected/, 9],
  ['PID-7 EQUALS', /a text in quotes or a path/, 12],
  ['IF (PID-7 VALUED', /\) expected/, 16],
  ['PID-7 IN "A"', /\( expected/, 9],
  ['c', /a path expected/, 0],
  ['PID-7 VALUED PID-8 VALUED', /AND, OR or the end/, 13],
];

for (const [text, detail, offset] of faulty) {
  test(`no condition: ${text}`, () => {
    const condition = parseCondition(text);
    assert.ok(condition.op === 'fault');
    assert.match(condition.detail, detail);
    assert.equal(condition.offset, offset);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTenantSettings, type TenantSettings } from '../../src/core/tenant-settings.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { partitionOf } from '../../src/intake/partition.js';

const header = 'MSH|^~\\&|A|B|C|D|20260301||ADT^A01|1|P|2.5\r';
const listed: TenantSettings = {
  ...plainTenantSettings,
  authorities: [{ id: 'NORTH', oid: '1.2.3' }],
  defaultAuthority: { id: 'NORTH' },
};

function partition(identifiers: string, settings: TenantSettings = plainTenantSettings): number {
  const message = parseMessage(`${header}PID|1||${identifiers}\r`);
  assert.ok(!isParseFault(message));
  return partitionOf(message, settings, 32);
}

const samePatient = [
  { name: 'the MR among several, without a list', identifiers: '9^^^X^SS~4711^^^NORTH^MR' },
  { name: 'the first one valued, without any type', identifiers: '~4711' },
  { name: 'the listed authority by name', identifiers: '9^^^X^MR~4711^^^NORTH', settings: listed },
  { name: 'the listed authority by OID', identifiers: '9^^^X^MR~4711^^^&1.2.3&ISO^PI', settings: listed },
  { name: 'the default authority', identifiers: '9^^^X^MR~4711', settings: listed },
];

for (const { name, identifiers, settings } of samePatient) {
  test(`one patient, one partition: ${name}`, () => {
    assert.equal(partition(identifiers, settings), partition('4711^^^NORTH^MR'));
  });
}

test('patients spread over all partitions; a message without one goes to the first', () => {
  const used = new Set(Array.from({ length: 1000 }, (_, n) => partition(`${n}^^^NORTH^MR`)));
  assert.equal(used.size, 32);
  assert.equal(partition(''), 0);
  assert.equal(partition('""'), 0);
});

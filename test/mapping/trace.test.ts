import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { leaves } from '../../src/hl7/leaves.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { placeOf } from '../../src/mapping/run.js';
import { Trace } from '../../src/mapping/trace.js';
import { adt, messageOf, projectMapping } from './mapped.js';

const message = messageOf(adt('A08', 'PID|1||1^^^A^MR||Doe^Ann||1980|Q', 'ZPI|x'));
const trace = new Trace();
mapMessage(projectMapping(), message, { tenant: plainTenantSettings, trace });

test('each element has its rule and the values it was made from', () => {
  const name = trace.elements.find((element) => element.label === 'patient' && element.path === 'name');
  assert.equal(name?.rule, 'PID[Patient]/PID-5');
  assert.deepEqual(name?.from.map(placeOf), ['PID[1]-5[1].1.1', 'PID[1]-5[1].2']);
});

test('each leaf is mapped, dropped by a rule, or unmapped', () => {
  const fates = new Map(trace.fates(leaves(message)).map(({ node, fate, rules }) => [placeOf(node), [fate, ...rules]]));
  assert.deepEqual(fates.get('PID[1]-3[1].1.1'), ['mapped', 'PID[Patient]/PID-3']);
  assert.deepEqual(fates.get('PID[1]-5[1].2.1'), ['mapped', 'PID[Patient]/PID-5']);
  assert.deepEqual(fates.get('PID[1]-7[1].1.1'), ['mapped', 'PID[Patient]/PID-7']);
  assert.deepEqual(fates.get('PID[1]-8[1].1.1'), ['dropped', 'PID[Patient]/PID-8']);
  assert.deepEqual(fates.get('ZPI[1]-1[1].1.1'), ['unmapped']);
});

test('a trace changes nothing', () => {
  const plain = mapMessage(projectMapping(), message, { tenant: plainTenantSettings });
  const traced = mapMessage(projectMapping(), message, { tenant: plainTenantSettings, trace: new Trace() });
  const elements = (mapped: typeof plain) => mapped.drafts.map((draft) => draft.elements);
  assert.deepEqual(elements(traced), elements(plain));
});

test('a line that is no segment is noted by its number, without its content', () => {
  const odd = messageOf(adt('A08', 'PID|1||1^^^A^MR||Doe^Ann', 'BERG ANNA 1970', 'PV1|1|I'));
  const { diagnostics } = mapMessage(projectMapping(), odd, { tenant: plainTenantSettings });
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'segment-unknown').map(({ at }) => at),
    ['line 4'],
  );
  assert.ok(!JSON.stringify(diagnostics).includes('BERG'));
});

/** What a trace says of a field is true: a field that is unmapped changes nothing that comes out, and one that is mapped does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { leaves } from '../../src/hl7/leaves.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { identify } from '../../src/mapping/identify.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { placeOf } from '../../src/mapping/run.js';
import { Trace } from '../../src/mapping/trace.js';
import { plainId, projectMapping } from './mapped.js';

const samples = ['adt-a01', 'adt-a40', 'oru-r01-vitals', 'rde-o11', 'vxu-v04', 'rds-o13'];

function read(text: string) {
  const message = parseMessage(text);
  assert.ok(!isParseFault(message));
  return message;
}

function made(text: string): string {
  const mapped = mapMessage(projectMapping(), read(text), { tenant: { ...plainTenantSettings, zone: 'UTC' } });
  const drafts = identify(mapped, plainId).map(({ draft: { type, elements, visit, deleted }, id }) => ({
    ...{ type, id, elements, visit, deleted },
  }));
  return JSON.stringify([drafts, mapped.facts]);
}

test('unmapped fields change nothing, mapped ones do', (t) => {
  const counts = { mapped: 0, idle: 0, unmapped: 0, dropped: 0 };
  const idle: string[] = [];
  const wrong: string[] = [];
  for (const sample of samples) {
    const text = readFileSync(`samples/${sample}.hl7`, 'utf8').replace(/[\r\n]+/g, '\r');
    const message = read(text);
    const trace = new Trace();
    mapMessage(projectMapping(), message, { tenant: { ...plainTenantSettings, zone: 'UTC' }, trace });
    const before = made(text);
    for (const { node, fate } of trace.fates(leaves(message))) {
      const { name } = node.segment;
      // the header decides which rules count, and EVN when
      if (name === 'MSH' || name === 'EVN') continue;
      const after = made(`${text.slice(0, node.start)}Zq7${text.slice(node.end)}`);
      const place = `${sample}: ${placeOf(node)}`;
      counts[fate]++;
      if (fate === 'unmapped' && after !== before) wrong.push(place);
      if (fate === 'mapped' && after === before) idle.push(place);
    }
  }
  assert.deepEqual(wrong, [], 'said to be unmapped, and changes what comes out');
  counts.idle = idle.length;
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.unmapped > 3 && counts.mapped > 200, JSON.stringify(counts));
  // a code that falls back to what it said before, or a time that stands in another field too
  assert.ok(counts.idle < counts.mapped / 10, idle.join('\n'));
});

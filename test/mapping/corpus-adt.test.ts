import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { convertMessages } from '../../src/engine/convert.js';
import { validateResource } from '../../src/fhir/validate.js';
import { leaves } from '../../src/hl7/leaves.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { Trace } from '../../src/mapping/trace.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { projectMapping } from './mapped.js';

test('every ADT of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  const folder = join(corpusFolder, 'messages');
  const unmapped = new Map<string, number>();
  let valued = 0;
  let carried = 0;
  for (const name of readdirSync(folder)
    .filter((file) => file.startsWith('ADT'))
    .sort()) {
    const text = readFileSync(join(folder, name), 'utf8');
    const message = parseMessage(text.trim().replace(/\r?\n/g, '\r'));
    assert.ok(!isParseFault(message), name);
    const trace = new Trace();
    const mapped = mapMessage(projectMapping(), message, {
      tenant: { ...plainTenantSettings, zone: 'Europe/Berlin' },
      trace,
      views: true,
    });
    assert.equal(mapped.outcome, 'mapped', name);
    assert.ok(mapped.drafts.length > 0, name);
    const tenant = { zone: 'Europe/Berlin' };
    for (const { bundle } of convertMessages(projectMapping(), Buffer.from(text), {
      version: 'R4',
      trace: false,
      tenant,
    })) {
      const entries = bundle['entry'] as unknown as readonly { readonly resource: JsonObject }[];
      for (const { resource } of entries) {
        const issues = validateResource('R4', resource).filter((issue) => issue.severity === 'error');
        assert.deepEqual(issues, [], `${name}: ${resource['resourceType']}`);
      }
    }
    for (const { node, fate } of trace.fates(leaves(message))) {
      const field = `${node.segment.name}-${node.field}`;
      if (node.text.length < 2) continue;
      valued++;
      const place = `${field}.${node.component || 1}`;
      if (fate === 'mapped') carried++;
      else unmapped.set(`${place} ${fate}`, (unmapped.get(`${place} ${fate}`) ?? 0) + 1);
    }
  }
  const list = [...unmapped].sort((a, b) => b[1] - a[1]).map(([place, count]) => `${place} ${count}`);
  t.diagnostic(`${((100 * carried) / valued).toFixed(1)}% of ${valued} valued components carried`);
  assert.ok(carried / valued > 0.9, 'less is carried than was');
  t.diagnostic(`left: ${list.join(', ')}`);
});

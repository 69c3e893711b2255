import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { validateResource } from '../../src/fhir/validate.js';
import { leaves } from '../../src/hl7/leaves.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { identify } from '../../src/mapping/identify.js';
import { mapMessage } from '../../src/mapping/map-message.js';
import { Trace } from '../../src/mapping/trace.js';
import { corpusFolder } from '../support/needs.js';
import { assemble } from './assemble.js';
import { projectMapping } from './mapped.js';

/** Which messages of the corpus, and the segments whose components are counted. */
export interface CorpusPart {
  readonly messages: RegExp;
  readonly segments: ReadonlySet<string>;
}

/**
 * Maps every message of a part of the corpus; each must be mapped, and every resource valid. Prints the share of the valued
 * components (two characters or more, without set ids) that some rule carried, and what is left.
 */
export function checkCorpus(t: TestContext, part: CorpusPart): void {
  const folder = join(corpusFolder, 'messages');
  const left = new Map<string, number>();
  let [valued, carried] = [0, 0];
  for (const name of readdirSync(folder).sort()) {
    const text = readFileSync(join(folder, name), 'utf8').replace(/^\uFEFF/, '');
    const message = parseMessage(text.trim().replace(/\r?\n/g, '\r'));
    assert.ok(!isParseFault(message), name);
    if (!part.messages.test(message.header.node(9).wholeText)) continue;
    const trace = new Trace();
    const tenant = { ...plainTenantSettings, zone: 'Europe/Berlin' };
    const mapped = mapMessage(projectMapping(), message, { tenant, trace });
    assert.equal(mapped.outcome, 'mapped', name);
    for (const resource of assemble(identify(mapped, hashed))) {
      // What a visit is at a time is computed by the engine from all that was said of it.
      const visit = { status: 'unknown', class: { code: 'AMB' } };
      const whole = resource['resourceType'] === 'Encounter' ? { ...visit, ...resource } : resource;
      const issues = validateResource('R4', whole).filter((issue) => issue.severity === 'error');
      assert.deepEqual(issues, [], `${name}: ${resource['resourceType']}`);
    }
    for (const { node, fate } of trace.fates(leaves(message))) {
      const { name: segment } = node.segment;
      if (!part.segments.has(segment) || node.text.length < 2) continue;
      if (node.field === 1 && !['ORC', 'RXR', 'RXE', 'RXO', 'RXC'].includes(segment)) continue;
      valued++;
      const place = `${segment}-${node.field}.${node.component || 1} ${fate}`;
      if (fate === 'mapped') carried++;
      else left.set(place, (left.get(place) ?? 0) + 1);
    }
  }
  const list = [...left].sort((a, b) => b[1] - a[1]).map(([place, count]) => `${place} ${count}`);
  t.diagnostic(`${((100 * carried) / valued).toFixed(1)}% of ${valued} valued components carried`);
  t.diagnostic(`left: ${list.join(', ')}`);
}

function hashed(type: string, parts: readonly string[]): string {
  return createHash('sha256')
    .update([type, ...parts].join('\u0000'))
    .digest('hex')
    .slice(0, 40);
}

/** What a message shows by itself is what its registers show, resource by resource, in the same order and with the same texts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { composeAlone } from '../../src/engine/compose-document.js';
import { contributionsOf, type Names } from '../../src/engine/contribution.js';
import { mapperOver } from '../../src/engine/mapping-mapper.js';
import { messageResources } from '../../src/engine/message-resources.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { fuzzInput } from '../fuzz/fuzz-input.js';
import { plainId, projectMapping } from '../mapping/mapped.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';

const names: Names = { idOf: plainId, restOf: () => '', rankOf: () => 0 };
const mapper = mapperOver(projectMapping(), 1);
const tenants = [
  { ...plainTenantSettings, zone: 'Europe/Berlin' },
  { ...plainTenantSettings, accountsAreVisits: true, defaultAuthority: { id: 'NORTH' } },
];

/** Compares both ways; the number of resources. */
function compare(bytes: Buffer): number {
  const decoded = decodeMessage(bytes);
  if (isCharsetFault(decoded)) return 0;
  let resources = 0;
  for (const tenant of tenants) {
    // twice: what is made of one mapping's drafts must not show in the other's
    const shown = [false, true].map((direct) => {
      const message = parseMessage(decoded.text, decoded.decodeBytes);
      if (isParseFault(message)) return [];
      const { mapped, identified } = mapper.map(message, { tenant, arrival: Date.UTC(2026, 2, 1), views: true }, names);
      const stamp = {
        authority: 50,
        time: mapped.eventTime ?? 0,
        sequence: { arrival: 0, run: 0, number: 0 },
        mappingVersion: 0,
      };
      const statement = { sender: mapped.sender, stamp };
      if (direct) return messageResources(identified, mapped.facts, statement, names);
      return contributionsOf(identified, mapped.facts, statement, names)
        .map(({ type, id, registers }) => composeAlone(type, id, registers).resource)
        .filter((resource) => resource !== null);
    });
    assert.deepEqual(
      shown[1]?.map((resource) => JSON.stringify(resource)),
      shown[0]?.map((resource) => JSON.stringify(resource)),
    );
    resources += shown[0]?.length ?? 0;
  }
  return resources;
}

function compareFolder(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.hl7'))
    .map((name) => compare(Buffer.from(readFileSync(join(folder, name), 'latin1').replace(/\r?\n/g, '\r'), 'latin1')))
    .reduce((sum, count) => sum + count, 0);
}

test('of the samples', () => {
  assert.ok(compareFolder('samples') > 100);
});

test('of the corpus', (t) => {
  if (hasCorpus(t)) assert.ok(compareFolder(join(corpusFolder, 'messages')) > 1000);
});

test('of messages that no hospital sent', () => {
  let resources = 0;
  for (let seed = 20_000; seed < 20_500; seed++) resources += compare(fuzzInput(seed).message);
  assert.ok(resources > 400);
});

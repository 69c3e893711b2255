/** An embedded installation that has seen everything: what moves elsewhere has to bring all of it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { archiveKeys } from '../../src/app/archive-keys.js';
import { programFolder } from '../../src/cli/program-version.js';
import type { JsonObject } from '../../src/core/json.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { openMasterKey } from '../../src/store/master-key.js';
import { entry, outcome } from '../conformance/archive-suite.js';
import { demoMessages } from './apply-demo.js';
import type { TestScope } from './needs.js';
import { north, runWardline, sample, south } from './running-wardline.js';
import { temporaryFolder } from './temporary-folder.js';

/** What both installations state, beside their stores: one listener knows its senders by name. */
export const stated = {
  listeners: [
    { name: 'north', port: 0, tenant: north },
    { name: 'south', port: 0, senders: [{ msh4: 'NORTH', tenant: south }] },
  ],
};

/** A message of invented people. `at`: hours of a day. */
export function told(event: string, id: string, at: number, ...segments: readonly string[]): string {
  const time = `202603${String(1 + Math.floor(at / 24)).padStart(2, '0')}${String(at % 24).padStart(2, '0')}0000`;
  const head = `MSH|^~\\&|HIS|NORTH|WARD|LINE|${time}||ADT^${event}|${id}|P|2.5.1`;
  return `${[head, `EVN|${event}|${time}`, ...segments].join('\r')}\r`;
}

export function pid(mrn: string, more = '||19800101|F'): string {
  return `PID|1||${mrn}^^^NORTH^MR||Family${mrn}^Given|${more}`;
}

/** The one that was archived and not yet processed when the old system stopped. */
export const waiting = told('A28', 'waiting-1', 40, pid('W40'));

/** A run-time client's id and secret come with the folder. */
export interface OldInstallation {
  /** Its data folder. Copy it: many tests share it. */
  readonly folder: string;
  readonly client: { readonly client_id: string; readonly client_secret: string };
}

/** Runs it, sends it everything, stops it; some rows that take years or a crash to come about are written afterwards. */
export async function oldInstallation(scope: Pick<TestScope, 'after'>): Promise<OldInstallation> {
  const folder = join(temporaryFolder(scope), 'data');
  const ends: (() => unknown)[] = [];
  const system = await runWardline({ after: (end) => ends.push(end) }, {}, { ...stated, dataFolder: folder });
  // but for a batch, and for one that asks for no acknowledgement
  const samples = readdirSync(join(programFolder, 'samples')).filter((name) => /^(?!batch|mu-).*\.hl7$/.test(name));
  const visit = (id: string) => `PV1|1|I|W1^10^1||||||||||||||||${id}`;
  const events = [
    told('A28', 'e1', 1, pid('A', '||19800101|F')),
    told('A28', 'e2', 2, pid('B')),
    told('A24', 'e3', 3, pid('A'), pid('B')),
    told('A01', 'e4', 4, pid('C'), visit('V1')),
    told('A08', 'e5', 5, pid('C'), visit('V1')),
    // nothing new but the time: touches
    told('A08', 'e6', 6, pid('C'), visit('V1')),
    told('A01', 'e7', 7, pid('D'), visit('V2')),
    told('A23', 'e8', 8, pid('D'), visit('V2')),
    told('A28', 'e9', 9, pid('E')),
    told('A29', 'e10', 10, pid('E')),
    told('A40', 'e11', 11, pid('B'), 'MRG|C^^^NORTH^MR'),
    told('A08', 'e6', 12, pid('F')),
    // without a patient
    told('A08', 'e13', 13, 'PID|1'),
    // of a type that nobody maps
    told('M02', 'e14', 14, 'MFI|PRA||UPD').replace('ADT^', 'MFN^'),
  ];
  const messages = [...samples.map((name) => sample(name)), ...events, ...demoMessages(3, 10).slice(0, 60)];
  for (const message of messages) await system.north.send(message);
  await system.south.send(sample('adt-a01.hl7'));
  await system.south.send(told('A28', 'unknown-1', 14, pid('U')).replace('|NORTH|', '|WEST|'));
  await system.settled();
  const fhir = await system.north.fhir('R4');
  for (const type of ['Patient', 'Encounter', 'Observation']) await fhir.find(`${type}?_count=5`);
  const client = await system.admin.call<JsonObject>('POST', '/clients', {
    ...{ client_name: 'Made at run time', tenants: [north], scope: 'system/*.read' },
  });
  for (const end of ends.reverse()) await end();
  await addRows(folder);
  const { client_id, client_secret } = client;
  return { folder, client: { client_id: String(client_id), client_secret: String(client_secret) } };
}

async function addRows(folder: string): Promise<void> {
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  const master = await openMasterKey(registry, { folder });
  const run = await registry.openRun(Date.now());
  const keys = archiveKeys(master);
  keys.update(await registry.snapshot());
  await registry.useOnce('a-used-id', Date.now() + 3_600_000);
  await registry.putSetting('a setting', 'of a later program');
  await registry.close();
  const archive = openEmbeddedArchive(join(folder, 'archive'), { run, keyOf: keys.keyOf });
  const now = Date.now();
  assert.ok((await archive.prune(south, now)) > 0, 'nothing pruned');
  // an earlier month, with more rows than are read at once
  const many = Array.from({ length: 1100 }, () => entry({ tenant: south, arrival: now }));
  const archived = await archive.append([
    ...many,
    entry({ tenant: north, arrival: now, kind: 'truncated' }),
    entry({ tenant: null, arrival: now, kind: 'rejected' }),
    entry({ tenant: null, arrival: now, controlId: 'forgotten' }),
    entry({ tenant: south, arrival: now, payload: randomBytes(9 * 1024 * 1024) }),
    entry({ tenant: south, arrival: now, payload: randomBytes(300_000) }),
    entry({ tenant: north, arrival: now, listener: 'north', payload: Buffer.from(waiting), controlId: 'waiting-1' }),
  ]);
  const settled = archived.filter((_, at) => at < many.length || at === many.length + 3 || at === many.length + 4);
  await archive.settle(settled.map((row) => outcome(row, { tenant: south, state: 'filtered', keys: ['a', 'b'] })));
  await archive.close();
  const resources = openEmbeddedResources(join(folder, 'tenants'));
  const data = randomBytes(3 * 1024 * 1024).toString('base64');
  const id = '0b7e7a53-0000-8000-8000-00000000ffff';
  const document = {
    ...{
      type: 'Binary',
      id,
      revision: 1,
      state: {},
      hash: 'h',
      version: 1,
      lastUpdated: now,
      source: '1-1',
      members: [],
    },
    ...{ standsFor: '', moved: [], patient: '', keyRest: '', touches: [] },
    resource: { resourceType: 'Binary', id, contentType: 'application/pdf', data },
  };
  const write = { expected: 0, document, folded: [], between: [], values: [], newVersion: true, mappingVersion: 1 };
  assert.deepEqual(await resources.write(south, [write]), [true]);
  await resources.close();
}

/** A copy of its data folder. */
export function copied({ folder }: OldInstallation, scope: Pick<TestScope, 'after'>): string {
  const copy = join(temporaryFolder(scope), 'data');
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/**
 * What the embedded store does a second, against bare inserts with the same durability in the same run. The number of
 * rows is fixed. `node dist/bench/store.js [--quick] [--json FILE]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchValue } from '../src/fhir/search-values.js';
import type { ArchiveEntry } from '../src/store/archive-port.js';
import { startArchiveThread } from '../src/store/embedded/archive-client.js';
import type { ArchiveWriter } from '../src/store/embedded/archive-writer.js';
import { openDatabase } from '../src/store/embedded/open-database.js';
import { openEmbeddedResources } from '../src/store/embedded/resources.js';
import type { DocumentWrite } from '../src/store/resource-port.js';
import { openBench } from './support/figures.js';

const tenant = '3f0c1f5a-0000-4000-8000-000000000001';
const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
const bench = openBench(1);
const share = bench.quick ? 0.25 : 1;

function figure(name: string, value: number, unit: string, reference?: number): void {
  bench.add({
    ...{ name, value, unit },
    ...(reference === undefined ? {} : { reference: { name: 'bare inserts', value: reference } }),
  });
}

const message = Buffer.from(
  `MSH|^~\\&|APP|NORTH|WARDLINE|NORTH|20260201010000||ADT^A01|1|P|2.5\r${'PID|1||123456^^^NORTH^MR||DOE^JANE||19800101|F\r'.repeat(20)}`,
);

function entry(controlId: string): ArchiveEntry {
  return {
    tenant,
    kind: 'message',
    arrival: Date.now(),
    listener: 'adt',
    peer: '127.0.0.1',
    sender: 'APP|NORTH',
    type: 'ADT^A01',
    sentAt: '20260201010000',
    controlId,
    partition: 0,
    flags: [],
    payload: Buffer.concat([message, Buffer.from(controlId)]),
  };
}

/** Rows a second when `writers` each wait for their row before the next, and the 99th percentile of a wait in ms. */
async function rateOf(
  writers: number,
  perWriter: number,
  write: (name: string) => Promise<unknown>,
): Promise<{ rate: number; p99: number }> {
  const waits: number[] = [];
  const start = performance.now();
  const one = async (writer: number): Promise<void> => {
    for (let at = 0; at < perWriter; at++) {
      const before = performance.now();
      await write(`${writer}-${at}-${start}`);
      waits.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => one(writer)));
  const rate = (writers * perWriter * 1000) / (performance.now() - start);
  waits.sort((a, b) => a - b);
  return { rate, p99: waits[Math.floor(waits.length * 0.99)] ?? 0 };
}

function bareInserts(rowsPerCommit: number, commits: number): number {
  const schema = 'CREATE TABLE bare (id INTEGER PRIMARY KEY, body BLOB) STRICT';
  const db = openDatabase(join(folder, `bare-${rowsPerCommit}.db`), { kind: 'bare', format: 1, schema });
  const start = performance.now();
  for (let at = 0; at < commits; at++) {
    db.transaction(() => {
      for (let row = 0; row < rowsPerCommit; row++) db.run('INSERT INTO bare (body) VALUES (?)', message);
    });
  }
  const rate = (rowsPerCommit * commits * 1000) / (performance.now() - start);
  db.close();
  return rate;
}

function observation(at: number, revision: number): DocumentWrite {
  const reference = (parameter: string, type: string, id: string): SearchValue => ({
    parameter,
    versions: 7,
    kind: 'reference',
    type,
    id,
    url: null,
    identifier: null,
  });
  const token = (parameter: string, code: string): SearchValue => ({
    parameter,
    versions: 7,
    kind: 'token',
    system: 'urn:system',
    code,
  });
  const id = `00000000-0000-8000-8000-${String(at).padStart(12, '0')}`;
  const resource = { resourceType: 'Observation', status: 'final', note: message.toString('latin1') };
  return {
    expected: revision - 1,
    document: {
      type: 'Observation',
      id,
      revision,
      state: { stamps: [50, revision, 1], registers: { status: ['final', 50] } },
      resource,
      hash: `${revision}`,
      version: revision,
      lastUpdated: Date.now(),
      source: '1-1',
      members: [],
      standsFor: '',
      moved: [],
      patient: '',
      keyRest: '',
      touches: [],
    },
    folded: [],
    between: [],
    values: [
      reference('patient', 'Patient', `p${at % 500}`),
      reference('subject', 'Patient', `p${at % 500}`),
      reference('encounter', 'Encounter', `e${at % 900}`),
      token('code', `c${at % 50}`),
      token('category', 'vital-signs'),
      token('status', revision % 2 === 0 ? 'amended' : 'final'),
      token('identifier', id),
      { parameter: 'date', versions: 7, kind: 'date', from: at * 1000, to: at * 1000 + 1000 },
    ],
    sortDate: at * 1000,
    newVersion: true,
    mappingVersion: 1,
  };
}

async function archiveFigures(bareAlone: number, bareTogether: number): Promise<void> {
  const options = { run: 1, keyOf: () => Buffer.alloc(32, 1) };
  const archive: ArchiveWriter = await startArchiveThread(join(folder, 'archive'), options);
  const append = (name: string): Promise<unknown> => archive.append([entry(name)]);
  await rateOf(1, 200, append);
  const alone = await rateOf(1, 2000 * share, append);
  figure('archive, one sender', alone.rate, '/s', bareAlone);
  figure('archive, one sender, p99', alone.p99, 'ms');
  const together = await rateOf(20, 1000 * share, append);
  figure('archive, 20 senders', together.rate, '/s', bareTogether);
  figure('archive, 20 senders, p99', together.p99, 'ms');
  await archive.close();
}

async function resourceFigures(bareTogether: number): Promise<void> {
  const resources = openEmbeddedResources(join(folder, 'tenants'));
  for (const revision of [1, 2]) {
    const start = performance.now();
    const before = resources.counters();
    const documents = 10_000 * share;
    for (let at = 0; at < documents; at += 20) {
      await resources.write(
        tenant,
        Array.from({ length: 20 }, (_, place) => observation(at + place, revision)),
      );
    }
    const name = revision === 1 ? 'new' : 'changed';
    figure(
      `resources, ${name} documents, 20 a commit`,
      (documents * 1000) / (performance.now() - start),
      '/s',
      bareTogether,
    );
    const after = resources.counters();
    figure(`resources, ${name}: rows of an index for each`, (after.indexRows - before.indexRows) / documents, '');
  }
  await resources.close();
}

const bareAlone = bareInserts(1, 2000 * share);
const bareTogether = bareInserts(20, 1000 * share);
figure('bare inserts, one a commit', bareAlone, '/s');
figure('bare inserts, 20 a commit', bareTogether, '/s');
await archiveFigures(bareAlone, bareTogether);
await resourceFigures(bareTogether);
rmSync(folder, { recursive: true, force: true });
bench.finish();

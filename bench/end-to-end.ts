/**
 * From the socket to the settled message: a whole installation takes ADT^A08 over 20 connections, of which every one
 * changes Patient and Encounter, or none does. Prints messages a second from the first byte to the last settled message
 * and the rows written per message, beside a bare script that makes the same writes of equal size, with the same indexes
 * and durability, through the same driver in batches of 50. Then where the processor time goes between archive and settling, stage by
 * stage, with batches of 50 in one thread. `node dist/bench/end-to-end.js [--messages N] [--quick] [--json FILE]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningSystem } from '../src/app/running-system.js';
import { startWardline } from '../src/app.js';
import { loadConfig } from '../src/core/config.js';
import { silentLog } from '../src/core/log.js';
import { openDatabase, type SqlRow } from '../src/store/embedded/open-database.js';
import { resourceFormat, resourceSchema } from '../src/store/embedded/resource-schema.js';
import { openBench } from './support/figures.js';
import { openMessageStages } from './support/message-stages.js';

const bench = openBench(1, ['messages']);
const count = bench.number('messages', 6000, 1500);
const connections = 20;
const patients = 300;
const batch = 50;
const tenant = '3f0c1f5a-0000-4000-8000-000000000001';
const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));

interface Figures {
  readonly messages: number;
  readonly perSecond: number;
  /** Microseconds of processor time for each message, of all threads and the sender. */
  readonly processor: number;
  /** Rows by kind, for each message. */
  readonly writesPerMessage: Readonly<Record<string, number>>;
}

let controlIds = 0;

function update(patient: number, change: number): string {
  const id = ++controlIds;
  const time = new Date(Date.now()).toISOString().replaceAll(/[-:T]|\..*/g, '');
  return [
    `\x0bMSH|^~\\&|ADT|NORTH|WL|WL|${time}+0000||ADT^A08^ADT_A01|B${id}|P|2.5.1`,
    `EVN|A08|${time}+0000`,
    `PID|1||P${patient}^^^NORTH^MR||Berg${patient}^Anna^Maria||19700101|F|||Weg ${change}^^Bonn^^53111^DE||+49 228 ${patient}`,
    `PV1|1|I|W1^R1^B${change % 97}^NORTH||||D1^House^Greg^^^^^^NORTH|||MED|||||||||V${patient}^^^NORTH^VN${'|'.repeat(25)}20260101080000+0000`,
    '\x1c\r',
  ].join('\r');
}

/** Sends the messages, each connection one after the other; resolves when all are acknowledged with AA. */
async function feed(port: number, messages: readonly string[]): Promise<void> {
  const one = (first: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let at = first;
      const next = (): void => {
        const message = messages[at];
        at += connections;
        if (message === undefined) socket.end(resolve);
        else socket.write(message);
      };
      let heard = '';
      socket.setNoDelay(true);
      socket.on('error', reject);
      socket.on('connect', next);
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        if (!heard.endsWith('\x1c\r')) return;
        if (!heard.includes('MSA|AA|')) reject(new Error('not acknowledged'));
        heard = '';
        next();
      });
    });
  await Promise.all(Array.from({ length: connections }, (_, first) => one(first)));
}

async function counters(system: RunningSystem): Promise<Map<string, number>> {
  const { host, port } = system.admin;
  const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const rows = text.matchAll(/^wardline_(?:messages_settled|store_writes)_total\{\w+="(\w+)"\} (\d+)$/gm);
  return new Map([...rows].map(([, name, value]) => [name ?? '', Number(value)]));
}

async function measure(system: RunningSystem, messages: readonly string[]): Promise<Figures> {
  const before = await counters(system);
  const start = performance.now();
  const spent = process.cpuUsage();
  const port = system.listeners[0]?.port ?? 0;
  await feed(port, messages);
  let after = await counters(system);
  const settled = (): number => (after.get('applied') ?? 0) - (before.get('applied') ?? 0);
  while (settled() < messages.length) {
    // asking costs what is measured: seldom enough to be a small share, often enough for seconds
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = await counters(system);
  }
  const perSecond = (messages.length * 1000) / (performance.now() - start);
  const processor = microseconds(spent) / messages.length;
  const writes: Record<string, number> = {};
  for (const kind of ['documents', 'versions', 'indexRows', 'touches', 'commits']) {
    writes[kind] = ((after.get(kind) ?? 0) - (before.get(kind) ?? 0)) / messages.length;
  }
  return { messages: messages.length, perSecond, processor, writesPerMessage: writes };
}

function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

/**
 * Messages a second of the bare script, and its processor time for each: archive row, documents, versions, index rows, settle row, and for each message the two
 * rows by which it is found again (its patient, its visit); nothing is read, mapped or compared.
 */
function bare(like: Figures): Pick<Figures, 'perSecond' | 'processor'> {
  const from = openDatabase(join(folder, 'data', 'tenants', `${tenant}.db`), {
    kind: 'resources',
    format: resourceFormat,
    schema: resourceSchema,
    readOnly: true,
  });
  const documents = from.all("SELECT * FROM document WHERE type IN ('Patient', 'Encounter') ORDER BY id");
  from.close();
  const db = openDatabase(join(folder, 'bare.db'), {
    kind: 'bare',
    format: 1,
    schema: `${resourceSchema} CREATE TABLE settled (id INTEGER PRIMARY KEY, body TEXT) STRICT;
      CREATE TABLE message_key (key BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) STRICT, WITHOUT ROWID;`,
  });
  const archive = openDatabase(join(folder, 'bare-archive.db'), {
    kind: 'bare',
    format: 1,
    schema: 'CREATE TABLE message (id INTEGER PRIMARY KEY, payload BLOB) STRICT',
  });
  const columns = Object.keys(documents[0] ?? {});
  const insert = `INSERT INTO document VALUES (${columns.map(() => '?').join(', ')})`;
  db.transaction(() => {
    for (const document of documents) db.run(insert, ...columns.map((column) => document[column] ?? null));
  });
  const { documents: writes = 0, versions = 0, indexRows = 0 } = like.writesPerMessage;
  const payload = Buffer.from(update(1, 1));
  const keys = Array.from({ length: 2 * patients }, () => randomBytes(8));
  let [document, version, index, row] = [0, 0, 0, 0];
  const at = (): SqlRow => documents[row++ % documents.length] ?? {};
  const start = performance.now();
  const spent = process.cpuUsage();
  for (let done = 0; done < like.messages; done += batch) {
    archive.transaction(() => {
      for (let n = 0; n < batch; n++) archive.run('INSERT INTO message (payload) VALUES (?)', payload);
    });
    db.transaction(() => {
      for (; document < (done + batch) * writes; document++) {
        const { doc = 0, resource = null, state = null } = at();
        const sql =
          'UPDATE document SET revision = revision + 1, last_updated = ?, resource = ?, state = ? WHERE doc = ?';
        db.run(sql, Date.now(), resource, state, doc);
      }
      for (; version < (done + batch) * versions; version++) {
        const { type = '', id = '', resource = null } = at();
        const sql =
          'INSERT INTO history (type, id, version, last_updated, source, mapping_version, resource) VALUES (?, ?, ?, 0, ?, 1, ?)';
        db.run(sql, type, id, version + 2, '1-1', resource);
      }
      for (; index < (done + batch) * indexRows; index++) {
        db.run('INSERT OR REPLACE INTO string_index VALUES (1, 1, ?, ?, 7)', `weg ${index % 5000}`, index % 600);
      }
      for (let message = done; message < done + batch; message++) {
        db.run('INSERT INTO settled (body) VALUES (?)', '{"keys":[],"made":[]}');
        for (const key of [keys[message % patients], keys[patients + (message % patients)]]) {
          db.run('INSERT INTO message_key VALUES (?, ?)', key ?? null, message);
        }
      }
    });
  }
  const perSecond = (like.messages * 1000) / (performance.now() - start);
  const processor = microseconds(spent) / like.messages;
  archive.close();
  db.close();
  return { perSecond, processor };
}

function startSystem(): Promise<RunningSystem> {
  const file = join(folder, 'wardline.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      dataFolder: join(folder, 'data'),
      http: { port: 0 },
      admin: { port: 0 },
      listeners: [{ name: 'adt', port: 0, tenant }],
      tenants: [{ id: tenant, name: 'North' }],
    }),
  );
  return startWardline(loadConfig({ file, env: {} }), { log: silentLog, version: 'bench' });
}

const system = await startSystem();
try {
  const same = (at: number): string => update(at % patients, 0);
  await measure(
    system,
    Array.from({ length: 2000 }, (_, at) => same(at)),
  );
  const changing = Array.from({ length: count }, (_, at) => update(at % patients, at + 1));
  const figures = { changing: await measure(system, changing), unchanged: {} as Figures };
  await measure(
    system,
    Array.from({ length: patients }, (_, at) => same(at)),
  );
  figures.unchanged = await measure(
    system,
    Array.from({ length: count }, (_, at) => same(at)),
  );
  await system.stop();
  for (const [name, figure] of Object.entries(figures)) {
    const reference = bare({ ...figures.changing, messages: count });
    bench.add({
      name: name === 'changing' ? 'A08s that change Patient and Encounter' : 'A08s that change nothing',
      ...{ value: figure.perSecond, unit: '/s' },
      reference: { name: "a bare script's changing writes", value: reference.perSecond },
      goal: { of: 'ratio', atLeast: name === 'changing' ? 0.5 : 1 },
    });
    bench.add({
      ...{ name: `${name}: processor time for each message, sender included`, value: figure.processor, unit: 'µs' },
      reference: { name: "the bare script's", value: reference.processor },
    });
    for (const [kind, rows] of Object.entries(figure.writesPerMessage)) {
      bench.add({ name: `${name}: ${kind} for each message`, value: rows, unit: '' });
    }
    rmSync(join(folder, 'bare.db'), { force: true });
    rmSync(join(folder, 'bare-archive.db'), { force: true });
  }
  bench.add({
    ...{ name: 'A08s that change nothing, to those that change', value: figures.unchanged.perSecond, unit: '/s' },
    reference: { name: 'those that change', value: figures.changing.perSecond },
    goal: { of: 'ratio', atLeast: 2 },
  });
  const stages = openMessageStages(folder);
  const times = Math.min(count, 1500);
  for (const [name, text] of [
    ['warm-up', same],
    ['changing', (at: number) => update(at % patients, count + at + 1)],
    ['unchanged', same],
  ] as const) {
    // as the queue hands them out: of few patients each batch
    const at = Array.from({ length: times }, (_, index) => index).sort((a, b) => (a % patients) - (b % patients));
    // a first round, so that the second repeats it
    if (name === 'unchanged')
      await stages.time(
        at.map((each) => Buffer.from(text(each).slice(1, -2))),
        batch,
      );
    const found = await stages.time(
      at.map((each) => Buffer.from(text(each).slice(1, -2))),
      batch,
    );
    if (name === 'warm-up') continue;
    for (const [stage, value] of found) bench.add({ name: `${name}: ${stage}`, value, unit: 'µs' });
  }
  await stages.close();
  bench.finish();
} finally {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
}

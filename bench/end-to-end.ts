/**
 * From the socket to the settled message: a whole installation takes ADT^A08 over 20 connections, of which every one
 * changes Patient and Encounter, or none does. Prints messages a second from the first byte to the last settled message
 * and the rows written per message, beside a bare script that makes the same writes of equal size, with the same indexes
 * and durability, through the same driver in batches of 50. Then where the processor time goes between archive and settling, stage by
 * stage, with batches of 50 in one thread. `node dist/bench/end-to-end.js [--messages N] [--quick] [--json FILE]`
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type SqlRow } from '../src/store/embedded/open-database.js';
import { resourceFormat, resourceSchema } from '../src/store/embedded/resource-schema.js';
import {
  type FeedFigures,
  measureFeed,
  microseconds,
  patients,
  startFed,
  tenant,
  update,
  updates,
} from './support/change-feed.js';
import { openBench } from './support/figures.js';
import { openMessageStages } from './support/message-stages.js';

const bench = openBench(1, ['messages']);
const count = bench.number('messages', 6000, 1500);
const batch = 50;
const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));

/**
 * Messages a second of the bare script, and its processor time for each: archive row, documents, versions, index rows, settle row, and for each message the two
 * rows by which it is found again (its patient, its visit); nothing is read, mapped or compared.
 */
function bare(like: FeedFigures): Pick<FeedFigures, 'perSecond' | 'processor'> {
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

const system = await startFed(folder);
try {
  const same = (): number => 0;
  await measureFeed(system, updates(2000, same));
  const changing = await measureFeed(
    system,
    updates(count, (at) => at + 1),
  );
  await measureFeed(system, updates(patients, same));
  const figures = { changing, unchanged: await measureFeed(system, updates(count, same)) };
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
    bench.add({ name: `${name}: recognised as repeated`, value: figure.repeated * 100, unit: '%' });
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
  for (const [name, change] of [
    ['warm-up', same],
    ['changing', (at: number) => count + at + 1],
    ['unchanged', same],
  ] as const) {
    // as the queue hands them out: of few patients each batch
    const at = Array.from({ length: times }, (_, index) => index).sort((a, b) => (a % patients) - (b % patients));
    const messages = () => at.map((each) => Buffer.from(update(each % patients, change(each)).slice(1, -2)));
    // a first round, so that the second repeats it
    if (name === 'unchanged') await stages.time(messages(), batch);
    const found = await stages.time(messages(), batch);
    if (name === 'warm-up') continue;
    for (const [stage, value] of found) bench.add({ name: `${name}: ${stage}`, value, unit: 'µs' });
  }
  await stages.close();
  bench.finish();
} finally {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** What a batch of messages asks of MongoDB on its way into FHIR: each command is a round trip, and most of what a batch costs. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { systemClock } from '../../../src/core/clock.js';
import { silentLog } from '../../../src/core/log.js';
import { compileFiles, mapperOver } from '../../../src/engine/mapping-mapper.js';
import { type EngineParts, processBatch } from '../../../src/engine/process-batch.js';
import { openMongoArchive } from '../../../src/store/mongodb/archive.js';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import { openMongoResources } from '../../../src/store/mongodb/resources.js';
import { mongoOf } from '../../support/mongodb-server.js';
import { hospitalContexts, hospitals, mappingFiles } from '../../support/rehearsal.js';

const mongo = await mongoOf('commands of a batch: MongoDB');
after(async () => {
  await mongo?.end();
});

const tenant = hospitals.SOUTH;
const patients = 10;

/** An A08; another `change` changes Patient and Encounter. */
function update(number: number, patient: number, change: number): Buffer {
  const time = `202603010${Math.floor(number / 60) % 10}${String(number % 60).padStart(2, '0')}00`;
  return Buffer.from(
    [
      `MSH|^~\\&|ADT|SOUTH|WL|WL|${time}||ADT^A08^ADT_A01|C${number}|P|2.5.1`,
      `EVN|A08|${time}`,
      `PID|1||P${patient}^^^SOUTH^MR||Berg^Anna||19700101|F|||Weg ${change}^^Bonn^^53111^DE`,
      `PV1|1|I|W1^R1^B${change % 2}^SOUTH||||D1^House^Greg||||||||||||V${patient}^^^SOUTH^VN`,
      '',
    ].join('\r'),
  );
}

if (mongo !== undefined) {
  test('a batch is few commands, whatever it holds', async () => {
    const { url } = mongo;
    const { writeConcern, readConcern } = connectMongo(url).options;
    const client = new MongoClient(url, {
      monitorCommands: true,
      writeConcern: { w: writeConcern.w ?? 1, journal: true },
      ...(readConcern === undefined ? {} : { readConcern }),
    });
    const database = mongo.database();
    const prefix = `t${database.slice(-12)}`;
    const archive = await openMongoArchive(client.db(database), { run: 1, keyOf: () => new Uint8Array(32) });
    const resources = openMongoResources({ clientOf: () => client, prefix });
    const contexts = hospitalContexts(mapperOver(compileFiles(mappingFiles), 1));
    const parts: EngineParts = {
      archive,
      resources,
      tenant: (id) => contexts.get(id),
      profile: () => ({ authority: {}, snapshot: [] }),
      clock: systemClock,
      log: silentLog,
    };
    let commands: string[] = [];
    client.on('commandStarted', ({ commandName, command }) => {
      // a process looks at a database when it uses it first, and again from time to time
      if (commandName !== 'createIndexes' && command[commandName] !== 'meta')
        commands.push(`${commandName} ${command[commandName]}`);
    });
    let number = 0;
    /** Applies a batch of two messages of each patient, both with this change, and gives what it asked of MongoDB. */
    const batch = async (change: number, by = parts): Promise<string[]> => {
      const appended = await archive.append(
        Array.from({ length: 2 * patients }, (_, at) => ({
          ...{ tenant, kind: 'message' as const, arrival: Date.now(), listener: 'SOUTH', peer: '127.0.0.1' },
          ...{ sender: 'ADT|SOUTH', type: 'ADT^A08^ADT_A01', sentAt: '', controlId: `C${++number}`, partition: 0 },
          ...{ flags: [], payload: update(number, at % patients, change) },
        })),
      );
      commands = [];
      const sequences = appended.map(({ sequence }) => sequence);
      const settled = await processBatch(by, { tenant, partition: 0, sequences });
      for (const { state, reason } of settled) assert.equal(state, 'applied', reason);
      return commands.toSorted();
    };
    let changes = 0;
    // makes the database as well, and both beds
    await batch(++changes);
    await batch(++changes);
    const around = ['find messages', 'insert messageOutcomes', 'update messageTallies'];
    assert.deepEqual(
      await batch(++changes),
      [...around, 'find resources', 'insert history', 'update resources'].sort(),
      'messages that change Patient and Encounter',
    );
    assert.deepEqual(
      await batch(changes),
      [...around, 'find resources', 'update resources'].sort(),
      'messages that change nothing',
    );
    assert.deepEqual(
      await batch(++changes),
      [...around, 'find resources', 'insert history', 'update resources'].sort(),
      'messages that change what was only touched before',
    );
    const other = openMongoResources({ clientOf: () => client, prefix });
    assert.deepEqual(
      await batch(++changes, { ...parts, resources: other }),
      [...around, 'find resources', 'find resources', 'insert history', 'update resources'].sort(),
      'documents that another process wrote',
    );
    await Promise.all([resources.close(), other.close(), archive.close()]);
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) {
      if (name === database || name.startsWith(prefix)) await client.db(name).dropDatabase();
    }
    await client.close();
  });
}

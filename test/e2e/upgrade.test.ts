/** A system that is started on the files of an older program, upgraded while it works. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { searchEdition } from '../../src/fhir/search-values.js';
import { runProgram } from '../cli/run-program.js';
import { writeOlderTenant } from '../support/older-tenant.js';
import { pause } from '../support/pause.js';
import { north, runWardline, sample } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface State {
  readonly editions: readonly number[];
  readonly due: boolean;
  readonly job: {
    readonly state: string;
    readonly documents: number;
    readonly done: number;
    readonly refused: number;
  } | null;
}

test('a running system is upgraded beside messages and searches, by the command', { timeout: 300_000 }, async (t) => {
  const dataFolder = join(temporaryFolder(t), 'data');
  writeOlderTenant(join(dataFolder, 'tenants'), north);
  const system = await runWardline(t, {}, { dataFolder });
  const state = () => system.admin.call<State>('GET', '/upgrade');
  assert.deepEqual(await state(), {
    edition: searchEdition,
    editions: [0, searchEdition],
    due: true,
    job: null,
    tenants: [],
  });
  const { upgrade } = await system.admin.call<{ upgrade: State }>('GET', '/status');
  assert.equal(upgrade.due, true);
  const fhir = await system.north.fhir('R4');
  const count = async (): Promise<number> => (await fhir.find('Observation?_count=100')).length;
  assert.equal(await count(), 25);

  const [command] = await Promise.all([
    runProgram(['upgrade', '--data', dataFolder]),
    system.north.send(sample('adt-a01.hl7')),
  ]);
  assert.equal(command.code, 0, command.stderr);
  assert.match(command.stdout, /119 of 0.* 119\n119 documents to index again\n119 documents indexed again\n$/);
  await system.settled();
  while ((await state()).job?.state !== 'done') await pause();
  const { job, due, editions } = await state();
  assert.deepEqual([due, editions, job?.refused], [false, [searchEdition], 0]);
  assert.equal(await count(), 25);
  const plan = await system.admin.call<{ tenants: { id: string; documents: { edition: number }[] }[] }>(
    'GET',
    '/upgrade/plan',
  );
  const [own] = plan.tenants.filter(({ id }) => id === north);
  assert.deepEqual(
    own?.documents.map(({ edition }) => edition),
    [searchEdition],
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import { runProgram } from '../cli/run-program.js';
import { north, openAdmin } from './open-admin.js';

const job = {
  ...{ id: 'u1', edition: 2, state: 'waiting', startedAt: '1970-01-01T00:00:00.000Z' },
  ...{
    waitsFor: ['the transform process 17 on north-1 runs version 0.0.0'],
    documents: 41_000,
    done: 40_998,
    refused: 2,
  },
};

describe('upgrades by the admin API', () => {
  it('are started once, shown, stopped, and audited', async (t) => {
    const admin = await openAdmin(t);
    const { call } = adminClient(admin.folder);
    const due = { edition: 2, editions: [1, 2], due: true };
    assert.deepEqual(await call('GET', '/upgrade'), { ...due, job: null, tenants: [] });
    await assert.rejects(call('POST', '/upgrade/stop'), { code: 'not-found' });
    assert.deepEqual(await call('POST', '/upgrade'), job);
    assert.deepEqual(await call('POST', '/upgrade'), job);
    const tenants = [{ tenant: north, documents: 41_000, done: 40_998, refused: 2 }];
    assert.deepEqual(await call('GET', '/upgrade'), { ...due, job, tenants });
    assert.deepEqual((await call<{ upgrade: unknown }>('GET', '/status')).upgrade, { ...due, job });
    const stopped = { ...job, state: 'stopped', endedAt: '1970-01-01T00:01:00.000Z' };
    assert.deepEqual(await call('POST', '/upgrade/stop'), stopped);
    assert.deepEqual(
      admin.audited.map(({ subject, outcome, action }) => [action, subject, outcome]),
      [
        ['admin', 'upgrade-stop', 'failed'],
        ['admin', 'upgrade-start', 'granted'],
        ['admin', 'upgrade-start', 'granted'],
        ['admin', 'upgrade-stop', 'granted'],
      ],
    );
  });

  it('are shown by the command as what there is to do, how far it is, and what became of it', async (t) => {
    const admin = await openAdmin(t);
    const run = (...args: string[]) => runProgram(['upgrade', '--data', admin.folder, ...args]);
    const [dry, status] = await Promise.all([run('--dry'), run('--status')]);
    assert.equal(
      dry.stdout,
      `search values of this program are edition 2; mapping version 3, jobs of the queue format 1 (known 1)
TENANT                                NAME   FORMAT        DOCUMENTS BY EDITION  TO INDEX AGAIN
${north}  North  3, becomes 4  41000 of 1, 7 of 2    about 41000
about 41000 documents to index again
`,
      dry.stderr,
    );
    assert.equal(
      status.stdout,
      'documents may have search values of edition 1, 2; this program makes 2: wardline upgrade\n',
    );
    await adminClient(admin.folder).call('POST', '/upgrade');
    const [running, stopped] = [await run('--status'), await run('--stop')];
    assert.match(
      running.stdout,
      /\nupgrade u1 waits: 40998 of 41000 documents\nwaits: the transform process 17 on north-1/,
    );
    assert.match(stopped.stdout, /^40998 documents indexed again\nof 2 nothing can be made: .*\nstopped; /);
  });
});

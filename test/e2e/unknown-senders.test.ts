/** A hub of many facilities: who is not in its table is parked and never guessed, and is found and given to a tenant later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from '../cli/run-program.js';
import { acknowledged } from '../support/mllp-session.js';
import { north, runWardline, south } from '../support/running-wardline.js';

interface Listed {
  readonly messages: readonly {
    readonly sequence: string;
    readonly tenant: string | null;
    readonly state: string;
    readonly reason?: string;
    readonly flags: readonly string[];
  }[];
}

const admission = (id: string, facility: string, asked = '') =>
  `MSH|^~\\&|HIS|${facility}|WARD|LINE|20260301080000||ADT^A01|${id}|P|2.5.1|||${asked}\r` +
  `PID|1||P${id}^^^NORTH^MR||Family^Given||19800101|F\rPV1|1|I|W1^10^1\r`;

test('a message of an unknown sender waits as parked, and is processed for the tenant it is given to', {
  timeout: 120_000,
}, async (t) => {
  const here = await runWardline(
    t,
    {},
    {
      listeners: [
        { name: 'north', port: 0, senders: [{ msh4: 'NORTH', tenant: north }] },
        { name: 'south', port: 0, tenant: south },
      ],
    },
  );
  const env = { WARDLINE_DATA: here.dataFolder };
  const listed = async (query: string) => (await here.admin.call<Listed>('GET', `/messages${query}`)).messages;
  for (const [id, facility] of [
    ['U1', 'SOUTH'],
    ['U2', 'NORTH'],
    ['U3', 'WEST'],
  ] as const) {
    assert.deepEqual(acknowledged(await here.north.send(admission(id, facility))), [['AA', id]]);
  }
  await here.settled();
  const parked = await listed('?state=parked');
  assert.deepEqual(
    parked.map(({ sequence, tenant, reason }) => [sequence, tenant, reason?.split(':')[0]]),
    [
      ['1-3', null, 'unknown-sender'],
      ['1-1', null, 'unknown-sender'],
    ],
  );
  assert.equal((await listed('')).length, 3, 'they stand in the list of all');
  const { applied, parked: waiting, unsettled } = await here.counts();
  assert.deepEqual([applied, waiting, unsettled], [1, 2, 0]);

  const released = await runProgram(['messages', 'release', '1-1'], { env });
  assert.deepEqual([released.code, released.stderr], [1, 'wardline: message 1-1 has no tenant; assign it to one\n']);
  const nobody = '00000000-0000-4000-8000-000000000000';
  const unknown = await runProgram(['messages', 'assign', '1-1', '--tenant', nobody], { env });
  assert.deepEqual([unknown.code, unknown.stderr], [1, `wardline: no tenant ${nobody}\n`]);

  const assigned = await runProgram(['messages', 'assign', '1-1', '1-2', '--tenant', south], { env });
  assert.deepEqual(
    [assigned.code, assigned.stdout, assigned.stderr],
    [1, '1-1 is now 1-4  unsettled\n', 'wardline: message 1-2 has a tenant already\n'],
  );
  await here.settled();
  const [copy] = await listed(`?tenant=${south}`);
  assert.deepEqual([copy?.sequence, copy?.state, copy?.flags], ['1-4', 'applied', ['assigned']]);
  const search = 'Patient?identifier=PU1';
  assert.equal((await (await here.south.fhir('R4')).find(search)).length, 1);
  assert.equal((await (await here.north.fhir('R4')).find(search)).length, 0);
  const [first] = await listed('?state=filtered');
  assert.deepEqual([first?.sequence, first?.tenant, first?.reason], ['1-1', null, 'assigned: 1-4']);
  assert.deepEqual(
    (await listed('?state=parked')).map(({ sequence }) => sequence),
    ['1-3'],
  );
  const again = await runProgram(['messages', 'assign', '1-1', '--tenant', north], { env });
  assert.deepEqual([again.code, again.stderr], [1, 'wardline: message 1-1 has a tenant already, assigned: 1-4\n']);
  const shown = await runProgram(['messages', 'show', '1-4'], { env });
  assert.match(shown.stdout, /\nMSH\|\^~\\&\|HIS\|SOUTH\|/);

  // The same bytes again, still from nobody known: the same answer, and no second row.
  assert.deepEqual(acknowledged(await here.north.send(admission('U1', 'SOUTH'))), [['AA', 'U1']]);
  assert.equal((await listed('')).length, 4);
  assert.equal((await listed('?state=filtered')).length, 1, 'what was assigned is not parked again');
});

/** A configuration changed and reloaded by SIGHUP while senders are connected. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { newSecret } from '../../src/auth/secrets.js';
import { adminClient } from '../../src/cli/admin-client.js';
import { startProgram } from '../cli/run-program.js';
import { FhirClient } from '../support/fhir-client.js';
import { MllpSession } from '../support/mllp-session.js';
import { pause } from '../support/pause.js';
import { north, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const west = '5b2a7e10-1c3d-4e5f-8a9b-0c1d2e3f4a5b';

interface Status {
  readonly listeners: readonly { readonly name: string; readonly port: number; readonly connections: number }[];
  readonly messages: Readonly<Record<string, number>>;
}

function admission(number: number, hospital: string): string {
  return [
    `MSH|^~\\&|HIS|${hospital}|WARD|LINE|20260301080000||ADT^A01|${hospital}${number}|P|2.5.1`,
    `PID|1||P${number}^^^${hospital}^MR||Family^Given||19800101|F`,
    `PV1|1|I|W1^10^1||||||||||||||||V${number}^^^${hospital}^VN`,
    '',
  ].join('\r');
}

test('SIGHUP: tenants, clients and listeners come and go, connections that stay are not cut', {
  timeout: 180_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const { file, secrets } = writeConfiguration(folder);
  const first = JSON.parse(readFileSync(file, 'utf8'));
  const program = startProgram(t, ['start', '--config', file]);
  const { url = '' } = /FHIR (?<url>\S+)\/fhir/.exec(await program.printed(/\n$/))?.groups ?? {};
  const { call } = adminClient(join(folder, 'data'));
  const status = () => call<Status>('GET', '/status');
  const until = async (holds: (now: Status) => boolean): Promise<Status> => {
    for (;;) {
      const now = await status();
      if (holds(now)) return now;
      await pause();
    }
  };
  const names = ({ listeners }: Status) => listeners.map(({ name }) => name).join();
  const portOf = ({ listeners }: Status, name: string): number =>
    listeners.find((listener) => listener.name === name)?.port ?? 0;
  const reload = (configuration: object): void => {
    writeFileSync(file, JSON.stringify(configuration));
    program.signal('SIGHUP');
  };
  const logged = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(program.stderr())) await pause();
  };

  const stays = await MllpSession.open(portOf(await status(), 'north'));
  const southPort = portOf(await status(), 'south');
  const leaves = await MllpSession.open(southPort);
  assert.match(await stays.send(admission(1, 'NORTH')), /MSA.AA/);
  assert.match(await leaves.send(admission(1, 'SOUTH')), /MSA.AA/);

  const secret = newSecret();
  writeFileSync(join(folder, 'west.secret'), secret);
  const second = {
    ...first,
    tokenLife: '5m',
    listeners: [first.listeners[0], { name: 'west', port: 0, tenant: west, profile: 'strict' }],
    profiles: { strict: { processingIds: ['T'] } },
    tenants: [{ ...first.tenants[0], name: 'North renamed' }, first.tenants[1], { id: west, name: 'West' }],
    clients: [...first.clients, { id: 'west-app', tenants: [west], secretFile: 'west.secret' }],
  };
  reload(second);
  const changed = await until((now) => names(now) === 'north,west');
  assert.match(await stays.send(admission(2, 'NORTH')), /MSA.AA/);
  await assert.rejects(once(connect(southPort, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
  const strict = await MllpSession.open(portOf(changed, 'west'));
  assert.match(await strict.send(admission(1, 'WEST')), /MSA.AR/, 'the profile of the new listener counts');
  assert.match(await strict.send(admission(2, 'WEST').replace('|P|2.5.1', '|T|2.5.1')), /MSA.AA/);
  await until(({ messages }) => messages['unsettled'] === 0);
  const token = await tokenFor(url, { client_id: 'west-app', client_secret: secret, scope: west });
  assert.equal((await new FhirClient(url, 'R4', token).get('/Patient?_count=0')).body.total, 1);
  const { tenants } = await call<{ tenants: { id: string; name: string }[] }>('GET', '/tenants');
  assert.equal(tenants.find(({ id }) => id === north)?.name, 'North renamed');
  await logged(/"state":"tokenLife","msg":"changes of the configuration wait for a restart"/);

  reload({ ...second, listeners: [{ name: 'north', port: 0, tenant: west, prot: 1 }] });
  await logged(/the changed configuration is refused/);
  assert.equal(names(await status()), 'north,west');

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : 0;
  reload({ ...second, listeners: [second.listeners[0], { ...second.listeners[1], port }] });
  await logged(/a listener cannot be started with its new settings/);
  const again = await until((now) => names(now) === 'north,west');
  const back = await MllpSession.open(portOf(again, 'west'));
  assert.match(await back.send(admission(3, 'WEST').replace('|P|2.5.1', '|T|2.5.1')), /MSA.AA/);
  assert.match(await stays.send(admission(3, 'NORTH')), /MSA.AA/);

  reload(first);
  await until((now) => names(now) === 'north,south');
  assert.match(await stays.send(admission(4, 'NORTH')), /MSA.AA/);
  const whole = await until(({ messages }) => messages['unsettled'] === 0);
  assert.equal(whole.messages['applied'], 7);
  const northToken = await tokenFor(url, { client_id: 'north-app', client_secret: secrets.north, scope: north });
  assert.equal((await new FhirClient(url, 'R4', northToken).get('/Patient?_count=0')).body.total, 4);
  for (const session of [stays, leaves, strict, back]) session.close();
  assert.equal(await program.stop(), 0);
});

/** The program as its users run it: a rule is changed, the program started again, and what it changes is replayed. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { adminClient } from '../../src/cli/admin-client.js';
import { runProgram, startProgram } from '../cli/run-program.js';
import { FhirClient } from '../support/fhir-client.js';
import { MllpSession } from '../support/mllp-session.js';
import { pause } from '../support/pause.js';
import { north, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const layer = `layer: site
rules:
  - { disable: "PID[Patient]/PID-8" }
`;

async function start(t: TestContext, file: string) {
  const program = startProgram(t, ['start', '--config', file]);
  const text = await program.printed(/\n$/);
  const { port = '', url = '' } = /^MLLP 127\.0\.0\.1:(?<port>\d+) .*FHIR (?<url>\S+)\/fhir/.exec(text)?.groups ?? {};
  return { ...program, mllpPort: Number(port), publicUrl: url };
}

function admission(number: number): string {
  return [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|2026030108000${number}||ADT^A01|C${number}|P|2.5.1`,
    `EVN|A01|2026030108000${number}`,
    `PID|1||P${number}^^^NORTH^MR||Family${number}^Given||19800101|F`,
    `PV1|1|I|W1^10^1^NORTH||||||||||||||||V${number}^^^NORTH^VN`,
    '',
  ].join('\r');
}

test('a changed rule is tried on archived messages; then replayed by message, patient, state and tenant', {
  timeout: 120_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const own = join(folder, 'north-mappings');
  mkdirSync(own);
  writeFileSync(join(own, 'site.yaml'), layer);
  const { file, secrets } = writeConfiguration(folder, { mappings: own });
  const dataFolder = join(dirname(file), 'data');
  const env = { WARDLINE_DATA: dataFolder };
  const first = await start(t, file);
  const session = await MllpSession.open(first.mllpPort);
  for (const number of [1, 2, 3]) await session.send(admission(number));
  session.close();
  const admin = adminClient(dataFolder);
  while ((await admin.call<{ messages: { unsettled: number } }>('GET', '/status')).messages.unsettled > 0)
    await pause();
  const tried = join(folder, 'tried');
  mkdirSync(tried);
  writeFileSync(join(tried, 'empty.yaml'), 'layer: site\nrules: []\n');
  const layers = ['--layers', tried, '--tenant', north, '--show', '1'];
  const tryOut = await runProgram(['mapping', 'dry-run', ...layers], { env });
  assert.equal(tryOut.stderr, '');
  assert.match(
    tryOut.stdout,
    /^3 of 3 messages come out otherwise\n\nELEMENT +MESSAGES +RULES\nPatient\.gender +3 +PID\[Patient\]\/PID-8\n\n\d+-\d+ {2}ADT\^A01\n {2}Patient\/\S+ {2}changed\n {4}gender: – → "female" {2}\(PID\[Patient\]\/PID-8\)\n$/,
  );
  writeFileSync(join(tried, 'empty.yaml'), 'layer: site\nrules:\n  - { disable: "PID[Patient]/PID-88" }\n');
  const refused = await runProgram(['mapping', 'dry-run', ...layers], { env });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /empty\.yaml:3:\d+ .*PID-88/);
  const same = await runProgram(['mapping', 'dry-run', '--last', '2', '--json'], { env });
  assert.deepEqual([JSON.parse(same.stdout).messages, JSON.parse(same.stdout).differ], [2, 0]);
  await first.stop();

  rmSync(join(own, 'site.yaml'));
  writeFileSync(join(own, 'empty.yaml'), 'layer: site\nrules: []\n');
  const second = await start(t, file);
  const token = await tokenFor(second.publicUrl, {
    client_id: 'north-app',
    client_secret: secrets.north,
    scope: north,
  });
  const genders = async (): Promise<unknown[]> => {
    const found = await new FhirClient(second.publicUrl, 'R4', token).find('Patient?_count=10');
    return found.map((patient) => patient.gender);
  };
  assert.deepEqual(await genders(), [undefined, undefined, undefined]);

  const dry = await runProgram(['messages', 'replay', '--patient', 'NORTH|P1', '--tenant', north, '--dry'], { env });
  assert.equal(dry.stderr, '');
  assert.match(dry.stdout, /^ {2}Patient\/\S+ {2}changed\n {4}gender: – → "female"\n/);
  assert.match(
    dry.stdout,
    /messages {3}1 read: 1 applied\ndocuments {2}0 created, 1 changed, 0 removed; .*\n.*nothing was written/,
  );
  assert.deepEqual(await genders(), [undefined, undefined, undefined]);

  const list = JSON.parse((await runProgram(['messages', 'list', '--json'], { env })).stdout) as {
    messages: { sequence: string; controlId: string }[];
  };
  const ofPatient = ['messages', 'list', '--tenant', north, '--json', '--patient'];
  const listed = async (patient: string): Promise<string[]> => {
    const { stdout } = await runProgram([...ofPatient, patient], { env });
    return (JSON.parse(stdout) as typeof list).messages.map(({ controlId }) => controlId);
  };
  const [patientId] = /(?<=Patient\/)\S+/.exec(dry.stdout) ?? [];
  assert.deepEqual([await listed('NORTH|P1'), await listed(String(patientId))], [['C1'], ['C1']]);
  const stranger = await runProgram([...ofPatient, 'NORTH|P9'], { env });
  assert.deepEqual([stranger.code, stranger.stderr], [1, 'wardline: no archived message names this patient\n']);
  const named = list.messages.find(({ controlId }) => controlId === 'C1')?.sequence ?? '';
  const one = await runProgram(['messages', 'replay', named], { env });
  assert.match(one.stdout, /^messages {3}1 read: 1 applied\ndocuments {2}0 created, 1 changed, 0 removed/);
  assert.equal((await genders()).filter((gender) => gender === 'female').length, 1);

  const all = await runProgram(['messages', 'replay', '--all', '--tenant', north, '--json'], { env });
  const job = JSON.parse(all.stdout) as { state: string; documents: Record<string, number> };
  assert.deepEqual([job.state, job.documents['changed']], ['done', 2]);
  assert.deepEqual(await genders(), ['female', 'female', 'female']);

  const none = await runProgram(['messages', 'replay', '--state', 'unmapped'], { env });
  assert.deepEqual([none.code, none.stdout.split('\n')[0]], [0, 'messages   0 read']);
  const unknown = await runProgram(['messages', 'replay', '--patient', 'NORTH|P9', '--tenant', north], { env });
  assert.deepEqual([unknown.code, unknown.stderr], [1, 'wardline: no archived message names this patient\n']);
  const replays = await runProgram(['messages', 'replays'], { env });
  assert.equal(replays.stdout.split('\n').length, 6);
  await second.stop();
});

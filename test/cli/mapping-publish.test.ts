import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shippedMappings } from '../../src/store/mapping-files.js';
import { pause } from '../support/pause.js';
import { writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runProgram, startProgram } from './run-program.js';

const layer = (gender: string) => `layer: site\nrules:\n  - { override: "PID[Patient]/PID-8", value: ${gender} }\n`;

test('mapping publish, mapping versions, status and SIGHUP on a running system', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const mappings = join(folder, 'mappings');
  cpSync(shippedMappings, mappings, { recursive: true });
  const tried = join(folder, 'tried');
  cpSync(shippedMappings, tried, { recursive: true });
  writeFileSync(join(tried, 'tried.yaml'), layer('unknown'));
  const { file } = writeConfiguration(folder, {}, { mappings });
  const program = startProgram(t, ['start', '--config', file]);
  await program.printed(/\n$/);
  const run = (...args: string[]) => runProgram([...args, '--data', join(folder, 'data')]);
  const versions = async () => (await run('mapping', 'versions', '-n', '2')).stdout;

  assert.equal((await run('mapping', 'publish')).stdout, 'these files are live already: 1\n');
  assert.equal((await run('mapping', 'publish', tried)).stdout, 'version 2 is live\n');
  assert.match(await versions(), /^VERSION +PUBLISHED.*\n2 +\S+ +live\s*\n1 +\S+\s*\n$/);
  assert.equal((await run('mapping', 'publish')).stdout, 'version 3 is live\n', 'the configured ones again');

  writeFileSync(join(tried, 'tried.yaml'), layer('{'));
  const refused = await run('mapping', 'publish', tried);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /mappings\/tried\.yaml:\d+:\d+ /);
  assert.doesNotMatch((await run('status')).stdout, /refused/);

  writeFileSync(join(mappings, 'site.yaml'), layer('other').replace('PID-8', 'PID-88'));
  program.signal('SIGHUP');
  let status = '';
  while (!/refused/.test(status)) {
    await pause(200);
    status = (await run('status')).stdout;
  }
  assert.match(status, /mapping files are refused, version 3 stays:\nmappings\/site\.yaml:3:\d+ .*PID-88/);
  assert.match(await versions(), /\nrefused \S+, the live version stays:\nmappings\/site\.yaml:3:\d+ /);
  writeFileSync(join(mappings, 'site.yaml'), layer('other'));
  while (/refused/.test(status)) {
    await pause(200);
    status = (await run('status')).stdout;
  }
  assert.match(await versions(), /\n4 +\S+ +live/);
  assert.equal(await program.stop(), 0);
  assert.match(program.stderr(), /mappings\/site\.yaml:3:\d+ /);
});

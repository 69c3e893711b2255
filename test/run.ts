/**
 * Runs every compiled test with Node's own runner, so that a run ends with its summary.
 * `node dist/test/run.js [part of a file name…]` runs only the files whose path holds one of the parts.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()
  .map((file) => join(here, file));

if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(', ')}`);
  process.exit(2);
}
// the servers are the tests' own: programs that tests start are to run without them, unless told otherwise
const { MONGODB_URL: mongodb = '', REDIS_URL: redis = '', ...env } = process.env;
const limit = pathToFileURL(join(here, 'support/time-limit.js')).href;
const flags = ['--enable-source-maps', `--import=${limit}`, '--test', '--test-reporter=spec'];
// many tests wait for servers and processes, so that a core for each would stand idle
const concurrency = `--test-concurrency=${Math.max(2, availableParallelism())}`;
const child = spawn(process.execPath, [...flags, concurrency, ...files], {
  stdio: 'inherit',
  env: { ...env, WARDLINE_TEST_MONGODB: mongodb, WARDLINE_TEST_REDIS: redis },
});
child.on('exit', (code) => process.exit(code ?? 1));

/**
 * Runs the benchmarks one after the other, each in a process of its own, and prints one table of all figures at the end;
 * writes them as JSON with what is known of the machine. `npm run bench -- [NAME…] [--quick] [--large] [--json FILE]`
 * Ends with 1 when a benchmark failed; a missed goal is shown and fails nothing, since figures of a busy machine say little.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cells, type Figure, headings } from './support/figures.js';

const usual = ['reader', 'transform', 'store', 'intake', 'end-to-end', 'facade', 'tenants', 'backlog'];
/** These need servers, and say so where there are none. */
const overServers = ['mongodb', 'mongodb-intake', 'facade-mongodb'];
const all = [...usual, ...overServers];
/** Benchmarks that are another one with flags. */
const variants: Readonly<Record<string, readonly [script: string, ...flags: string[]]>> = {
  'facade-mongodb': ['facade', '--store', 'mongodb'],
};
const { values: flags, positionals: chosen } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    large: { type: 'boolean' },
    json: { type: 'string', default: '.cache/bench.json' },
  },
  allowPositionals: true,
});
const unknown = chosen.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-run-'));
const figures: Record<string, readonly Figure[]> = {};
const failed: string[] = [];
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  date: new Date().toISOString(),
  loadAtStart: loadavg()[0] ?? 0,
};
for (const name of chosen.length > 0 ? all.filter((one) => chosen.includes(one)) : all) {
  console.log(`\n${name}`);
  const file = join(folder, `${name}.json`);
  const [own, ...more] = variants[name] ?? [name];
  const large = flags.large === true && own === 'facade' ? ['--large'] : [];
  const script = fileURLToPath(new URL(`./${own}.js`, import.meta.url));
  const args = [script, '--json', file, ...more, ...large, ...(flags.quick === true ? ['--quick'] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status === 0) figures[name] = JSON.parse(readFileSync(file, 'utf8')) as Figure[];
  else failed.push(name);
}
rmSync(folder, { recursive: true, force: true });

console.log(`\n${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadAtStart.toFixed(1)}`);
console.log(headings.join('  '));
for (const [name, ofBench] of Object.entries(figures)) {
  console.log(name);
  for (const figure of ofBench) console.log(cells({ ...figure, name: `  ${figure.name}` }).join('  '));
}
const missed = Object.values(figures).flatMap((ofBench) => ofBench.filter(({ reached }) => reached === false));
console.log(`${missed.length} goals missed${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`);
mkdirSync(dirname(flags.json), { recursive: true });
writeFileSync(flags.json, `${JSON.stringify({ machine, quick: flags.quick === true, figures }, null, 2)}\n`);
console.log(`written to ${flags.json}`);
if (failed.length > 0) process.exitCode = 1;

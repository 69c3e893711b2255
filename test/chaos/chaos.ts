/**
 * Feeds a real topology of processes while it kills and pauses them, then counts what was sent, acknowledged, archived, settled
 * and is visible in FHIR. Ends with 1 when a message was acknowledged and is missing, or has its effect twice.
 * `npm run chaos -- [--kills 30] [--seed 1] [--minutes 60] [--kinds intake,redis] [--report FILE]`
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { kindsOf, passed, runChaos } from './chaos-run.js';
import { type Kind, kinds } from './disturber.js';
import { reportLines } from './report.js';

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '60' },
    kinds: { type: 'string' },
    report: { type: 'string' },
  },
});
const topology = { processes: { all: 2 }, tenants: 3, feedsPerTenant: 3 };
const has = kindsOf(topology);
const wanted = flags.kinds === undefined ? has : flags.kinds.split(',').filter((name): name is Kind => isKind(name));
const begun = performance.now();

const report = await runChaos({
  kills: Number(flags.kills),
  seed: Number(flags.seed),
  minutes: Number(flags.minutes),
  kinds: wanted,
  pauseEvery: 4,
  every: [3_000, 7_000],
  topology,
  interval: 600,
  log: (line) => console.log(`${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${line}`),
});
console.log(`\n${reportLines(report).join('\n')}`);
if (flags.report !== undefined) writeFileSync(flags.report, `${JSON.stringify(report, null, 2)}\n`);
process.exitCode = passed(report) ? 0 : 1;

function isKind(name: string): name is Kind {
  if (!kinds.some((kind) => kind === name) || !has.some((kind) => kind === name))
    throw new RangeError(`--kinds: ${name}`);
  return true;
}

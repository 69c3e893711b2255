/**
 * Feeds a real topology of processes while it kills and pauses them, then counts what was sent, acknowledged, archived, settled
 * and is visible in FHIR. Ends with 1 when a message was acknowledged and is missing, or has its effect twice.
 * `npm run chaos -- [--kills 30] [--seed 1] [--minutes 60] [--kinds intake,redis] [--report FILE]`
 * `npm run chaos -- --scenario disk-full|redis-paused|primary-stepdown|clock-jump [--report FILE]`
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { kindsOf, passed, runChaos } from './chaos-run.js';
import { type Kind, kinds } from './disturber.js';
import { reportLines, scenarioLines } from './report.js';
import { scenarioPassed } from './scenario.js';
import { scenarios } from './scenarios.js';
import { wholeTopology } from './topologies.js';

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '60' },
    kinds: { type: 'string' },
    scenario: { type: 'string' },
    report: { type: 'string' },
  },
});
const begun = performance.now();
const log = (line: string): void =>
  console.log(`${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${line}`);

if (flags.scenario === undefined) await kill();
else await play(flags.scenario);

async function kill(): Promise<void> {
  const report = await runChaos({
    kills: Number(flags.kills),
    seed: Number(flags.seed),
    minutes: Number(flags.minutes),
    kinds: wantedKinds(),
    pauseEvery: 6,
    every: [2_500, 5_500],
    topology: wholeTopology,
    interval: 600,
    log,
  });
  tell(report, reportLines(report), passed(report));
}

async function play(name: string): Promise<void> {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new RangeError(`--scenario: one of ${Object.keys(scenarios).join(', ')}`);
  const report = await scenario(log);
  tell(report, scenarioLines(report), scenarioPassed(report));
}

function tell(report: object, lines: readonly string[], good: boolean): void {
  console.log(`\n${lines.join('\n')}`);
  if (flags.report !== undefined) writeFileSync(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = good ? 0 : 1;
}

function wantedKinds(): Kind[] {
  const there = kindsOf(wholeTopology);
  const named = flags.kinds?.split(',') ?? there;
  const unknown = named.filter((name) => !there.some((kind) => kind === name));
  if (unknown.length > 0) throw new RangeError(`--kinds: ${unknown.join(', ')} is none of ${there.join(', ')}`);
  return kinds.filter((kind) => named.includes(kind));
}

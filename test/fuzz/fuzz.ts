/**
 * Sends mutated and made-up frames through decoder, reader, mapping and rendering.
 * `npm run fuzz -- [--count 10000000] [--threads 2] [--first 1]`
 * Fails on anything thrown, on a wrong result, on an input that takes longer than ten seconds, and when memory grows. Each
 * new kind of failure becomes a case file under test/fuzz/cases, which `npm test` runs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { fuzzInput } from './fuzz-input.js';
import type { FuzzReport, FuzzTask } from './fuzz-thread.js';

const { values: flags } = parseArgs({
  options: { count: { type: 'string' }, threads: { type: 'string' }, first: { type: 'string' } },
});
const count = Number(flags.count ?? 10_000_000);
const threads = Number(flags.threads ?? availableParallelism());
const first = Number(flags.first ?? 1);
const folder = join('test', 'fuzz', 'cases');
/** Seconds that one input may take, counted by this process's own ticks: time in which all of it was stopped is none. */
const longest = 10;

const failures = new Map<string, number>();
const reached: Record<string, number> = {};
let grown = false;

function keep(seed: number, sign: string, detail: string): void {
  const times = (failures.get(sign) ?? 0) + 1;
  failures.set(sign, times);
  if (times > 1) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${sign}.hl7`), fuzzInput(seed).message);
  console.error(`\nnumber ${seed}, kept as ${join(folder, `${sign}.hl7`)}\n${detail}`);
}

/** True when the later half of the samples lies above the earlier one by more than noise. */
function grows(samples: readonly number[]): boolean {
  const settled = samples.slice(Math.floor(samples.length / 4));
  const half = Math.floor(settled.length / 2);
  if (half < 3) return false;
  const lowest = (of: readonly number[]): number => Math.min(...of);
  return lowest(settled.slice(half)) > lowest(settled.slice(0, half)) * 1.15 + 8_000_000;
}

/** Starts one thread on its share: where it stands (number, done), and its end. */
function run(thread: number): { readonly progress: Float64Array; readonly end: Promise<void> } {
  const progress = new SharedArrayBuffer(16);
  const place = new Float64Array(progress);
  const share = Math.floor(count / threads) + (thread < count % threads ? 1 : 0);
  const task: FuzzTask = { first: first + thread, step: threads, count: share, progress };
  const worker = new Worker(new URL('./fuzz-thread.js', import.meta.url), { workerData: task });
  const memory: number[] = [];
  const end = new Promise<void>((resolve, reject) => {
    let [seen, ticks] = [-1, 0];
    const watch = setInterval(() => {
      const [seed = 0, done = 0] = place;
      if (done !== seen) [seen, ticks] = [done, 0];
      else if (done < share && ++ticks > longest && done > 0) {
        keep(seed, `slow-${seed}`, `took longer than ${longest} s`);
        clearInterval(watch);
        void worker.terminate().then(() => resolve());
      }
    }, 1000);
    worker.on('message', (message: FuzzReport) => {
      if (message.kind === 'failure') keep(message.seed, message.sign, message.detail);
      else if (message.kind === 'memory') memory.push(message.bytes);
      else for (const [to, times] of Object.entries(message.reached)) reached[to] = (reached[to] ?? 0) + times;
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearInterval(watch);
      grown ||= grows(memory);
      const [least, most] = [Math.min(...memory), Math.max(...memory)].map((bytes) => (bytes / 1e6).toFixed(0));
      console.log(`thread ${thread}: heap after collection ${least} to ${most} MB`);
      resolve();
    });
  });
  return { progress: place, end };
}

const begin = performance.now();
const all = Array.from({ length: threads }, (_, thread) => run(thread));
const shown = setInterval(() => {
  const done = all.reduce((sum, { progress }) => sum + (progress[1] ?? 0), 0);
  const rate = (done * 1000) / (performance.now() - begin);
  console.log(`${done} of ${count}, ${rate.toFixed(0)}/s, ${failures.size} kinds of failure`);
}, 30_000);
await Promise.all(all.map(({ end }) => end));
clearInterval(shown);
const took = (performance.now() - begin) / 1000;
console.log(`${count} inputs from number ${first} in ${took.toFixed(0)} s: ${JSON.stringify(reached)}`);
if (grown) console.error('memory grew: something is kept from message to message');
if (failures.size > 0) console.error(`${failures.size} kinds of failure`);
process.exitCode = failures.size > 0 || grown ? 1 : 0;

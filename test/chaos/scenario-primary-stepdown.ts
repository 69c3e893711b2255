/** The primary of MongoDB steps down under load, again and again. */
import { MongoClient } from 'mongodb';
import { stateOf } from './disturber.js';
import { becomes, type Scenario, seconds } from './scenario.js';
import { startSession } from './session.js';
import { smallTopology } from './topologies.js';
import type { Topology } from './topology.js';

const times = 4;

export const primaryStepdown: Scenario = async (log) => {
  const session = await startSession({ ...smallTopology, interval: 400, log });
  const { topology, journal } = session;
  try {
    await becomes(() => journal.entries.length > 20);
    let steppedDown = 0;
    let longest = 0;
    for (let time = 0; time < times; time++) {
      const at = performance.now();
      if (await stepDown(topology)) steppedDown++;
      const waited = (from: number): boolean =>
        journal.entries.some(({ sentAt, acknowledgedAt }) => sentAt > from && acknowledgedAt !== undefined);
      await becomes(() => waited(at + 100));
      longest = Math.max(longest, (performance.now() - at) / 1000);
      log(`stepped down ${time + 1} of ${times}`);
      await seconds(4);
    }
    const { verdict, settledAfter } = await session.count();
    const negative = [...journal.refused].map(([code, count]) => `${count} ${code}`).join(', ');
    return {
      verdict,
      seen: { 'the primary stepped down each time': steppedDown === times },
      figures: {
        'negative answers': negative || 'none',
        'acknowledged again, longest, s': longest.toFixed(1),
        'settled after the end, s': settledAfter.toFixed(1),
      },
    };
  } finally {
    await session.end();
  }
};

/** True once another node, or the same one anew, is primary after the one that was stepped down. */
async function stepDown({ mongoNodes }: Topology): Promise<boolean> {
  const primary = async (): Promise<number | undefined> => {
    const states = await Promise.all(mongoNodes.map(stateOf));
    return states.includes(undefined) ? undefined : mongoNodes[states.indexOf('primary')]?.port;
  };
  let port: number | undefined;
  const known = async (): Promise<boolean> => {
    port = await primary();
    return port !== undefined;
  };
  if (!(await becomes(known))) return false;
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  try {
    await client.db('admin').command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 });
  } catch {
    // whether it stepped down shows in who is the primary then
  } finally {
    await client.close();
  }
  return becomes(async () => {
    const now = await primary();
    return now !== undefined && now !== port;
  });
}

/** Redis hangs for longer than anybody waits, and is emptied: intake goes on, and all is done afterwards. */
import { Redis } from 'ioredis';
import { becomes, type Scenario, seconds } from './scenario.js';
import { startSession } from './session.js';
import { smallTopology } from './topologies.js';

const paused = 15;

export const redisPaused: Scenario = async (log) => {
  const session = await startSession({ ...smallTopology, interval: 400, log });
  const { topology, journal } = session;
  const acknowledged = (): number =>
    journal.entries.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length;
  try {
    await becomes(() => acknowledged() > 20);
    const before = acknowledged();
    topology.redis.signal('SIGSTOP');
    log(`Redis is paused for ${paused} s`);
    await seconds(paused);
    const meanwhile = acknowledged() - before;
    topology.redis.signal('SIGCONT');
    const resumed = performance.now();
    const paused_ = new Set(journal.unsettled());
    await becomes(() => !journal.unsettled().some((controlId) => paused_.has(controlId)));
    const afterPause = (performance.now() - resumed) / 1000;
    log(`settled again after ${afterPause.toFixed(1)} s; emptying Redis three times`);
    const redis = new Redis(topology.redisUrl);
    let afterLoss = 0;
    for (let time = 0; time < 3; time++) {
      await redis.flushall();
      const emptied = performance.now();
      const left = new Set(journal.unsettled());
      await becomes(() => !journal.unsettled().some((controlId) => left.has(controlId)));
      afterLoss = Math.max(afterLoss, (performance.now() - emptied) / 1000);
      await seconds(1);
    }
    redis.disconnect();
    const { verdict, settledAfter } = await session.count();
    return {
      verdict,
      seen: { 'messages were acknowledged while Redis was paused': meanwhile > 10 },
      figures: {
        'acknowledged while it was paused': meanwhile,
        'settled again after the pause, s': afterPause.toFixed(1),
        'settled again after it was emptied, s': afterLoss.toFixed(1),
        'settled after the end, s': settledAfter.toFixed(1),
      },
    };
  } finally {
    await session.end();
  }
};

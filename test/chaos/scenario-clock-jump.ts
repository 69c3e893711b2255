/** Clocks of hosts jump back and forth, each its own way, while Redis is emptied: what depends on a clock must not lose messages. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Role } from '../../src/app/role.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { becomes, type Scenario, seconds } from './scenario.js';
import { startSession } from './session.js';
import { smallTopology } from './topologies.js';
import { plainEnvironment } from './wardline-process.js';

/** Hours by which clocks are off, one after another: of those that take messages in, of those that apply them, of the rest. */
const jumps: readonly (readonly [intake: number, transform: number, rest: number])[] = [
  [0, 1, 0],
  [-1, 0, 1],
  [2, -2, -1],
  [-3, 3, 0],
  [0, 0, 0],
];

export const clockJump: Scenario = async (log) => {
  const ends: (() => unknown)[] = [];
  const folder = temporaryFolder({ after: (end) => ends.push(end) });
  const file = (role: Role): string => join(folder, role);
  const roles: readonly Role[] = ['all', 'intake', 'transform', 'facade'];
  const set = (role: Role, hours: number): void => writeFileSync(file(role), `${hours < 0 ? '' : '+'}${hours}h\n`);
  for (const role of roles) set(role, 0);
  const env = (role: Role): NodeJS.ProcessEnv => ({
    ...plainEnvironment(),
    LD_PRELOAD: fakeTimeLibrary(),
    FAKETIME_TIMESTAMP_FILE: file(role),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  const session = await startSession({ ...smallTopology, env, interval: 400, log });
  const { topology, journal } = session;
  const redis = new Redis(topology.redisUrl);
  try {
    await becomes(() => journal.entries.length > 20);
    for (const [intake, transform, rest] of jumps) {
      const hours = { intake, transform, facade: rest, all: intake };
      for (const role of roles) set(role, hours[role]);
      log(`clocks are off by ${intake} h (intake), ${transform} h (transform), ${rest} h (facade)`);
      await seconds(3);
      await redis.flushall();
      await seconds(2);
    }
    const { verdict, settledAfter } = await session.count();
    const ahead = (await session.archive.latest()) - Date.now();
    return {
      verdict,
      seen: { 'messages came from the future': ahead > 3_600_000 },
      figures: { 'settled after the end, s': settledAfter.toFixed(1) },
    };
  } finally {
    redis.disconnect();
    await session.end();
    for (const end of ends) await end();
  }
};

/** Debian's package faketime puts it beside the libraries of the machine's kind. */
function fakeTimeLibrary(): string {
  const places = readdirSync('/usr/lib').map((kind) => join('/usr/lib', kind, 'faketime', 'libfaketimeMT.so.1'));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error('the library of faketime is not where Debian puts it: apt-get install faketime');
}

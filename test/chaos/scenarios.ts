/** The scenarios of `npm run chaos -- --scenario NAME`. */
import type { Scenario } from './scenario.js';
import { clockJump } from './scenario-clock-jump.js';
import { diskFull } from './scenario-disk-full.js';
import { primaryStepdown } from './scenario-primary-stepdown.js';
import { redisPaused } from './scenario-redis-paused.js';

export const scenarios: Readonly<Record<string, Scenario>> = {
  'disk-full': diskFull,
  'redis-paused': redisPaused,
  'primary-stepdown': primaryStepdown,
  'clock-jump': clockJump,
};

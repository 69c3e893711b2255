import { test } from 'node:test';
import { walk } from './walk.js';

test('docs/quick-start.md can be followed from its first command to its last', { timeout: 900_000 }, async (t) => {
  await walk(t, 'quick-start.md');
});

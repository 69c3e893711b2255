#!/usr/bin/env node
/** Every part in one process: `wardline start`, as an entry of its own for those who run processes by role. */
import { runCommand } from '../src/cli/run-command.js';

await runCommand(['start', '--role', 'all', ...process.argv.slice(2)]);

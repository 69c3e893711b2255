#!/usr/bin/env node
/** Listeners and watched directories: takes messages, archives and acknowledges them. Takes the flags of `wardline start`. */
import { runCommand } from '../src/cli/run-command.js';

await runCommand(['start', '--role', 'intake', ...process.argv.slice(2)]);

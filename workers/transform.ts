#!/usr/bin/env node
/** The engine: takes messages into FHIR, and serves the admin API. Takes the flags of `wardline start`. */
import { runCommand } from '../src/cli/run-command.js';

await runCommand(['start', '--role', 'transform', ...process.argv.slice(2)]);

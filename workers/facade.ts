#!/usr/bin/env node
/** FHIR and OAuth over HTTP. Takes the flags of `wardline start`. */
import { runCommand } from '../src/cli/run-command.js';

await runCommand(['start', '--role', 'facade', ...process.argv.slice(2)]);

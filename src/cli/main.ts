#!/usr/bin/env node
import { Command } from 'commander';
import { outliveReader } from './broken-pipe.js';
import { clientCommand } from './client.js';
import { codesCommand } from './codes.js';
import { convertCommand } from './convert.js';
import { doctorCommand } from './doctor.js';
import { exitCodeHelp, reportFailure } from './exit-codes.js';
import { lintCommand } from './lint.js';
import { mappingCommand } from './mapping.js';
import { messagesCommand } from './messages.js';
import { programVersion } from './program-version.js';
import { sendCommand } from './send.js';
import { simulateCommand } from './simulate.js';
import { startCommand } from './start.js';
import { statusCommand } from './status.js';
import { tenantCommand } from './tenant.js';
import { tokenCommand } from './token.js';
import { topCommand } from './top.js';
import { validateCommand } from './validate.js';

const program = new Command('wardline')
  .description('HL7 v2 in over MLLP, FHIR out: R4, STU3 and DSTU2.')
  .version(programVersion)
  .addHelpText('after', exitCodeHelp)
  .showHelpAfterError('(wardline help <command> shows how it is used)');
for (const command of [
  // Loaded only when it starts: the other commands need none of it.
  startCommand(async (config, options) => (await import('../app.js')).startWardline(config, options)),
  sendCommand(),
  simulateCommand(),
  convertCommand(),
  validateCommand(),
  lintCommand(),
  mappingCommand(),
  codesCommand(),
  statusCommand(),
  doctorCommand(),
  topCommand(),
  tenantCommand(),
  clientCommand(),
  tokenCommand(),
  messagesCommand(),
]) {
  program.addCommand(command);
}
throwInsteadOfExit(program);
outliveReader(process.stdout, process.argv[2] === 'start');

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

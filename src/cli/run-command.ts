import { Command } from 'commander';
import type { StartSystem } from '../app/running-system.js';
import { allCommands } from './all-commands.js';
import { outliveReader } from './broken-pipe.js';
import { exitCodeHelp, reportFailure } from './exit-codes.js';
import { programVersion } from './program-version.js';

/** Loaded only when it starts: the other commands need none of it. */
const startSystem: StartSystem = async (config, options) => (await import('../app.js')).startWardline(config, options);

/** Runs the command that the arguments name, `start --role intake` for example; sets the exit code of the process. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const program = new Command('wardline')
    .description('HL7 v2 in over MLLP, FHIR out: R4, STU3 and DSTU2.')
    .version(programVersion)
    .addHelpText('after', exitCodeHelp)
    .showHelpAfterError('(wardline help <command> shows how it is used)');
  for (const command of allCommands(startSystem)) program.addCommand(command);
  throwInsteadOfExit(program);
  outliveReader(process.stdout, args[0] === 'start');
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
}

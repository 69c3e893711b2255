import { Command } from 'commander';
import { printProblem } from '../mapping/problem.js';
import { jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { coverageCommand } from './mapping-coverage.js';
import { dryRunCommand } from './mapping-dry-run.js';
import { effectiveCommand } from './mapping-effective.js';
import { explainCommand } from './mapping-explain.js';
import { compileFolders, withBase } from './mapping-folders.js';
import { addPublishCommands } from './mapping-publish.js';
import { testCommand } from './mapping-test.js';
import { printJson } from './print-table.js';

/** `wardline mapping check`, `publish`, `versions`, `dry-run`, `coverage`, `explain`, `effective`, `test`. */
export function mappingCommand(): Command {
  const command = new Command('mapping').description('Work on mapping files.');
  command
    .command('check')
    .description('Compile mapping files and show every problem as file:line:column with what would be right.')
    .argument(
      '[folder...]',
      'layers of a tenant, on top of the base; or a changed copy of the whole mappings, in its place',
    )
    .option('--base <folder>', 'folder of the base mappings (default: those that come with Wardline)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nEnds with 0 when all files hold together, 1 when there is a problem.\n\nExamples:\n  wardline mapping check\n  wardline mapping check /etc/wardline/mappings/north\n  wardline mapping check ./changed-mappings',
    )
    .action((folders: string[], { base, json }: { base?: string; json?: true }) => {
      const { problems, files } = compileFolders(withBase(base, folders));
      if (json) printJson({ files, problems });
      else {
        for (const problem of problems) process.stdout.write(`${printProblem(problem)}\n`);
        process.stdout.write(`${files} files, ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}\n`);
      }
      process.exitCode = problems.length === 0 ? exitCodes.ok : exitCodes.failed;
    });
  addPublishCommands(command);
  const subs = [dryRunCommand(), coverageCommand(), explainCommand(), effectiveCommand(), testCommand()];
  for (const sub of subs) command.addCommand(sub);
  return command;
}

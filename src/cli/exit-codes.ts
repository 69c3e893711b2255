import { CommanderError } from 'commander';
import { type ErrorCode, Fault } from '../core/errors.js';

/** What every command ends with; printed in the help. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notReachable: 3,
  cannotStart: 4,
} as const;

export const exitCodeHelp = `
Exit codes: 0 done, 1 something was refused or failed, 2 wrong usage, 3 the server or receiver cannot be reached,
            4 cannot start (bad configuration, port in use, data folder locked or unusable)`;

const byFault: Partial<Record<ErrorCode, number>> = {
  usage: exitCodes.usage,
  'not-reachable': exitCodes.notReachable,
  'config-invalid': exitCodes.cannotStart,
  'port-in-use': exitCodes.cannotStart,
  'data-folder-locked': exitCodes.cannotStart,
  'data-folder-unusable': exitCodes.cannotStart,
  'format-too-new': exitCodes.cannotStart,
  'installation-moved': exitCodes.cannotStart,
  'seal-broken': exitCodes.cannotStart,
  'restore-unfinished': exitCodes.cannotStart,
};

/** Says on stderr what went wrong, and gives the exit code. Commander has already said what is wrong with the usage. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof Fault) {
    process.stderr.write(`wardline: ${error.message}\n`);
    return byFault[error.code] ?? exitCodes.failed;
  }
  process.stderr.write(`wardline: internal error\n${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.failed;
}

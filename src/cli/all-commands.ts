import type { Command } from 'commander';
import type { StartSystem } from '../app/running-system.js';
import { backupCommand } from './backup.js';
import { clientCommand } from './client.js';
import { codesCommand } from './codes.js';
import { convertCommand } from './convert.js';
import { doctorCommand } from './doctor.js';
import { exportCommand } from './export.js';
import { lintCommand } from './lint.js';
import { mappingCommand } from './mapping.js';
import { messagesCommand } from './messages.js';
import { migrateCommand } from './migrate.js';
import { restoreCommand } from './restore.js';
import { sendCommand } from './send.js';
import { simulateCommand } from './simulate.js';
import { startCommand } from './start.js';
import { statusCommand } from './status.js';
import { tenantCommand } from './tenant.js';
import { tokenCommand } from './token.js';
import { topCommand } from './top.js';
import { upgradeCommand } from './upgrade.js';
import { validateCommand } from './validate.js';

/** Every command, in the order of the help. `startSystem` is what `wardline start` runs. */
export function allCommands(startSystem: StartSystem): readonly Command[] {
  return [
    startCommand(startSystem),
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
    exportCommand(),
    tokenCommand(),
    messagesCommand(),
    backupCommand(),
    restoreCommand(),
    migrateCommand(),
    upgradeCommand(),
  ];
}

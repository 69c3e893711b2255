import { Command } from 'commander';
import type { JsonObject } from '../core/json.js';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson, printTable } from './print-table.js';
import { type ProcessStatus, processRows, processTroubles } from './process-lines.js';
import { type UpgradeStatus, upgradeLines } from './upgrade/upgrade-texts.js';

interface Status extends JsonObject {
  version: string;
  publicUrl: string;
  queueDepth: number | null;
  freeBytes: number | null;
  mappingVersion: number;
  mappingProblems: string[];
  waiting: { tenant: string; since: string; reason: string }[];
  processes: (ProcessStatus & JsonObject)[];
  threads: { name: string; running: boolean; ended: number }[];
  listeners: { name: string; host: string; port: number; connections: number }[];
  directories: { name: string; path: string; waiting: number; trouble: string | null }[];
  messages: Record<string, number> | null;
  upgrade: UpgradeStatus & JsonObject;
}

/** `wardline status`: listeners, directories, messages by state, queue depth. */
export function statusCommand(): Command {
  return new Command('status')
    .description('Show what a running system does: listeners, messages by state, queue.')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  wardline status\n  wardline status --json --data /var/lib/wardline')
    .action(async (options: { data?: string; json?: true }) => {
      const status = await adminClient(dataFolder(options.data)).call<Status>('GET', '/status');
      if (options.json) return printJson(status);
      const counts = Object.entries(status.messages ?? {}).map(([state, count]) => `${state} ${count}`);
      process.stdout.write(`Wardline ${status.version}  ${status.publicUrl}  waiting ${status.queueDepth ?? '?'}\n`);
      process.stdout.write(`messages: ${status.messages === null ? 'not known at the moment' : counts.join(', ')}\n`);
      for (const line of troubles(status)) process.stdout.write(`${line}\n`);
      const rows = status.listeners.map(({ name, host, port, connections }) => [
        name,
        `${host}:${port}`,
        String(connections),
      ]);
      process.stdout.write(printTable(['LISTENER', 'ADDRESS', 'CONNECTIONS'], rows));
      const folders = status.directories.map(({ name, path, waiting, trouble }) => [
        name,
        path,
        String(waiting),
        trouble ?? 'works',
      ]);
      if (status.processes.length > 1)
        process.stdout.write(
          printTable(['ROLE', 'HOST', 'PROCESS', 'VERSION', 'STATE'], processRows(status.processes)),
        );
      if (folders.length > 0)
        process.stdout.write(printTable(['DIRECTORY', 'PATH', 'FILES WAITING', 'STATE'], folders));
    });
}

/** What does not work as it should, a line each. */
function troubles(status: Status): string[] {
  const { processes, threads, waiting, mappingVersion, mappingProblems, freeBytes, upgrade } = status;
  const refused =
    mappingProblems.length === 0
      ? []
      : [`mapping files are refused, version ${mappingVersion} stays:`, ...mappingProblems];
  const ended = threads
    .filter(({ running, ended }) => !running || ended > 0)
    .map(({ name, running, ended }) => {
      const times = `ended by itself ${ended === 1 ? 'once' : `${ended} times`}`;
      return `thread ${name}: ${times}, ${running ? 'works again' : 'is being started anew'}`;
    });
  const waits = waiting.map(({ tenant, since, reason }) => `tenant ${tenant}: messages wait since ${since}: ${reason}`);
  const disk =
    freeBytes === null ? ['free disk is not known: the store does not tell, and minFreeDisk is not kept'] : [];
  return [...refused, ...processTroubles(processes), ...waits, ...ended, ...disk, ...upgradeLines(upgrade)];
}

import { setTimeout as pause } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { printJson } from './print-table.js';
import { type LiveStatus, viewOf } from './top/live-view.js';
import { render } from './top/render.js';
import { showScreen } from './top/screen.js';

interface TopOptions {
  readonly interval: number;
  readonly once?: true;
  readonly data?: string;
  readonly json?: true;
}

/** `wardline top`: what a running system does at the moment. */
export function topCommand(): Command {
  return new Command('top')
    .description('Watch a running system: listeners, rates, latency, what waits and for how long, what was parked.')
    .option('--interval <seconds>', 'time between two looks', seconds, 1)
    .option('--once', 'print one look and end; so it is, too, where the output is no terminal')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
q ends it. Rates and latencies are those between two looks; latencies of acknowledgements are estimates from their buckets.
Ends with 0, and with 3 when no system runs on the data folder.

Examples:
  wardline top
  wardline top --once --interval 10
  wardline top --json | jq '.backlog, .timeLeft'`,
    )
    .action(async (options: TopOptions) => {
      const admin = adminClient(dataFolder(options.data));
      const read = (): Promise<LiveStatus> => admin.call<LiveStatus>('GET', '/status/live');
      const { stdout, stdin } = process;
      const interval = options.interval * 1000;
      if (stdout.isTTY && !options.once && !options.json) {
        return showScreen({ read, terminal: stdout, keyboard: stdin, interval });
      }
      const before = await read();
      await pause(interval);
      const view = viewOf(await read(), before);
      if (options.json) return printJson(view);
      const width = stdout.isTTY ? stdout.columns : Number.MAX_SAFE_INTEGER;
      for (const { text } of render(view, width, Number.MAX_SAFE_INTEGER)) stdout.write(`${text}\n`);
    });
}

function seconds(text: string): number {
  if (!/^\d{1,4}(\.\d)?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('must be seconds, such as 1 or 0.5.');
  return Number(text);
}

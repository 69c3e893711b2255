import { Command } from 'commander';
import type { Json, JsonObject } from '../core/json.js';
import { type AdminClient, adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { printDifference, type ResourceDifferenceJson } from './print-difference.js';
import { printJson, printTable } from './print-table.js';

interface Replay {
  readonly id: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly dry: boolean;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly error?: string;
  readonly linkClasses: number;
  readonly messages: Readonly<
    Record<'read' | 'skipped' | 'rekeyed' | 'applied' | 'filtered' | 'unmapped' | 'parked', number>
  >;
  readonly documents: Readonly<
    Record<'created' | 'changed' | 'removed' | 'restamped' | 'keptForPrunedMessages', number>
  >;
}

interface Options {
  readonly data?: string;
  readonly json?: true;
}

interface ReplayOptions extends Options {
  readonly all?: true;
  readonly tenant?: string;
  readonly patient?: string;
  readonly state?: string;
  readonly type?: string;
  readonly listener?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dry?: true;
}

const pollEvery = 300;

const help = `
All that rests on the same documents as the messages named (their patients' whole records, as a rule) is rebuilt from the
archive under the mapping of today, and what differs is written; what only old rules said goes. Locations, practitioners
and organizations are rebuilt by --all alone. Where messages were pruned, the result is applied onto what is there.
Messages go on being taken in and applied meanwhile. The replay goes on when this command is ended, and stops by
\`wardline messages replays --stop <id>\`; a replay that was cut off is simply started again.

Examples:
  wardline messages replay 1-42 1-43
  wardline messages replay --state unmapped
  wardline messages replay --patient 'NORTH|4711' --dry
  wardline messages replay --from 2026-03-01 --to 2026-03-02 --type 'ORU^R01^ORU_R01'
  wardline messages replay --all --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11`;

/** `wardline messages replay`. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Rebuild what messages made, with the mapping of today.')
    .argument('[sequence...]', 'these messages')
    .option(
      '--state <states>',
      'all messages in these states: applied, filtered, unmapped, parked; several with commas',
    )
    .option('--patient <patient>', 'all of a patient: its id, or an identifier, with its authority as AUTHORITY|value')
    .option('--type <type>', 'of this MSH-9, whole and as sent')
    .option('--listener <name>', 'that came in by this listener')
    .option('--from <time>', 'that arrived from this date or time on')
    .option('--to <time>', 'that arrived before this date or time')
    .option('--tenant <guid>', 'of this tenant; needed for --all and --patient where there are several')
    .option('--all', 'everything of the tenant, with what is shared between patients')
    .option('--dry', 'show what would differ, and write nothing. The read is audited')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', help)
    .action(async (sequences: string[], options: ReplayOptions) => {
      const client = adminClient(dataFolder(options.data));
      const started = await client.call<Replay>('POST', '/replays', wishOf(sequences, options));
      const replay = await untilEnded(client, started, options.json === true);
      const shown = options.dry
        ? (await client.call<{ differences: ResourceDifferenceJson[] }>('GET', `/replays/${replay.id}/differences`))
            .differences
        : undefined;
      if (options.json) printJson({ ...replay, ...(shown === undefined ? {} : { differences: shown }) });
      else {
        for (const difference of shown ?? []) process.stdout.write(printDifference(difference));
        process.stdout.write(outcomeText(replay, shown?.length));
      }
      process.exitCode = replay.state === 'done' ? exitCodes.ok : exitCodes.failed;
    });
}

/** `wardline messages replays`. */
export function replaysCommand(): Command {
  return new Command('replays')
    .description('List the replays since the last start, newest first, or stop one.')
    .option('--stop <id>', 'stop this one; what it had written stays')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  wardline messages replays\n  wardline messages replays --stop 5f3a9c01d2e4')
    .action(async ({ stop, data, json }: Options & { stop?: string }) => {
      const client = adminClient(dataFolder(data));
      const replays =
        stop === undefined
          ? (await client.call<{ replays: Replay[] }>('GET', '/replays')).replays
          : [await client.call<Replay>('POST', `/replays/${stop}/stop`)];
      if (json) return printJson({ replays });
      const rows = replays.map(({ id, state, dry, startedAt, messages, documents }) => [
        id,
        dry ? `${state} (dry)` : state,
        startedAt,
        String(messages.read),
        String(documents.created + documents.changed + documents.removed),
      ]);
      process.stdout.write(printTable(['REPLAY', 'STATE', 'STARTED', 'MESSAGES', 'DIFFERENT'], rows));
    });
}

function wishOf(sequences: readonly string[], options: ReplayOptions): JsonObject {
  const { all, tenant, patient, state, type, listener, from, to, dry } = options;
  const given: Readonly<Record<string, Json | undefined>> = {
    messages: sequences.length === 0 ? undefined : [...sequences],
    all,
    tenant,
    patient,
    states: state?.split(','),
    type,
    listener,
    from: timeOf(from),
    to: timeOf(to),
    dry,
  };
  const wish: JsonObject = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) wish[name] = value;
  return wish;
}

/** A date is its first moment here; what cannot be read goes as it is and is refused by name. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

/** Looks at the replay until it has ended; on a terminal a line on stderr says how far it is. */
async function untilEnded(client: AdminClient, started: Replay, quiet: boolean): Promise<Replay> {
  const shows = !quiet && process.stderr.isTTY;
  let replay = started;
  while (replay.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
    replay = await client.call<Replay>('GET', `/replays/${started.id}`);
    if (shows) process.stderr.write(`\r${replay.messages.read} messages read, ${differing(replay)} documents differ`);
  }
  if (shows) process.stderr.write('\n');
  return replay;
}

function differing({ documents: { created, changed, removed } }: Replay): number {
  return created + changed + removed;
}

function outcomeText(replay: Replay, shown: number | undefined): string {
  const { messages, documents, dry, state, error } = replay;
  const ends = (['applied', 'filtered', 'unmapped', 'parked'] as const)
    .filter((each) => messages[each] > 0)
    .map((each) => `${messages[each]} ${each}`);
  const lines = [
    `messages   ${messages.read} read${ends.length === 0 ? '' : `: ${ends.join(', ')}`}`,
    `documents  ${documents.created} created, ${documents.changed} changed, ${documents.removed} removed; ` +
      `${documents.restamped} show the same, with other stamps`,
  ];
  if (messages.skipped > 0)
    lines.push(`${messages.skipped} cannot be replayed: not there, never processed, or not settled yet`);
  if (messages.rekeyed > 0) {
    lines.push(
      `${messages.rekeyed} speak of other patients, visits or orders than before: others may belong to these now; ` +
        'replay the whole tenant with --all',
    );
  }
  if (documents.keptForPrunedMessages > 0) {
    lines.push(
      `${documents.keptForPrunedMessages} documents rest on messages that were pruned from the archive: ` +
        'the result was applied onto them, and what only old rules said of them is still there',
    );
  }
  if (shown !== undefined && shown < differing(replay)) lines.push(`the first ${shown} documents are shown`);
  if (dry && state === 'done') lines.push('nothing was written (--dry)');
  if (state === 'stopped') lines.push('stopped; what it had written stays');
  if (state === 'failed') lines.push(`failed: ${error ?? ''}; what it had written stays, and it may be started again`);
  return `${lines.join('\n')}\n`;
}

import { Command } from 'commander';
import type { JsonObject } from '../core/json.js';
import { type AdminClient, adminClient } from './admin-client.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { exitCodes, reportFailure } from './exit-codes.js';
import { printJson, printTable } from './print-table.js';
import { printTrace, type TraceJson } from './print-trace.js';
import { replayCommand, replaysCommand } from './replay.js';

interface Message extends JsonObject {
  sequence: string;
  arrival: string;
  listener: string;
  sender: string;
  type: string;
  controlId: string;
  state: string;
}

interface Options {
  readonly data?: string;
  readonly json?: true;
}

interface ListOptions extends Options {
  readonly tenant?: string;
  readonly patient?: string;
  readonly state?: string;
  readonly type?: string;
  readonly listener?: string;
  readonly controlId?: string;
  readonly before?: string;
  readonly limit: string;
}

/** `wardline messages list|show|why|release|park|assign|replay|replays`. */
export function messagesCommand(): Command {
  const command = new Command('messages').description('Look at archived messages, and at what became of them.');
  command
    .command('list')
    .description('List messages, newest first.')
    .option('--tenant <guid>', 'of this tenant; needed for --patient where there are several')
    .option('--patient <patient>', 'of a patient: its id, or an identifier, with its authority as AUTHORITY|value')
    .option(
      '--state <states>',
      'applied, filtered, unmapped, parked, unsettled, truncated, rejected; several with commas',
    )
    .option('--type <type>', 'of this MSH-9, whole and as sent')
    .option('--listener <name>', 'that came in by this listener')
    .option('--control-id <id>', 'with this MSH-10')
    .option('--before <sequence>', 'older than this message')
    .option('--limit <count>', 'how many', '50')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      "\nExamples:\n  wardline messages list --state parked,unmapped\n  wardline messages list --type 'ADT^A01^ADT_A01' --limit 10 --json\n  wardline messages list --patient 'NORTH|4711'",
    )
    .action(async ({ data, json, ...asked }: ListOptions) => {
      const answer = await listed(adminClient(dataFolder(data)), asked);
      if (json) return printJson(answer);
      const rows = answer.messages.map((message) => [
        message.sequence,
        message.arrival,
        message.state,
        message.type,
        message.controlId,
        message.sender,
        message.listener,
        typeof message.reason === 'string' ? message.reason : '',
      ]);
      const columns = ['SEQUENCE', 'ARRIVAL', 'STATE', 'TYPE', 'CONTROL ID', 'SENDER', 'LISTENER', 'REASON'];
      process.stdout.write(printTable(columns, rows));
      if (answer.next !== undefined) process.stderr.write(`older ones: --before ${answer.next}\n`);
    });
  command
    .command('show')
    .description('Show a message with its content. The read is audited.')
    .argument('<sequence>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  wardline messages show 1-42')
    .action(async (sequence: string, { data, json }: Options) => {
      const { text, ...message } = await adminClient(dataFolder(data)).call<Message & { text?: string }>(
        'GET',
        `/messages/${encodeURIComponent(sequence)}`,
      );
      if (json) return printJson({ ...message, text });
      process.stdout.write(describe(message));
      process.stdout.write(`\n${text ?? '(not text; --json has it in base64)'}\n`);
    });
  command
    .command('why')
    .description('Show which rule made what of a message, and which fields no rule read.')
    .argument('<sequence>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nThe read is audited.\n\nExample:\n  wardline messages why 1-42')
    .action(async (sequence: string, { data, json }: Options) => {
      const { trace, ...message } = await adminClient(dataFolder(data)).call<Message & { trace: JsonObject }>(
        'GET',
        `/messages/${encodeURIComponent(sequence)}/why`,
      );
      if (json) return printJson({ ...message, trace });
      const { type, state, reason } = message;
      process.stdout.write(`${message.sequence}  ${type}  ${state}${reason ? `  ${String(reason)}` : ''}\n\n`);
      process.stdout.write(printTrace(trace as unknown as TraceJson));
    });
  const actions = [
    ['release', 'Take parked or unmapped messages back into processing.'],
    ['park', 'Set messages aside that are not settled yet, so that the others go on.'],
  ] as const;
  for (const [action, description] of actions) {
    command
      .command(action)
      .description(description)
      .argument('<sequence...>')
      .addOption(dataOption())
      .addOption(jsonOption())
      .addHelpText('after', `\nExample:\n  wardline messages ${action} 1-42 1-43`)
      .action(async (sequences: string[], { data, json }: Options) => {
        process.exitCode = await actOnEach(adminClient(dataFolder(data)), sequences, { action, json: json === true });
      });
  }
  command
    .command('assign')
    .description('Give messages of unknown senders to a tenant, which processes them as if they had just arrived.')
    .argument('<sequence...>')
    .requiredOption('--tenant <guid>', 'whose messages they are')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The message is copied under the key of the tenant and gets a sequence of its own; the one without a tenant is filtered then.
For messages to come, name the sender under \`senders\` of the listener.

Example:
  wardline messages assign 1-42 1-43 --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11`,
    )
    .action(async (sequences: string[], { data, json, tenant }: Options & { tenant: string }) => {
      const way = { action: 'assign', body: { tenant }, json: json === true };
      process.exitCode = await actOnEach(adminClient(dataFolder(data)), sequences, way);
    });
  command.addCommand(replayCommand());
  command.addCommand(replaysCommand());
  return command;
}

interface Page {
  readonly messages: readonly Message[];
  readonly next?: string;
}

/** A patient goes in a body, as a URL may be logged on its way. */
function listed(client: AdminClient, asked: Omit<ListOptions, keyof Options>): Promise<Page> {
  if (asked.patient === undefined) return client.call<Page>('GET', `/messages?${new URLSearchParams({ ...asked })}`);
  const { state, ...rest } = asked;
  const wish = { ...rest, ...(state === undefined ? {} : { states: state.split(',') }) };
  return client.call<Page>('POST', '/messages/search', wish);
}

/** Goes on after a message that cannot be acted on; the first exit code that is not 0 counts. */
async function actOnEach(
  client: AdminClient,
  sequences: readonly string[],
  { action, body, json }: { readonly action: string; readonly body?: JsonObject; readonly json: boolean },
): Promise<number> {
  const done: Message[] = [];
  let code: number = exitCodes.ok;
  for (const sequence of sequences) {
    try {
      const message = await client.call<Message>('POST', `/messages/${encodeURIComponent(sequence)}/${action}`, body);
      done.push(message);
      const become = message.sequence === sequence ? '' : `${sequence} is now `;
      if (!json) process.stdout.write(`${become}${message.sequence}  ${message.state}\n`);
    } catch (error) {
      const failure = reportFailure(error);
      if (code === exitCodes.ok) code = failure;
    }
  }
  if (json) printJson({ messages: done });
  return code;
}

function describe(message: JsonObject): string {
  return Object.entries(message)
    .map(([name, value]) => `${name.padEnd(16)}${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`)
    .join('');
}

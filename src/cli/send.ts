import { Command, InvalidArgumentError } from 'commander';
import { fault } from '../core/errors.js';
import { rawField, readRawHeader } from '../hl7/raw-header.js';
import { exitCodes } from './exit-codes.js';
import { sendOverHttp } from './http-sender.js';
import { type HeldMessage, readMessages } from './message-files.js';
import { type Acknowledgement, connectSender, isAccepted } from './mllp-sender.js';
import { showProgress } from './progress.js';
import { addTlsOptions, type TlsOptions, tlsOptions } from './tls-options.js';

interface SendOptions extends TlsOptions {
  readonly host: string;
  readonly port: number;
  readonly timeout: number;
  readonly http?: string;
  readonly token?: string;
  readonly json?: true;
}

/** `wardline send`: files, folders or stdin over MLLP or HTTP, each acknowledgement shown. */
export function sendCommand(): Command {
  const command = new Command('send')
    .description('Send HL7 v2 messages over MLLP or HTTP and show each acknowledgement.')
    .argument('[path...]', 'files, folders (all files in them), or - for stdin', ['-'])
    .option('-H, --host <host>', 'receiver', '127.0.0.1')
    .option('-p, --port <port>', 'port of the receiver', wholeNumber, 2575)
    .option('--timeout <seconds>', 'how long to wait for an acknowledgement', wholeNumber, 30);
  return addTlsOptions(command)
    .option('--http <url>', 'send by POST to a listener of HTTP instead')
    .option('--token <token>', 'access token for it; better in WARDLINE_TOKEN, where no process list shows it')
    .option('--json', 'one line of JSON per message')
    .addHelpText(
      'after',
      `
A file holds one message, several, a batch, or MLLP frames. Segments may end in CR, LF or CRLF; they go out with CR.
Ends with 0 when every message was accepted, 1 when one was refused, 3 when the receiver cannot be reached.

Examples:
  wardline send samples/adt-a01.hl7
  wardline send --host hl7.example.org --port 6661 --tls outbox/
  cat message.hl7 | wardline send -
  export WARDLINE_TOKEN=$(wardline token my-sender --tenant <guid> --scope hl7:send)
  wardline send --http https://hl7.example.org:8443 outbox/`,
    )
    .action(async (paths: string[], options: SendOptions) => {
      process.exitCode = await send(paths, options);
    });
}

async function send(paths: readonly string[], options: SendOptions): Promise<number> {
  const messages = await readMessages(paths);
  const sender = options.http === undefined ? await overMllp(options) : overHttp(options.http, options);
  let refused = 0;
  let unanswered = 0;
  let accepted = 0;
  const progress = showProgress(() => ({ accepted, refused, unanswered, total: messages.length }));
  try {
    for (const message of messages) {
      const answer = (await sender.send(message.bytes)) ?? noAnswer;
      if (answer === noAnswer) unanswered += 1;
      else if (isAccepted(answer)) accepted += 1;
      else refused += 1;
      progress.clear();
      process.stdout.write(options.json ? `${JSON.stringify(asJson(message, answer))}\n` : asLine(message, answer));
    }
  } finally {
    progress.stop();
    await sender.close();
  }
  if (!options.json) {
    const silent = unanswered === 0 ? '' : `, ${unanswered} without an answer`;
    process.stdout.write(`${messages.length} sent, ${accepted} accepted, ${refused} refused${silent}\n`);
  }
  return refused === 0 ? exitCodes.ok : exitCodes.failed;
}

/** Sends one message after the other, over whatever. */
interface Sender {
  /** Resolves with the acknowledgement; undefined for a message that asks for none. */
  send(message: Uint8Array): Promise<Acknowledgement | undefined>;
  close(): Promise<void>;
}

async function overMllp(options: SendOptions): Promise<Sender> {
  const { host, port, timeout } = options;
  const tls = tlsOptions(options);
  const connect = () => connectSender({ host, port, timeout: timeout * 1000, ...(tls === undefined ? {} : { tls }) });
  let sender = await connect();
  return {
    async send(message) {
      if (wantsAnswer(message)) return sender.send(message);
      await sender.post(message);
      await sender.close();
      sender = await connect();
      return undefined;
    },
    close: () => sender.close(),
  };
}

function overHttp(url: string, { token = process.env.WARDLINE_TOKEN, timeout, ...tls }: SendOptions): Sender {
  if (!/^https?:\/\//.test(url)) throw fault('usage', '--http needs a URL: https://hl7.example.org:8443');
  if (token === undefined) throw fault('usage', 'state the access token in WARDLINE_TOKEN or with --token');
  if (tlsOptions(tls) !== undefined) {
    throw fault(
      'usage',
      '--tls, --ca, --cert and --key are for MLLP; for https state authorities in NODE_EXTRA_CA_CERTS',
    );
  }
  const target = { url, token, timeout: timeout * 1000 };
  return { send: (message) => sendOverHttp(target, message), close: async () => undefined };
}

/** What stands for the answer to a message that asks for none. */
const noAnswer: Acknowledgement = { code: '--', controlId: '', text: '' };

/** False for a message that wants neither a receipt nor an application's answer (MSH-15 and MSH-16 NE; HL7 v2.8, 2.9.2). */
function wantsAnswer(message: Uint8Array): boolean {
  const header = readRawHeader(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
  if (header === undefined) return true;
  const asked = (field: number): string => rawField(header, field).trim();
  return !(asked(15) === 'NE' && (asked(16) === 'NE' || asked(16) === ''));
}

function asLine({ source }: HeldMessage, { code, controlId, text }: Acknowledgement): string {
  if (code === noAnswer.code) return `--  asks for no answer  ${source}\n`;
  return `${code || '??'}  ${controlId || '(no control id)'}${text === '' ? '' : `  ${text}`}  ${source}\n`;
}

function asJson({ source }: HeldMessage, { code, controlId, text }: Acknowledgement) {
  return { source, acknowledgementCode: code, controlId, text };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}

import { randomBytes } from 'node:crypto';
import {
  type AcknowledgementCode,
  type AcknowledgementError,
  applicationCode,
  buildAcknowledgement,
  receiptCode,
} from '../hl7/acknowledgement.js';
import { type RawHeader, rawField } from '../hl7/raw-header.js';
import type { PlannedMessage } from './frame-plan.js';
import type { SourceSettings } from './listener-settings.js';

/** One acknowledgement, unframed. */
export interface Answer {
  readonly code: AcknowledgementCode;
  readonly bytes: Buffer;
  readonly header: RawHeader | undefined;
}

const run = randomBytes(5).toString('hex');
let count = 0;

/** An acknowledgement of one message. `now` is epoch ms. */
export function answer(
  header: RawHeader | undefined,
  code: AcknowledgementCode,
  errors: readonly AcknowledgementError[],
  now: number,
): Answer {
  const controlId = `${run}${(++count).toString(36)}`;
  return { code, header, bytes: buildAcknowledgement({ header, code, controlId, time: hl7Time(now), errors }) };
}

/** What is answered once a message is durable; undefined when its sender wants nothing for that outcome. */
export function durableAnswer(message: PlannedMessage, now: number): Answer | undefined {
  const { acknowledgement, outcome, header, errors } = message;
  const receipt = receiptCode(acknowledgement, outcome);
  // A sender that waits for no receipt, but for the application's word, learns from that one that there will be no processing.
  const code = receipt ?? (outcome === 'accepted' ? undefined : applicationCode(acknowledgement, outcome));
  return code === undefined ? undefined : answer(header, code, errors, now);
}

/** What is answered for a message that could not be stored: never a positive code. `close`: the connection is to end instead. */
export function unavailableAnswer(
  message: PlannedMessage,
  unavailable: SourceSettings['unavailable'],
  now: number,
): Answer | 'close' {
  if (unavailable === 'close') return 'close';
  const plan = message.acknowledgement;
  const outcome = plan.mode === 'original' && unavailable === 'AR' ? 'rejected' : 'error';
  const code = receiptCode(plan, outcome) ?? applicationCode(plan, outcome);
  // Who asked for no answer learns from the end of the connection alone that the message was not taken.
  if (code === undefined) return 'close';
  return answer(message.header, code, [{ code: '207', text: 'the message could not be stored; send it again' }], now);
}

/** The answers to one frame as one, unframed: a single one as it is, those of an enveloped batch in an envelope (HL7 v2.8, 2.10.3.3). */
export function joinAnswers(answers: readonly Answer[], enveloped: boolean, now: number): Buffer {
  const [first] = answers;
  if (!enveloped && first !== undefined && answers.length === 1) return first.bytes;
  if (!enveloped || first === undefined) return Buffer.concat(answers.map(({ bytes }) => bytes));
  const field = (number: number) => (first.header === undefined ? '' : rawField(first.header, number));
  const separator = field(1) || '|';
  const header = [
    `BHS${separator}${field(2) || '^~\\&'}`,
    ...[field(5), field(6), field(3), field(4)],
    hl7Time(now),
  ].join(separator);
  const trailer = `BTS${separator}${answers.length}`;
  return Buffer.concat([
    Buffer.from(`${header}\r`, 'latin1'),
    ...answers.map(({ bytes }) => bytes),
    Buffer.from(`${trailer}\r`, 'latin1'),
  ]);
}

let second = { number: 0, text: '' };

/** Epoch ms as HL7 writes a time, in UTC: `20260301091500+0000`. Written once for all answers of a second. */
function hl7Time(now: number): string {
  const number = Math.floor(now / 1000);
  if (second.text === '' || second.number !== number) {
    second = { number, text: `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}+0000` };
  }
  return second.text;
}

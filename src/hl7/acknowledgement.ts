import { defaultDelimiters, readDelimiters } from './delimiters.js';
import { escapeText } from './escapes.js';
import { type RawHeader, rawComponent, rawField } from './raw-header.js';
import { compareVersions } from './version.js';

/** HL7 table 0008: A… answers in original mode and for the application, C… for the receipt in enhanced mode. */
export type AcknowledgementCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR';

/** How a message fared: taken; not taken for a reason in it or here; refused as no message for us. */
export type AcknowledgementOutcome = 'accepted' | 'error' | 'rejected';

/** HL7 table 0155 of MSH-15 and MSH-16. */
export type AcknowledgementCondition = 'always' | 'never' | 'error' | 'success';

/** Which acknowledgements a message gets: one now (`receipt`), and in enhanced mode perhaps one after processing. */
export interface AcknowledgementPlan {
  readonly mode: 'original' | 'enhanced';
  readonly receipt: AcknowledgementCondition;
  readonly application: AcknowledgementCondition;
}

/**
 * Decides by MSH-15 and MSH-16 where either is valued, else by the listener's mode (HL7 v2.8, 2.9.2 and 2.9.3).
 * In original mode the one answer leaves once the message is safe.
 */
export function acknowledgementPlan(
  header: RawHeader | undefined,
  listenerMode: 'original' | 'enhanced',
): AcknowledgementPlan {
  const receipt = header === undefined ? '' : rawField(header, 15).trim();
  const application = header === undefined ? '' : rawField(header, 16).trim();
  if (receipt !== '' || application !== '') {
    return { mode: 'enhanced', receipt: condition(receipt), application: condition(application) };
  }
  return { mode: listenerMode, receipt: 'always', application: 'never' };
}

/** The code to answer with at once, or undefined when the sender wants none. */
export function receiptCode(
  plan: AcknowledgementPlan,
  outcome: AcknowledgementOutcome,
): AcknowledgementCode | undefined {
  if (!holds(plan.receipt, outcome)) return undefined;
  return plan.mode === 'original' ? applicationCodes[outcome] : receiptCodes[outcome];
}

/** The code to answer with after processing, or undefined when none is due. Never due in original mode, which has answered. */
export function applicationCode(
  plan: AcknowledgementPlan,
  outcome: AcknowledgementOutcome,
): AcknowledgementCode | undefined {
  return plan.mode === 'enhanced' && holds(plan.application, outcome) ? applicationCodes[outcome] : undefined;
}

const applicationCodes = { accepted: 'AA', error: 'AE', rejected: 'AR' } as const;
const receiptCodes = { accepted: 'CA', error: 'CE', rejected: 'CR' } as const;

/** An error of HL7 table 0357 with where it is, for ERR. */
export interface AcknowledgementError {
  readonly code: ErrorConditionCode;
  /** What is wrong and what would be right; nothing of the patient. Plain ASCII. */
  readonly text: string;
  readonly segment?: string;
  /** Which segment of that name, from 1. */
  readonly sequence?: number;
  readonly field?: number;
  readonly component?: number;
}

/** HL7 table 0357. */
export const errorConditions = {
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
} as const;

export type ErrorConditionCode = keyof typeof errorConditions;

export interface AcknowledgementContent {
  /** The header of the message that is answered, as far as it could be read. */
  readonly header: RawHeader | undefined;
  readonly code: AcknowledgementCode;
  /** MSH-10 of the acknowledgement. */
  readonly controlId: string;
  /** MSH-7 of the acknowledgement, as HL7 writes a time: `20260301101500+0100`. */
  readonly time: string;
  readonly errors?: readonly AcknowledgementError[];
}

/**
 * The bytes of an acknowledgement (HL7 v2.8, 2.13), without frame. Delimiters, version, processing id and character set are the
 * sender's, sender and receiver change places, MSA-2 repeats MSH-10 byte for byte. ERR has the layout of 2.5 from that version
 * on, before it the older one, with the text in MSA-3. A message without a header is answered in 2.5.1.
 */
export function buildAcknowledgement(content: AcknowledgementContent): Buffer {
  const { header, code, errors = [] } = content;
  const field = (number: number) => (header === undefined ? '' : rawField(header, number));
  const separator = field(1) || '|';
  const encoding = field(2) || '^~\\&';
  const declared = `MSH${separator}${encoding}${separator}`;
  const delimiters = readDelimiters(declared, 0, declared.length) ?? defaultDelimiters;
  const component = String.fromCharCode(delimiters.component);
  const subcomponent = delimiters.subcomponent === -1 ? ' ' : String.fromCharCode(delimiters.subcomponent);
  const write = (text: string) =>
    /^[0-9A-Za-z]*$/.test(text) ? text : escapeText(text.replaceAll(/[^ -~]/g, '?'), delimiters);
  const versionId = header === undefined ? '' : rawComponent(header, 12, 1);
  const older = (version: string) => compareVersions(versionId || '2.5.1', version) < 0;
  const event = header === undefined ? '' : rawComponent(header, 9, 2);

  const type = ['ACK'];
  if (event !== '' && !older('2.2')) type.push(event);
  if (event !== '' && !older('2.3.1')) type.push('ACK');
  const later = code.startsWith('C') || field(15) !== '' || field(16) !== '';
  const msh = [
    `MSH${separator}${encoding}`,
    field(5),
    field(6),
    field(3),
    field(4),
    write(content.time),
    '',
    type.join(component),
    write(content.controlId),
    field(11) || 'P',
    field(12) || '2.5.1',
    '',
    '',
    ...(later ? ['NE', 'NE'] : ['', '']),
    '',
    field(18),
  ];
  const text = errors[0]?.text ?? '';
  const segments = [msh, ['MSA', code, field(10), older('2.5') ? write(text) : '']];
  for (const error of errors) {
    const condition = [error.code, write(errorConditions[error.code]), 'HL70357'];
    const { segment = '', sequence = '', field: place = '', component: part = '' } = error;
    if (older('2.5')) {
      segments.push(['ERR', joinParts([segment, sequence, place, condition.join(subcomponent)], component)]);
    } else {
      const location = joinParts([segment, sequence, place, part === '' ? '' : 1, part], component);
      segments.push(['ERR', '', location, condition.join(component), 'E', '', '', '', write(error.text)]);
    }
  }
  const lines = segments.map((fields) => `${joinParts(fields, separator)}\r`);
  return Buffer.from(lines.join(''), 'latin1');
}

/** Joins parts, without the empty ones at the end. */
function joinParts(parts: readonly (string | number)[], separator: string): string {
  let text = '';
  let separators = '';
  for (let n = 0; n < parts.length; n++) {
    const part = parts[n] ?? '';
    if (n > 0) separators += separator;
    if (part === '') continue;
    text += `${separators}${part}`;
    separators = '';
  }
  return text;
}

function condition(code: string): AcknowledgementCondition {
  switch (code) {
    case 'NE':
    case '':
      return 'never';
    case 'ER':
      return 'error';
    case 'SU':
      return 'success';
    default:
      return 'always';
  }
}

function holds(condition: AcknowledgementCondition, outcome: AcknowledgementOutcome): boolean {
  switch (condition) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'success':
      return outcome === 'accepted';
    case 'error':
      return outcome !== 'accepted';
  }
}

/** Messages in which every field holds a canary: right ones, and ones that are wrong in every way that a sender finds. */
import { definedSegment } from '../../src/hl7/definitions.js';
import { canary, headerCanary } from '../support/canaries.js';

/** Fields that must hold something else for the message to be read as one. */
type Given = Readonly<Record<number, string>>;

/** A segment with a canary in every field of its definition but those given: `^`-parts, repetitions and all. */
function segment(name: string, given: Given = {}): string {
  const fields = Math.max(definedSegment(name)?.parts.length ?? 6, ...Object.keys(given).map(Number));
  const text = Array.from({ length: fields }, (_, index) => {
    const field = index + 1;
    return given[field] ?? `${canary(name, field)}^${canary(name, field, 'b')}&${canary('sub')}~${canary(name, field)}`;
  });
  return [name, ...text].join('|');
}

function header(type: string, controlId: string, given: Given = {}): string {
  const fields: Record<number, string> = { 9: type, 10: controlId, 11: 'P', 12: '2.5.1', ...given };
  for (const field of [3, 4, 7]) fields[field] ??= headerCanary(field);
  for (const field of [5, 6, 8]) fields[field] ??= canary('MSH', field);
  const text = Array.from({ length: 10 }, (_, index) => fields[index + 3] ?? '');
  return ['MSH', '^~\\&', ...text].join('|');
}

const identified: Given = { 3: `${canary('mrn')}^^^NORTH^MR`, 7: '19700101', 8: 'F' };
const visit: Given = { 2: 'I', 19: `${canary('visit')}^^^NORTH^VN`, 44: '20260301080000' };
const lines = (...segments: string[]): string => `${segments.join('\r')}\r`;

/** A message with all that ADT has, readable; `word` is one more given name. */
export function admission(controlId: string, word = canary('given')): string {
  return lines(
    header('ADT^A01^ADT_A01', controlId, { 7: '20260301080000' }),
    segment('EVN', { 1: 'A01', 2: '20260301080000' }),
    segment('PID', { ...identified, 5: `${canary('family')}^${word}` }),
    ...['PD1', 'NK1', 'PV2', 'DB1', 'AL1', 'DG1', 'PR1', 'GT1', 'IN1', 'IN2', 'ACC'].map((name) => segment(name)),
    segment('PV1', visit),
    segment('OBX', { 2: 'NM', 5: canary('value') }),
  );
}

const results = (controlId: string): string =>
  lines(
    header('ORU^R01^ORU_R01', controlId, { 7: '20260301080000' }),
    segment('PID', identified),
    segment('PV1', visit),
    segment('ORC'),
    segment('OBR'),
    segment('NTE', { 3: canary('note') }),
    segment('OBX', { 2: 'ST', 11: 'F' }),
    segment('OBX', {
      2: 'ED',
      5: `${canary('ed')}^TEXT^PLAIN^Base64^${Buffer.from(canary('file')).toString('base64')}`,
    }),
    segment('OBX', { 2: canary('type') }),
    segment('SPM'),
  );

/** Codes that no table has, beside canaries in names, numbers, addresses and texts. */
export const codedAdmission = lines(
  `MSH|^~\\&|HIS|NORTH|||20260301080000||ADT^A01^ADT_A01|U1|P|2.5.1`,
  `PID|1||${canary('mrn')}^^^NORTH^MR||${canary('family')}^${canary('given')}||19700101|X1|||${canary('street')}^^${canary('city')}||${canary('phone')}`,
  `PV1|1|X1|||||||||||||||||${canary('visit')}^^^NORTH^VN`,
  `NTE|1||${canary('note')}`,
);

/** What each is, and its bytes as they go into a frame. */
export const canaryMessages: readonly (readonly [what: string, bytes: Buffer | string])[] = [
  ['admission', admission('C1')],
  ['the same again', admission('C1')],
  ['results', results('C2')],
  ['pharmacy', lines(header('RDE^O11^RDE_O11', 'C3'), segment('PID', identified), segment('ORC'), segment('RXE'))],
  ['vaccination', lines(header('VXU^V04^VXU_V04', 'C4'), segment('PID', identified), segment('ORC'), segment('RXA'))],
  ['merge', lines(header('ADT^A40^ADT_A39', 'C5'), segment('PID', identified), segment('MRG'))],
  ['no patient', lines(header('ADT^A01^ADT_A01', 'C6'), segment('PID', { 2: '', 3: '', 4: '' }))],
  ['unknown event', lines(header('ADT^Z99', 'C7'), segment('PID', identified))],
  ['canaries in the whole header', lines(header(`${headerCanary(9)}^${headerCanary(9)}`, headerCanary(0)))],
  [
    'a canary as structure',
    lines(header(`ADT^A01^${headerCanary(9)}`, 'C8'), segment('PID', identified), segment('PV1', visit)),
  ],
  ['a processing id', lines(header('ADT^A01', 'C9', { 11: canary('id'), 12: canary('version') }))],
  ['a character set', lines(`${header('ADT^A01', 'C10')}||||||${canary('charset')}`, segment('PID', identified))],
  [
    'segments that are none',
    lines(header('ADT^A01', 'C11'), canary('line'), `${canary('seg')}|x`, '|||', segment('PID')),
  ],
  ['a broken line', `${header('ADT^A01', 'C12')}\rPID|1||${canary('mrn')}\n${canary('rest')}\r`],
  ['no header', lines(segment('PID', identified))],
  ['no message', canary('nothing')],
  [
    'an envelope',
    lines(`BHS|^~\\&|${canary('BHS')}`, header('ADT^A01', 'C13'), segment('PID'), `BTS|${canary('BTS')}`),
  ],
  [
    'other bytes',
    Buffer.concat([Buffer.from(admission('C14')), Buffer.of(0, 0xff, 0xfe, 0x80), Buffer.from(canary('end'))]),
  ],
  ['UTF-16', Buffer.from(admission('C15'), 'utf16le')],
  [
    'an escape',
    lines(header('ADT^A01', 'C16'), segment('PID', { 5: `\\X5A71\\\\${canary('escape')}\\\\Z${canary('e')}\\` })),
  ],
];

import type { Dice } from '../demo-random.js';

/** Changes the text of a message that the hospital made: segments end in CR, delimiters are the usual ones. */
type Change = (text: string, random: Dice) => string;

const number = /\rPID\|1\|\|(\d+)\^\^\^LINDENHOF\^MR/;

/** The record number in PID-3. */
export function recordNumber(text: string): string {
  return number.exec(text)?.[1] ?? '';
}

/** PID-3 with other identifiers around the record number. */
export const oddIdentifiers: Change = (text, random) =>
  text.replace(number, (_, mrn: string) => {
    const own = `${mrn}^^^LINDENHOF^MR`;
    const others = [`N${mrn}^^^BUND^NI`, `K${mrn}^^^AKN^MB`];
    return `\rPID|1||${random.chance(0.5) ? [...others, own].join('~') : [others[0], own, others[1]].join('~')}`;
  });

/** PID-3 without authority and type. */
export const bareIdentifier: Change = (text) => text.replace(number, (_, mrn: string) => `\rPID|1||${mrn}`);

/** A segment of the sender's own after PID, and one at the end. */
export const withLocalSegments: Change = (text, random) =>
  `${text.replace(/(\rPID\|[^\r]*)/, `$1\rZPI|1|${random.between(100, 999)}^LINDENHOF`)}ZFT|${random.between(1, 9)}|LINDENHOF\r`;

/** Bytes of a message in another character set than UTF-8, or in UTF-8 with combining accents. */
export function inOddCharset(text: string, random: Dice): Buffer {
  if (random.chance(0.5) && [...text].every((character) => character <= '\u00ff')) {
    return Buffer.from(text.replace('|UNICODE UTF-8', '|8859/1'), 'latin1');
  }
  return Buffer.from(text.normalize('NFD'), 'utf8');
}

/** Several messages as one batch. */
export function batchOf(texts: readonly string[], id: string): string {
  const header = 'LINDENHIS|LINDENHOF|WARDLINE|LINDENHOF';
  return `FHS|^~\\&|${header}||||||${id}\rBHS|^~\\&|${header}||||||${id}\r${texts.join('')}BTS|${texts.length}\rFTS|1\r`;
}

/** A line that is no segment, and a segment whose name is cut. */
export const malformed: Change = (text) =>
  ownControlId(text)
    .replace(/\rPV1\|/, '\rP V|')
    .replace(/(\rPID\|[^\r]*)/, '$1\rcontinued on the next line');

/** One of MSH-9, MSH-10 and MSH-12 left empty. */
export const withoutField: Change = (text, random) => {
  const fields = headerFields(ownControlId(text));
  fields[random.pick([8, 9, 11])] = '';
  return withHeader(text, fields);
};

/** Components separated by another character than MSH-2 says. */
export const wrongDelimiters: Change = (text) => {
  const whole = ownControlId(text);
  const end = whole.indexOf('\r');
  return whole.slice(0, end) + whole.slice(end).replaceAll('^', '$');
};

/** Bytes in the patient's name that UTF-8 does not have. */
export function badlyEncoded(text: string): Buffer {
  const bytes = Buffer.from(ownControlId(text), 'utf8');
  let at = bytes.indexOf('\rPID|');
  for (let field = 0; field < 5; field += 1) at = bytes.indexOf('|', at) + 1;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xc3, 0x28]), bytes.subarray(at)]);
}

/** The faulty copy of a message has a control id of its own, so that the right one is no repeat. */
function ownControlId(text: string): string {
  const fields = headerFields(text);
  fields[9] = `${fields[9] ?? ''}F`;
  return withHeader(text, fields);
}

function headerFields(text: string): string[] {
  return text.slice(0, text.indexOf('\r')).split('|');
}

function withHeader(text: string, fields: readonly string[]): string {
  return fields.join('|') + text.slice(text.indexOf('\r'));
}

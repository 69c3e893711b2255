import type { Dictionary } from '../dictionary.js';
import type { Hl7Message } from '../message.js';
import { structureFor, structureOf } from '../structures.js';
import { compareVersions } from '../version.js';
import type { LintContext, Report } from './report.js';

/** MSH-1 and MSH-2 (HL7 v2.8, 2.14.9.1 and 2.14.9.2). */
export function checkDelimiters({ header }: Hl7Message, version: string, report: Report): void {
  const field = header.value(1);
  const encoding = header.value(2);
  const all = [...field, ...encoding];
  const place = { line: header.line, path: 'MSH-2' };
  const most = compareVersions(version, '2.7') >= 0 ? 5 : 4;
  if (new Set(all).size < all.length) {
    report(
      'delimiters-repeated',
      place,
      'one character stands for two delimiters',
      'five different ones: |^~\\&',
      encoding,
    );
  } else if (encoding.length < 4) {
    const right = 'component, repetition, escape and subcomponent: ^~\\&';
    report('delimiters-missing', place, `MSH-2 has ${encoding.length} of 4 characters`, right, encoding);
  } else if (encoding.length > most) {
    report(
      'delimiters-extra',
      place,
      `MSH-2 has ${encoding.length} characters`,
      `${most} in version ${version}`,
      encoding,
    );
  } else if (field !== '|' || !'^~\\&#'.startsWith(encoding)) {
    report('delimiters-unusual', place, 'other delimiters than most systems expect', '|^~\\&', field + encoding);
  }
}

/** Three of one character in a row, as between components that are left out. */
const emptyComponents = /([$^@*!%;:])\1\1/;

/** Segments that never use the declared component separator, and use another one as such. */
export function checkComponentSeparator({ segments, delimiters, header }: Hl7Message, report: Report): void {
  const declared = String.fromCharCode(delimiters.component);
  const others = segments.filter((segment) => segment !== header);
  if (others.some(({ raw }) => raw.includes(declared))) return;
  const first = others.find(({ raw }) => emptyComponents.test(raw));
  if (first === undefined) return;
  const right = 'the character in MSH-2 that separates components';
  report('delimiters-contradicted', first, 'components seem to be separated otherwise than MSH-2 says', right, '');
}

/** MSH-12. The version to check against is the nearest that the dictionary has. */
export function checkVersion({ header }: Hl7Message, dictionary: Dictionary, report: Report): void {
  const sent = header.value(12).trim();
  if (sent === '' || dictionary.versions.includes(sent)) return;
  if (isNewer(sent, dictionary)) {
    const right = `checked against ${dictionary.versions.at(-1)}`;
    report('version-newer', header.node(12).child(1), 'later than what is checked against', right);
    return;
  }
  const right = `one of ${dictionary.versions.join(', ')}`;
  report('version-unknown', header.node(12).child(1), 'no version of HL7 v2', right);
}

/** True for a version of HL7 v2 later than the newest of the dictionary. */
export function isNewer(sent: string, dictionary: Dictionary): boolean {
  const newest = dictionary.versions.at(-1) ?? '';
  return /^2\.\d{1,2}(\.\d{1,2})?$/.test(sent) && compareVersions(sent, newest) > 0;
}

/** MSH-9 and EVN-1. */
export function checkType(message: Hl7Message, { report, dictionary, version }: LintContext): void {
  const { header } = message;
  const [code, event, sent] = [1, 2, 3].map((component) => header.value(9, 1, component));
  if (code === undefined || code === '' || event === undefined) return;
  const expected = structureFor(code, event);
  const type = [code, event].filter(Boolean).join('^');
  const isLocal = code.startsWith('Z') || event.startsWith('Z');
  if (expected === undefined && !isLocal) {
    report('type-unknown', header.node(9), 'HL7 defines no such message type and event', 'one of HL7 table 0354', type);
  }
  // Until 2.3.1 the structure was named after the event itself, and the dictionary of a version knows it by that name.
  if (expected !== undefined && sent !== undefined && sent !== '' && sent !== expected) {
    const own = compareVersions(version, '2.4') < 0 && sent === `${code}_${event}`;
    if (!own) {
      report(
        'structure-contradicts',
        header.node(9).child(3),
        'not the structure of this type and event',
        `${expected} is`,
      );
    }
  }
  const { structure } = structureOf(message);
  if ((expected !== undefined || isLocal) && dictionary.grammar(structure, version) === undefined) {
    const right = 'the order of segments is not checked';
    report('structure-unchecked', header.node(9), `version ${version} does not define its structure`, right);
  }
  const triggered = message.first('EVN')?.node(1);
  if (triggered?.isValued && event !== '' && triggered.text !== event) {
    report('event-contradicts', triggered, 'EVN-1 is not MSH-9.2', 'the same event in both');
  }
}

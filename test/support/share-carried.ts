/**
 * How much of a message its output carries: valued components of two characters or more (set ids and the delimiters left
 * out) whose text, FHIR date or table code stands in a value of the output.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { programFolder } from '../../src/cli/program-version.js';
import type { Json } from '../../src/core/json.js';
import { leaves } from '../../src/hl7/leaves.js';
import type { Hl7Message } from '../../src/hl7/message.js';

export interface Share {
  readonly valued: number;
  readonly carried: number;
  /** Places of what is not carried: `PV1-10`. */
  readonly left: readonly string[];
}

export function shareCarried(message: Hl7Message, output: Json): Share {
  const values = new Set<string>();
  gather(output, values);
  const text = `\n${[...values].join('\n')}\n`;
  let valued = 0;
  const left: string[] = [];
  for (const node of leaves(message)) {
    const said = node.text.trim();
    const place = `${node.segment.name}-${node.field}`;
    if (said.length < 2 || said === '""' || setIds.has(place)) continue;
    valued++;
    if (![said, ...datesOf(said), ...systemsOf(said), ...(tableCodes.get(said) ?? [])].some((one) => stands(one, text)))
      left.push(place);
  }
  return { valued, carried: valued - left.length, left };
}

const setIds = new Set(
  ['PID', 'NK1', 'PV1', 'PV2', 'AL1', 'IAM', 'DG1', 'IN1', 'OBR', 'OBX', 'NTE', 'TQ1', 'SPM', 'PR1', 'GT1'].map(
    (segment) => `${segment}-1`,
  ),
);

/** What OBX-2 says, FHIR says by the name of the value. */
const typesOfValues: Readonly<Record<string, readonly string[]>> = {
  valueQuantity: ['NM', 'SN'],
  valueRatio: ['NM', 'SN'],
  valueRange: ['SN', 'NR'],
  valueCodeableConcept: ['CE', 'CWE', 'CNE', 'CF', 'ID', 'IS'],
  valueDateTime: ['DT', 'DTM', 'TS'],
  valueTime: ['TM'],
  valuePeriod: ['DR'],
  valueString: ['ST', 'TX', 'FT'],
  valueAttachment: ['ED', 'RP'],
};

/** Every value but ids, references and narratives, which say nothing of their own. */
function gather(value: Json, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) gather(item, into);
  else if (typeof value === 'object' && value !== null) {
    // Text that a document holds is carried, in Base64 as FHIR has it.
    if (value['contentType'] === 'text/plain' && typeof value['data'] === 'string')
      gather(Buffer.from(value['data'], 'base64').toString('utf8'), into);
    for (const [name, member] of Object.entries(value)) {
      for (const type of typesOfValues[name] ?? []) into.add(type);
      if (!['id', 'reference', 'fullUrl', 'div', 'resourceType'].includes(name)) gather(member, into);
    }
  } else if (value !== null) into.add(String(value).replaceAll('\n', ' '));
}

/** As a word or words of its own within a value: `01` does not stand in `2018-01-02T01`. */
function stands(said: string, text: string): boolean {
  const wanted = said.replaceAll(/\r?\n/g, ' ');
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const before = text[at - 1] ?? '\n';
    const after = text[at + wanted.length] ?? '\n';
    if (!(isWord(before) && isWord(wanted[0])) && !(isWord(after) && isWord(wanted.at(-1)))) return true;
  }
  return false;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}-]/u.test(character);
}

/** An HL7 time as FHIR begins it: to the day, or with hours, minutes and seconds. */
function datesOf(said: string): string[] {
  const [, year, month, day, hour, minute = '00', second = '00', ahead, aside] =
    /^(\d{4})(\d{2})(\d{2})?(?:(\d{2})(\d{2})?(\d{2})?(?:\.\d+)?)?(?:([+-]\d{2})(\d{2}))?$/.exec(said) ?? [];
  if (year === undefined) return [];
  if (day === undefined) return [`${year}-${month}`];
  if (hour === undefined) return [`${year}-${month}-${day}`];
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  return ahead === undefined ? [time] : [time, `${time}${ahead}:${aside}`];
}

/** A table of HL7 as the code system that FHIR knows it by. */
function systemsOf(said: string): string[] {
  const table = /^HL7(\d{4})$/.exec(said)?.[1];
  return table === undefined ? [] : [`v2-${table}`];
}

/** What the shipped tables make of each code. */
const tableCodes: ReadonlyMap<string, readonly string[]> = readTables();

function readTables(): Map<string, string[]> {
  const folder = join(programFolder, 'mappings/tables');
  const found = new Map<string, string[]>();
  for (const name of readdirSync(folder)) {
    const { codes = {} } = parse(readFileSync(join(folder, name), 'utf8')) as { codes?: Record<string, unknown> };
    for (const [code, target] of Object.entries(codes)) {
      const to = typeof target === 'object' && target !== null ? (target as { code?: unknown }).code : target;
      found.set(code, [...(found.get(code) ?? []), String(to)]);
    }
  }
  return found;
}

/** Random histories of a hospital's patients as HL7 messages, for showing that their order does not matter. */
import type { Random } from './random.js';

export interface HistoryMessage {
  readonly text: string;
  /** Epoch ms that the message states as its event time. */
  readonly time: number;
  readonly event: string;
}

interface Person {
  readonly mrn: string;
  readonly registry: string;
  readonly family: string;
}

const start = Date.UTC(2026, 2, 2, 8);

/**
 * `length` messages in the order of their event times, all distinct: admissions, updates, transfers, leaves, pending
 * events, changed doctors, results, orders, merges, moves, swaps, links, unlinks, changed numbers, cancels and discharges of
 * three patients who share allergies, problems, accounts and visit numbers.
 */
export function hospitalHistory(random: Random, facility: string, length: number): HistoryMessage[] {
  const people: Person[] = [1, 2, 3].map((n) => ({
    mrn: `${facility}${n}00${n}`,
    registry: `R${n}`,
    family: `Family${n}`,
  }));
  return Array.from({ length }, (_, index) => message(random, facility, people, index));
}

const events = [
  'A01',
  'A01',
  'A04',
  'A05',
  'A02',
  'A02',
  'A03',
  'A08',
  'A08',
  'A08',
  'A31',
  'A06',
  'A11',
  'A12',
  'A13',
  'A40',
  'A24',
  'A37',
  'A50',
  'A42',
  'A43',
  'A44',
  'A45',
  'A45',
  'A35',
  'A47',
  'A49',
  'A17',
  'A14',
  'A15',
  'A16',
  'A21',
  'A22',
  'A25',
  'A26',
  'A27',
  'A52',
  'A53',
  'A54',
  'A54',
  'A55',
  'A61',
  'A62',
  'A09',
  'A10',
  'A32',
  'A38',
  'A23',
  'A28',
  'A29',
  'R01',
  'R01',
  'R01',
  'O11',
  'O11',
  'T02',
] as const;

const codes: Readonly<Record<string, string>> = { R01: 'ORU', O11: 'RDE', T02: 'MDM' };

function message(random: Random, facility: string, people: readonly Person[], index: number): HistoryMessage {
  const time = start + index * 3_600_000 + random.below(3000) * 1000;
  const event = random.pick(events);
  const person = random.pick(people);
  const other = random.pick(people.filter((one) => one !== person));
  const code = codes[event] ?? 'ADT';
  const stamp = hl7Time(time);
  const header = `MSH|^~\\&|${code}APP|${facility}|WARD|LINE|${stamp}||${code}^${event}|${facility}${index}|P|2.5`;
  const segments = [header];
  if (code === 'ADT') segments.push(`EVN|${event}|${stamp}`);
  segments.push(pid(random, facility, person, event));
  const account = (of: Person): string => `${facility}ACC${of.mrn.slice(-1)}`;
  const visitOf = (of: Person): string => `${facility}V${1 + random.below(2)}${of.mrn.slice(-1)}`;
  const old = `${other.mrn}^^^${facility}^MR`;
  if (event === 'A40' || event === 'A47') segments.push(`MRG|${old}`);
  else if (event === 'A35' || event === 'A44' || event === 'A49') {
    if (event === 'A44') segments.push((segments.pop() ?? '').replace(/\|[^|]*$/, `|${account(other)}`));
    segments.push(`MRG|${old}||${account(other)}`);
  } else if (event === 'A43') {
    const [moved, mine, theirs] = [`${facility}9009^^^${facility}^MR`, person.registry, other.registry];
    segments[segments.length - 1] = `PID|1||${moved}~${mine}^^^REG^PI`;
    segments.push(`MRG|${moved}~${theirs}^^^REG^PI`);
  } else if (event === 'A42' || event === 'A45') {
    const visit = visitOf(event === 'A42' ? person : other);
    segments.push(`MRG|${old}||||${visit}`, pv1(random, event === 'A42' ? visitOf(person) : visit, time));
  } else if (event === 'A17') {
    segments.push(
      pv1(random, visitOf(person), time),
      pid(random, facility, other, event),
      pv1(random, visitOf(other), time),
    );
  } else if (event === 'A50') {
    const [old = '', now = ''] = [1, 2].map((visit) => `${facility}V${visit}${person.mrn.slice(-1)}`);
    segments.push(`MRG|${person.mrn}^^^${facility}^MR||||${old}`, pv1(random, now, time));
  } else if (event === 'A24' || event === 'A37')
    segments.push(pid(random, facility, other, 'A08').replace('PID|1', 'PID|2'));
  else {
    // now and then without a number: known by when it began
    const visit = random.chance(0.1) ? '' : visitOf(person);
    if (code === 'ADT' && random.chance(0.3))
      segments.push(`NK1|1|Kin^${random.pick(['Anna', 'Bert'])}|SPO|||0${random.below(3)}`);
    if (event !== 'A28' && event !== 'A29' && event !== 'A31') segments.push(pv1(random, visit, time));
    if (code === 'ADT' && random.chance(0.15))
      segments.push(`PV2|W3^30^3^NORTH||${random.pick(['FALL^Fall', 'CHK^Check'])}`);
    if (code === 'ADT') segments.push(...clinical(random));
  }
  if (event === 'R01') segments.push(...result(random, facility, time));
  if (event === 'O11') segments.push(...order(random, facility));
  if (event === 'T02') segments.push(...document(random, facility, time));
  return { text: `${segments.join('\r')}\r`, time, event };
}

function pid(random: Random, facility: string, person: Person, event: string): string {
  const mrn = `${person.mrn}^^^${facility}^MR`;
  const registry = `${person.registry}^^^REG^PI`;
  // now and then under a number that moves from one to the other
  const wandering = `${facility}9009^^^${facility}^MR`;
  const identifiers = random.pick([
    mrn,
    mrn,
    mrn,
    registry,
    `${mrn}~${registry}`,
    `${registry}~${mrn}`,
    `${registry}~${wandering}`,
  ]);
  const fields = Array.from({ length: 18 }, () => '');
  fields[0] = '1';
  fields[2] = event === 'A40' || event === 'A47' ? mrn : identifiers;
  fields[4] = random.pick([`${person.family}^Ada`, `${person.family}^Ada^B`, '']);
  fields[6] = random.pick(['19800101', '19800102', '', '""']);
  fields[7] = random.pick(['F', 'M', '', '""']);
  fields[10] = random.pick(['1 Road^^Town', '2 Street^^Town', '', '""']);
  fields[12] = random.pick(['030111', '030222', '', '""']);
  fields[13] = random.pick(['', '040333']);
  const ofAccounts = event === 'A35' || event === 'A44' || event === 'A49';
  fields[17] = ofAccounts || random.chance(0.3) ? `${facility}ACC${person.mrn.slice(-1)}` : '';
  return `PID|${fields.join('|')}`;
}

function pv1(random: Random, visit: string, time: number): string {
  const fields = Array.from({ length: 45 }, () => '');
  fields[0] = '1';
  fields[1] = random.pick(['I', 'O', 'E', 'P']);
  fields[2] = random.pick(['W1^10^1^NORTH', 'W2^20^2^NORTH', 'ER^^^NORTH', '']);
  fields[6] = random.pick(['77^House^Gregory', '88^Wilson^James', '']);
  fields[18] = visit;
  fields[43] = random.pick([hl7Time(start), '']);
  fields[44] = random.chance(0.1) ? hl7Time(time) : '';
  return `PV1|${fields.join('|')}`;
}

function clinical(random: Random): string[] {
  const segments: string[] = [];
  if (random.chance(0.4))
    segments.push(`AL1|1|DA|${random.pick(['PEN^Penicillin', 'NUT^Nuts'])}|${random.pick(['SV', 'MO', ''])}|Rash`);
  if (random.chance(0.4))
    segments.push(
      `DG1|1||${random.pick(['I10^Hypertension^I10', 'E11^Diabetes^I10'])}||${random.pick(['20260101', ''])}|${random.pick(['A', 'W'])}${random.pick(['', `${'|'.repeat(14)}D${random.below(2)}`])}`,
    );
  if (random.chance(0.3))
    segments.push(`IN1|1|PLAN^Gold|PAY1|Payer||||${random.pick(['G1', 'G2'])}||||||||||||||||||||||||||||POL1`);
  return segments;
}

function result(random: Random, facility: string, time: number): string[] {
  const filler = `${facility}F${random.below(4)}`;
  const placer = random.pick(['', `${facility}P${random.below(4)}`]);
  const status = random.pick(['P', 'F', 'C']);
  const [at, source] = [hl7Time(random.chance(0.5) ? start : time), random.pick(['', 'BLD^Blood'])];
  // now and then without numbers: known by patient, code and time
  const numbers = random.chance(0.3) ? '|' : `${placer}|${filler}`;
  const picture = `OBX|2|ED|PIC^Picture^L||^image^PNG^Base64^${random.pick(['QUJD', 'REVG'])}||||||${status}`;
  return [
    `OBR|1|${numbers}|718-7^Hemoglobin^LN|||${at}||||||||${source}|||||||||||${status}`,
    ...(random.chance(0.3) ? [picture] : []),
    `OBX|1|NM|718-7^Hemoglobin^LN||${10 + random.below(5)}|g/dL|12-16|${random.pick(['N', 'L'])}|||${status}`,
  ];
}

function document(random: Random, facility: string, time: number): string[] {
  const number = random.pick(['', `${facility}T${random.below(3)}`]);
  return [
    `TXA|1|DS^Discharge summary|TX||${hl7Time(random.chance(0.5) ? start : time)}|||||||${number}|||||${random.pick(['DI', 'AU'])}`,
    `OBX|1|TX|DS^Discharge summary||Text ${random.below(3)}||||||F`,
    ...(random.chance(0.3) ? ['OBX|2|ED|PIC^Picture^L||^image^PNG^Base64^QUJD||||||F'] : []),
  ];
}

function order(random: Random, facility: string): string[] {
  const placer = `${facility}M${random.below(3)}`;
  return [
    `ORC|${random.pick(['NW', 'XO', 'DC'])}|${placer}|${random.pick(['', `${facility}MF${placer.slice(-1)}`])}||||||20260302`,
    `RXE|1^BID^^20260302|${random.pick(['1191^Aspirin^RXN', '161^Paracetamol^RXN'])}|${1 + random.below(3)}00||mg`,
  ];
}

/** Local time of the tenant's zone, which the tests set to UTC. */
function hl7Time(time: number): string {
  return new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14);
}

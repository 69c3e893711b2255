import {
  allergies,
  type DemoDrug,
  type DemoTest,
  diagnoses,
  doctors,
  insurers,
  personOf,
  wardOf,
} from './demo-catalogue.js';

/** Time zone of the demo hospital; its messages carry local times without offset, as most feeds do. */
export const demoZone = 'Europe/Berlin';

/** One patient as the demo hospital knows them. Indexes point into the catalogue. */
export interface DemoPatient {
  readonly mrn: string;
  readonly person: number;
  phone: string;
  readonly street: string;
  readonly insurer: number;
  readonly policy: string;
  readonly doctor: number;
  diagnoses: { readonly index: number; readonly id: string; readonly since: string }[];
  readonly allergies: readonly number[];
  visit: DemoVisit | undefined;
}

export interface DemoVisit {
  readonly number: string;
  readonly account: string;
  readonly patientClass: 'I' | 'O' | 'E';
  ward: number;
  room: number;
  /** Where the patient was before a transfer: PV1-6. */
  earlier: string;
  /** Ward and room before the last transfer, until that is cancelled. */
  before?: readonly [number, number] | undefined;
  /** Epoch ms. */
  readonly start: number;
  end: number | undefined;
}

/** What every message needs beside its content. */
export interface Envelope {
  readonly controlId: string;
  /** Epoch ms. */
  readonly at: number;
}

const structures: Readonly<Record<string, string>> = { A02: 'A02', A03: 'A03', A11: 'A09', A12: 'A12' };

/** An ADT message: the patient as the hospital knows them now, with the segments that its event has. */
export function adtMessage(event: string, patient: DemoPatient, envelope: Envelope): string {
  const full = ['A01', 'A04', 'A08', 'A13'].includes(event);
  return message([
    header(`ADT^${event}^ADT_${structures[event] ?? 'A01'}`, 'LINDENHIS', envelope),
    eventSegment(event, envelope),
    patientSegment(patient),
    ...(full ? [`PD1||||${doctor(patient.doctor + 1)}`, nextOfKin(patient)] : []),
    visitSegment(patient),
    ...(full ? allergySegments(patient) : []),
    ...(full || event === 'A03' ? diagnosisSegments(patient) : []),
    ...(full ? [insuranceSegment(patient)] : []),
  ]);
}

/** A40: the second record turned out to be the first patient. */
export function mergeMessage(kept: DemoPatient, gone: DemoPatient, envelope: Envelope): string {
  return message([
    header('ADT^A40^ADT_A39', 'LINDENHIS', envelope),
    eventSegment('A40', envelope),
    patientSegment(kept),
    `MRG|${gone.mrn}^^^LINDENHOF^MR`,
  ]);
}

/** A24 or A37: two records are of one person, or are not after all. */
export function linkMessage(event: 'A24' | 'A37', one: DemoPatient, other: DemoPatient, envelope: Envelope): string {
  return message([
    header(`ADT^${event}^ADT_${event}`, 'LINDENHIS', envelope),
    eventSegment(event, envelope),
    patientSegment(one),
    patientSegment(other),
  ]);
}

/** A45: a visit that was registered for the wrong record of a patient goes to the right one. */
export function moveMessage(right: DemoPatient, wrong: DemoPatient, envelope: Envelope): string {
  return message([
    header('ADT^A45^ADT_A45', 'LINDENHIS', envelope),
    eventSegment('A45', envelope),
    patientSegment(right),
    `MRG|${wrong.mrn}^^^LINDENHOF^MR||||${wrong.visit?.number ?? ''}^^^LINDENHOF^VN`,
    visitSegment(wrong),
  ]);
}

/** A scanned document: an ORU whose OBX-5 holds a PDF (ED). */
export function documentMessage(patient: DemoPatient, base64: string, envelope: Envelope): string {
  const time = localTime(envelope.at);
  return message([
    header('ORU^R01^ORU_R01', 'LINDENDOC', envelope),
    patientSegment(patient),
    visitSegment(patient),
    `OBR|1||D${envelope.controlId}^LINDENDOC|18842-5^Discharge summary^LN|||${time}|||||||||${doctor(patient.doctor)}||||||${time}|||F`,
    `OBX|1|ED|18842-5^Discharge summary^LN||LINDENDOC^AP^PDF^Base64^${base64}||||||F|||${time}`,
  ]);
}

export interface DemoResult {
  readonly test: DemoTest;
  readonly value: string;
}

/** Vital signs as one ORU: single observations, then a blood pressure panel. */
export function vitalsMessage(
  patient: DemoPatient,
  results: readonly DemoResult[],
  pressure: readonly [number, number],
  envelope: Envelope,
): string {
  const time = localTime(envelope.at);
  const signs = results.map(({ test, value }, index) => observation(index + 1, test, value, time));
  return message([
    header('ORU^R01^ORU_R01', 'LINDENHIS', envelope),
    patientSegment(patient),
    visitSegment(patient),
    `ORC|RE||V${envelope.controlId}^LINDENHIS`,
    `OBR|1||V${envelope.controlId}^LINDENHIS|VS^Vital signs^LINDENHOF|||${time}|||||||||${doctor(patient.doctor)}|||||||||F`,
    ...signs,
    `OBR|2||P${envelope.controlId}^LINDENHIS|85354-9^Blood pressure panel with all children optional^LN|||${time}|||||||||${doctor(patient.doctor)}|||||||||F`,
    `OBX|1|NM|8480-6^Systolic blood pressure^LN||${pressure[0]}|mm[Hg]^^UCUM|90-140||||F|||${time}`,
    `OBX|2|NM|8462-4^Diastolic blood pressure^LN||${pressure[1]}|mm[Hg]^^UCUM|60-90||||F|||${time}`,
  ]);
}

/** A laboratory report: ranges, flags, and a note where something is out of range. */
export function labMessage(
  patient: DemoPatient,
  order: string,
  results: readonly DemoResult[],
  envelope: Envelope,
): string {
  const time = localTime(envelope.at);
  const out = results.filter((result) => flag(result) !== '');
  return message([
    header('ORU^R01^ORU_R01', 'LINDENLAB', envelope),
    patientSegment(patient),
    visitSegment(patient),
    `ORC|RE|O${envelope.controlId}^LINDENHIS|L${envelope.controlId}^LINDENLAB|||||||||${doctor(patient.doctor)}`,
    `OBR|1|O${envelope.controlId}^LINDENHIS|L${envelope.controlId}^LINDENLAB|${order}|||${time}|||||||||${doctor(patient.doctor)}||||||${time}||LAB|F`,
    ...results.map((result, index) => observation(index + 1, result.test, result.value, time, flag(result))),
    ...(out.length > 0
      ? [`NTE|1|L|${out.length} of ${results.length} values out of range, specimen \\T\\ result checked.`]
      : []),
  ]);
}

/** A pharmacy order: RDE^O11. */
export function orderMessage(patient: DemoPatient, drug: DemoDrug, envelope: Envelope): string {
  const time = localTime(envelope.at);
  return message([
    header('RDE^O11^RDE_O11', 'LINDENRX', envelope),
    patientSegment(patient),
    visitSegment(patient),
    `ORC|NW|R${envelope.controlId}^LINDENHIS|RX${envelope.controlId}^LINDENRX||||||${time}|||${doctor(patient.doctor)}`,
    `RXE||${drug.code}^${drug.name}^RXNORM|${drug.dose}||${drug.unit}^^UCUM|${drug.form}|^${drug.sig}|||20|TAB||${doctor(patient.doctor)}`,
    `TQ1|1||${drug.repeat}||||${time}`,
    'RXR|PO^Oral^HL70162',
  ]);
}

/** Point of care as PL, with the ward's name. */
export function place(ward: number, room: number): string {
  const { unit, name } = wardOf(ward);
  return `${unit}^${unit}-${room}^A^LINDENHOF^^N^MAIN^^${name}`;
}

function message(segments: readonly string[]): string {
  return `${segments.join('\r')}\r`;
}

function header(type: string, application: string, { controlId, at: time }: Envelope): string {
  return `MSH|^~\\&|${application}|LINDENHOF|WARDLINE|LINDENHOF|${localTime(time)}||${type}|${controlId}|P|2.5.1|||AL|NE||UNICODE UTF-8`;
}

function eventSegment(event: string, { at: time }: Envelope): string {
  return `EVN|${event}|${localTime(time)}||||${localTime(time)}`;
}

function patientSegment(patient: DemoPatient): string {
  const person = personOf(patient.person);
  const account = patient.visit === undefined ? '' : `${patient.visit.account}^^^LINDENHOF^AN`;
  const title = person.sex === 'F' ? 'Ms.' : 'Mr.';
  return (
    `PID|1||${patient.mrn}^^^LINDENHOF^MR||${person.family}^${person.given}^^^${title}^^L||${person.birth}|${person.sex}|||` +
    `${patient.street}^^${person.city}^^^^H||${patient.phone}^PRN^PH|||M^Married^HL70002||${account}`
  );
}

function nextOfKin(patient: DemoPatient): string {
  const { family, city } = personOf(patient.person);
  return `NK1|1|${family}^Robin^^^^^L|SPO^Spouse^HL70063|${patient.street}^^${city}^^^^H|${patient.phone}^PRN^PH||EP^Emergency contact person^HL70131`;
}

function visitSegment(patient: DemoPatient): string {
  const { visit } = patient;
  if (visit === undefined) return 'PV1|1|N';
  const kind = { I: 'IP^Inpatient stay', O: 'OP^Outpatient visit', E: 'ED^Emergency visit' }[visit.patientClass];
  const fields = [
    '1',
    visit.patientClass,
    place(visit.ward, visit.room),
    'R^Routine^HL70007',
    '',
    visit.earlier,
    doctor(patient.doctor),
    doctor(patient.doctor + 2),
    '',
    wardOf(visit.ward).service,
  ];
  fields[17] = `${kind}^LINDENHOF`;
  fields[18] = `${visit.number}^^^LINDENHOF^VN`;
  if (visit.end !== undefined) fields[35] = '01^Discharged to home^HL70112';
  fields[43] = localTime(visit.start);
  if (visit.end !== undefined) fields[44] = localTime(visit.end);
  return `PV1|${Array.from(fields, (field) => field ?? '').join('|')}`;
}

function allergySegments(patient: DemoPatient): string[] {
  return patient.allergies.map((index, row) => {
    const [kind, substance, reaction, severity] = at(allergies, index);
    return `AL1|${row + 1}|${kind}|${substance}|${severity}|${reaction}|20150312`;
  });
}

function diagnosisSegments(patient: DemoPatient): string[] {
  return patient.diagnoses.map(({ index, id, since }, row) => {
    const [code, name] = at(diagnoses, index);
    const fields = [String(row + 1), '', `${code}^${name}^I10C`, '', since, 'W'];
    fields[14] = String(row + 1);
    fields[15] = doctor(patient.doctor);
    fields[19] = `${id}^LINDENHOF`;
    return `DG1|${Array.from(fields, (field) => field ?? '').join('|')}`;
  });
}

function insuranceSegment(patient: DemoPatient): string {
  const insurer = at(insurers, patient.insurer);
  const person = personOf(patient.person);
  const fields = ['1', insurer.plan, `${insurer.company}^^^LINDENHOF^XX`, insurer.name];
  fields[7] = insurer.group;
  fields[8] = insurer.groupName;
  fields[11] = '20250101';
  fields[12] = '20271231';
  fields[15] = `${person.family}^${person.given}`;
  fields[16] = 'SEL^Self^HL70063';
  fields[17] = person.birth;
  fields[35] = patient.policy;
  fields[48] = `${patient.policy}^^^${insurer.company}^MB`;
  return `IN1|${Array.from(fields, (field) => field ?? '').join('|')}`;
}

function observation(
  set: number,
  { code, unit, low, high }: DemoTest,
  value: string,
  time: string,
  flagged = '',
): string {
  return `OBX|${set}|NM|${code}||${value}|${unit}^^UCUM|${low}-${high}|${flagged}|||F|||${time}`;
}

function flag({ test, value }: DemoResult): string {
  if (Number(value) < test.low) return 'L';
  return Number(value) > test.high ? 'H' : '';
}

function doctor(index: number): string {
  const [id, family, given, prefix] = at(doctors, index % doctors.length);
  return `${id}^${family}^${given}^^^${prefix}^^^LINDENHOF`;
}

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: demoZone,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Milliseconds that the hospital's clocks are ahead of UTC, by the quarter of an hour: what the calendar says is dear to ask. */
const offsets = new Map<number, number>();
const quarter = 900_000;

function offsetAt(time: number): number {
  const key = Math.floor(time / quarter);
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const parts = Object.fromEntries(clock.formatToParts(key * quarter).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - key * quarter;
  if (offsets.size > 10_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

/** YYYYMMDDHHMMSS in the hospital's zone. */
function localTime(time: number): string {
  return new Date(time + offsetAt(time)).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '');
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError('the catalogue has no such item');
  return item;
}

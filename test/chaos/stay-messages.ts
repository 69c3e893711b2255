/**
 * What the hospitals of a chaos run send: stays of invented patients. Each message adds one thing that can be told apart and
 * counted, and moves a status, so that what FHIR has to show in the end follows from the list of messages alone.
 */

/**
 * `change` (A08) makes the patient's given name that of its step and adds an allergy with its step as code; `transfer` (A02) adds
 * a bed to the visit; `result` (ORU) adds an observation whose value is its step.
 */
export type Effect = 'admission' | 'change' | 'transfer' | 'result' | 'discharge';

export interface StayMessage {
  readonly tenant: string;
  /** MSH-3, one for each connection. */
  readonly feed: string;
  /** MSH-10. */
  readonly controlId: string;
  /** PID-3.1. */
  readonly patient: string;
  /** Ascending within the feed. */
  readonly step: number;
  readonly effect: Effect;
  /** PV1-3.3 of a message of the visit. */
  readonly bed: string;
  /** As it is sent: segments end with carriage returns. */
  readonly text: string;
}

/** Messages of one stay: the first admits, the last discharges. */
const stayLength = 12;

/** Patients of a feed that are there at a time, so that messages of one do not follow each other directly. */
const ward = 4;

/** Event times begin here and go on by a second a message, whatever the clock says: UTC. */
const begin = Date.UTC(2026, 2, 1);

const events: Readonly<Record<Effect, readonly [event: string, type: string]>> = {
  admission: ['A01', 'ADT^A01^ADT_A01'],
  change: ['A08', 'ADT^A08^ADT_A01'],
  transfer: ['A02', 'ADT^A02^ADT_A02'],
  result: ['R01', 'ORU^R01^ORU_R01'],
  discharge: ['A03', 'ADT^A03^ADT_A03'],
};

/** The message number `step` (from 0) of a feed. The same arguments give the same bytes. */
export function stayMessage(tenant: string, feed: string, step: number): StayMessage {
  const round = Math.floor(step / (ward * stayLength));
  const n = Math.floor(step / ward) % stayLength;
  const patient = `${feed}P${String(round * ward + (step % ward)).padStart(5, '0')}`;
  const controlId = `${feed}-${String(step).padStart(7, '0')}`;
  const effect = effectOf(n);
  const time = hl7Time(begin + step * 1000);
  // beds are shared by all patients of a tenant: their documents are written by every partition
  const bed = `B${n - (n % 3)}`;
  const [event, type] = events[effect];
  const segments = [
    `MSH|^~\\&|${feed}|HOSPITAL|WARDLINE|X|${time}||${type}|${controlId}|P|2.5.1`,
    `EVN|${event}|${time}||||${time}`,
    `PID|1||${patient}^^^HOSPITAL^MR||Ledger^${nameOf(step - (n - lastChange(n)) * ward)}||19700101|F`,
    `PV1|${visit(effect, patient, bed, time)}`,
  ];
  if (effect === 'change') segments.push(`AL1|1|DA|${allergyOf(step)}^Allergen^L|MO`);
  if (effect === 'result') {
    // without a name: a result says less of a patient than an admission
    segments.splice(1, 2, `PID|1||${patient}^^^HOSPITAL^MR`);
    segments.push(
      `ORC|RE||${feed}R${step}^LAB`,
      `OBR|1||${feed}R${step}^LAB|718-7^Hemoglobin^LN|||${time}|||||||||||||||||F`,
      `OBX|1|NM|718-7^Hemoglobin^LN||${step}|g/dL|||||F|||${time}`,
    );
  }
  return { tenant, feed, controlId, patient, step, effect, bed, text: `${segments.join('\r')}\r` };
}

/** The given name that an admission or a change says. */
export function nameOf(step: number): string {
  return `Step${String(step).padStart(7, '0')}`;
}

/** The code of the allergy that a change adds. */
export function allergyOf(step: number): string {
  return `ALG${step}`;
}

function effectOf(n: number): Effect {
  if (n === 0) return 'admission';
  if (n === stayLength - 1) return 'discharge';
  if (n % 3 === 0) return 'transfer';
  return n % 3 === 1 ? 'result' : 'change';
}

/** The number in the stay of the last message up to `n` that says a new name. */
function lastChange(n: number): number {
  for (let at = n; at > 0; at--) if (effectOf(at) === 'change') return at;
  return 0;
}

function visit(effect: Effect, patient: string, bed: string, time: string): string {
  const fields = Array.from({ length: 45 }, () => '');
  fields[0] = '1';
  fields[1] = 'I';
  if (effect !== 'result') fields[2] = `W1^1^${bed}^HOSPITAL`;
  fields[18] = `V${patient}^^^HOSPITAL^VN`;
  if (effect === 'admission') fields[43] = time;
  if (effect === 'discharge') fields[44] = time;
  return fields.join('|');
}

/** `time` in epoch ms, as a time of HL7. */
function hl7Time(time: number): string {
  return `${new Date(time).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}+0000`;
}

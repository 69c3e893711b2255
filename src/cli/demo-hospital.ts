import {
  allergies,
  type DemoTest,
  diagnoses,
  doctors,
  drugs,
  insurers,
  panels,
  vitals,
  wardOf,
} from './demo-catalogue.js';
import {
  adtMessage,
  type DemoPatient,
  type DemoResult,
  type DemoVisit,
  documentMessage,
  type Envelope,
  labMessage,
  linkMessage,
  mergeMessage,
  moveMessage,
  orderMessage,
  place,
  vitalsMessage,
} from './demo-messages.js';
import { type Dice, dice } from './demo-random.js';

/** How large a hospital is, and how often rare things happen there: shares of all that happens. */
export interface HospitalPlan {
  /** Patients at the opening. */
  readonly patients: number;
  /** People who may ever come. */
  readonly people: number;
  readonly beds: number;
  readonly wards: number;
  readonly rare: Readonly<Record<HospitalRarity, number>>;
}

export type HospitalRarity = 'merges' | 'links' | 'cancels' | 'moves' | 'documents';

/** The hospital that `npm start` shows. */
const demoPlan: HospitalPlan = {
  patients: 20,
  people: 24,
  beds: 16,
  wards: 5,
  rare: { merges: 0.02, links: 0, cancels: 0.02, moves: 0, documents: 0 },
};

/**
 * The demo hospital between two messages: plain JSON, so that a later start continues here. `pending` holds messages that
 * were made and are not acknowledged yet; sending them again is safe, for a repeat is recognised.
 */
export interface HospitalState {
  readonly format: 1;
  /** The demo's where it is left out. */
  readonly plan?: HospitalPlan;
  random: number;
  /** Numbers handed out so far: control ids, record numbers, visits. */
  issued: number;
  readonly patients: DemoPatient[];
  /** A record made for somebody who is known already, to be merged: [kept, gone] by record number. */
  duplicates: [string, string][];
  /** Records linked as one person's, which may be unlinked, by record number. */
  linked?: [string, string][];
  readonly pending: string[];
}

const hour = 3_600_000;

/** A hospital with its patients, whose pending messages tell how they came to be as they are. The same seed, the same hospital. */
export function openHospital(seed: number, now: number, plan: HospitalPlan = demoPlan): HospitalState {
  const state = emptyHospital(seed, plan);
  for (let person = 0; person < plan.patients; person += 1) openPatient(state, person, now);
  return state;
}

/** A hospital before its first patient. */
export function emptyHospital(seed: number, plan: HospitalPlan): HospitalState {
  return {
    format: 1,
    ...(plan === demoPlan ? {} : { plan }),
    random: seed,
    issued: 1000,
    patients: [],
    duplicates: [],
    pending: [],
  };
}

/** The next patient of the opening, who is there already; `pending` tells how that came. Changes the state. */
export function openPatient(state: HospitalState, person: number, now: number): void {
  const random = dice(state.random);
  const { beds } = state.plan ?? demoPlan;
  const patient = register(state, random, person, now);
  const admitted = now - random.between(6, 96) * hour;
  const outpatient = person >= Math.max(beds - 2, 1);
  patient.visit = newVisit(state, random, outpatient ? 'O' : 'I', admitted);
  put(state, admitted, (envelope) => adtMessage(outpatient ? 'A04' : 'A01', patient, envelope));
  for (const hoursAgo of [5, 3, 1])
    takeVitals(state, random, patient, now - hoursAgo * hour - random.between(0, 1800) * 1000);
  takeLab(state, random, patient, now - random.between(2, 5) * hour);
  for (let count = random.between(1, 3); count > 0; count -= 1)
    prescribe(state, random, patient, admitted + count * hour);
  if (!outpatient && random.chance(0.3)) transfer(state, random, patient, now - hour);
  if (person % 20 === 13 || person % 20 === 19) discharge(state, patient, now - hour / 2);
  state.random = random.state;
}

/** Makes the next thing happen, so that `pending` holds at least one message. Changes the state. */
export function advanceHospital(state: HospitalState, now: number): void {
  const random = dice(state.random);
  const { beds, rare } = state.plan ?? demoPlan;
  const inpatients = state.patients.filter(({ visit }) => visit?.patientClass === 'I' && visit.end === undefined);
  const away = state.patients.filter(({ visit }) => visit?.patientClass !== 'I' || visit.end !== undefined);
  const admission = [inpatients.length < beds ? 8 : 1, () => admit(state, random, away, now)] as const;
  const events: readonly (readonly [number, () => void])[] = [
    [40, () => takeVitals(state, random, random.pick(inpatients), now)],
    [15, () => takeLab(state, random, random.pick(inpatients), now)],
    [12, () => prescribe(state, random, random.pick(inpatients), now)],
    [10, () => update(state, random, random.pick(inpatients), now)],
    [8, () => transfer(state, random, random.pick(inpatients), now)],
    [inpatients.length > beds - 4 ? 8 : 2, () => discharge(state, random.pick(inpatients), now)],
    admission,
    [rare.cancels * 50, () => cancelAdmission(state, random, inpatients, now)],
    [rare.cancels * 50, () => cancelDischarge(state, random, away, now)],
    [rare.merges * 100, () => mergeOrDuplicate(state, random, now)],
    [rare.cancels * 50, () => cancelTransfer(state, random, inpatients, now)],
    [rare.links * 100, () => linkOrUnlink(state, random, now)],
    [rare.moves * 100, () => move(state, random, now)],
    [rare.documents * 100, () => scan(state, random, random.pick(inpatients), now)],
  ];
  const usable = inpatients.length > Math.min(3, beds - 3) && inpatients.length > 0 ? events : [admission];
  while (state.pending.length === 0) {
    let left = random.roll() * usable.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, happen] of usable) {
      left -= weight;
      if (left >= 0) continue;
      happen();
      break;
    }
  }
  state.random = random.state;
}

function put(state: HospitalState, at: number, make: (envelope: Envelope) => string): void {
  state.issued += 1;
  state.pending.push(make({ controlId: `LH${state.issued}`, at }));
}

function register(state: HospitalState, random: Dice, person: number, now: number): DemoPatient {
  state.issued += 1;
  const known = new Set<number>();
  while (known.size < random.between(1, 3)) known.add(random.between(0, diagnoses.length - 1));
  const patient: DemoPatient = {
    mrn: String(700_000 + state.issued),
    person,
    phone: phoneNumber(random),
    street: `${random.pick(['Lindenallee', 'Hafenstraße', 'Am Markt', 'Mühlweg', 'Church Lane'])} ${random.between(1, 99)}`,
    insurer: random.between(0, insurers.length - 1),
    policy: `P${random.between(100_000, 999_999)}`,
    doctor: random.between(0, doctors.length - 1),
    diagnoses: [...known].map((index) => diagnosis(state, random, index, now)),
    allergies: [random.between(0, allergies.length - 1)],
    visit: undefined,
  };
  state.patients.push(patient);
  return patient;
}

function diagnosis(state: HospitalState, random: Dice, index: number, now: number): DemoPatient['diagnoses'][number] {
  state.issued += 1;
  const since = new Date(now - random.between(0, 900) * 24 * hour).toISOString().slice(0, 10).replaceAll('-', '');
  return { index, id: `DX${state.issued}`, since };
}

function phoneNumber(random: Dice): string {
  return `+49 30 555${random.between(1000, 9999)}`;
}

function newVisit(
  state: HospitalState,
  random: Dice,
  patientClass: DemoVisit['patientClass'],
  start: number,
): DemoVisit {
  state.issued += 1;
  const ward = random.between(0, (state.plan ?? demoPlan).wards - 1);
  return {
    number: `V${state.issued}`,
    account: `A${state.issued}`,
    patientClass,
    ward,
    room: roomOf(state, random, ward),
    earlier: '',
    start,
    end: undefined,
  };
}

/** A room of a ward; wards grow with the number of beds. */
function roomOf({ plan = demoPlan }: HospitalState, random: Dice, ward: number): number {
  return random.between(1, Math.max(wardOf(ward).rooms, Math.ceil(plan.beds / plan.wards)));
}

function takeVitals(state: HospitalState, random: Dice, patient: DemoPatient, at: number): void {
  const results = vitals.map((test) => measure(random, test));
  const pressure = [random.between(98, 158), random.between(58, 96)] as const;
  put(state, at, (envelope) => vitalsMessage(patient, results, pressure, envelope));
}

function takeLab(state: HospitalState, random: Dice, patient: DemoPatient, at: number): void {
  const panel = random.pick(panels);
  const results = panel.tests.map((test) => measure(random, test));
  put(state, at, (envelope) => labMessage(patient, panel.order, results, envelope));
}

/** A value that is mostly within its range, at times a little outside. */
function measure(random: Dice, test: DemoTest): DemoResult {
  const margin = (test.high - test.low) * 0.12;
  const highest = test.unit === '%' ? Math.min(100, test.high + margin) : test.high + margin;
  const value = test.low - margin + random.roll() * (highest - test.low + margin);
  return { test, value: value.toFixed(test.digits) };
}

function prescribe(state: HospitalState, random: Dice, patient: DemoPatient, at: number): void {
  const drug = random.pick(drugs);
  put(state, at, (envelope) => orderMessage(patient, drug, envelope));
}

function update(state: HospitalState, random: Dice, patient: DemoPatient, at: number): void {
  if (patient.diagnoses.length < 4 && random.chance(0.5)) {
    const index = random.between(0, diagnoses.length - 1);
    if (patient.diagnoses.every((known) => known.index !== index)) {
      patient.diagnoses = [...patient.diagnoses, diagnosis(state, random, index, at)];
    }
  } else {
    patient.phone = phoneNumber(random);
  }
  put(state, at, (envelope) => adtMessage('A08', patient, envelope));
}

function transfer(state: HospitalState, random: Dice, patient: DemoPatient, at: number): void {
  const { visit } = patient;
  if (visit === undefined) return;
  const { wards } = state.plan ?? demoPlan;
  visit.earlier = place(visit.ward, visit.room);
  visit.before = [visit.ward, visit.room];
  visit.ward = (visit.ward + random.between(1, Math.max(wards - 1, 1))) % wards;
  visit.room = roomOf(state, random, visit.ward);
  put(state, at, (envelope) => adtMessage('A02', patient, envelope));
}

function discharge(state: HospitalState, patient: DemoPatient, at: number): void {
  if (patient.visit === undefined) return;
  patient.visit.end = at;
  put(state, at, (envelope) => adtMessage('A03', patient, envelope));
}

function admit(state: HospitalState, random: Dice, away: readonly DemoPatient[], at: number): void {
  const { people } = state.plan ?? demoPlan;
  const unknown = state.patients.reduce((most, { person }) => Math.max(most, person), -1) + 1;
  const isNew = unknown < people && (random.chance(0.3) || away.length === 0);
  if (!isNew && away.length === 0) return;
  const patient = isNew ? register(state, random, unknown, at) : random.pick(away);
  patient.visit = newVisit(state, random, 'I', at);
  put(state, at, (envelope) => adtMessage('A01', patient, envelope));
}

/** Somebody else was meant: the youngest admission is taken back. */
function cancelAdmission(state: HospitalState, random: Dice, inpatients: readonly DemoPatient[], at: number): void {
  const young = inpatients.filter(({ visit }) => visit !== undefined && at - visit.start < hour);
  if (young.length === 0) return;
  const patient = random.pick(young);
  put(state, at, (envelope) => adtMessage('A11', patient, envelope));
  patient.visit = undefined;
}

/** The patient stays after all. */
function cancelDischarge(state: HospitalState, random: Dice, away: readonly DemoPatient[], at: number): void {
  const gone = away.filter(
    ({ visit }) => visit?.patientClass === 'I' && visit.end !== undefined && at - visit.end < hour,
  );
  if (gone.length === 0) return;
  const patient = random.pick(gone);
  if (patient.visit !== undefined) patient.visit.end = undefined;
  put(state, at, (envelope) => adtMessage('A13', patient, envelope));
}

/** The front desk registers a known person twice; some time later the two records become one. */
function mergeOrDuplicate(state: HospitalState, random: Dice, at: number): void {
  const [pair] = state.duplicates;
  if (pair !== undefined) {
    state.duplicates = state.duplicates.slice(1);
    const kept = state.patients.find(({ mrn }) => mrn === pair[0]);
    const gone = state.patients.find(({ mrn }) => mrn === pair[1]);
    if (kept === undefined || gone === undefined) return;
    put(state, at, (envelope) => mergeMessage(kept, gone, envelope));
    state.patients.splice(state.patients.indexOf(gone), 1);
    return;
  }
  const known = random.pick(state.patients);
  const again = secondRecord(state, random, known, at);
  state.duplicates = [[known.mrn, again.mrn]];
}

/** The transfer was a mistake: back to the bed before. */
function cancelTransfer(state: HospitalState, random: Dice, inpatients: readonly DemoPatient[], at: number): void {
  const moved = inpatients.filter(({ visit }) => visit?.before !== undefined);
  if (moved.length === 0) return;
  const patient = random.pick(moved);
  const { visit } = patient;
  if (visit?.before === undefined) return;
  [visit.ward, visit.room] = visit.before;
  visit.before = undefined;
  visit.earlier = '';
  put(state, at, (envelope) => adtMessage('A12', patient, envelope));
}

/** Somebody is registered a second time on purpose, and the records are linked; later they may turn out to be two people's. */
function linkOrUnlink(state: HospitalState, random: Dice, at: number): void {
  const [pair, ...others] = state.linked ?? [];
  if (pair !== undefined && random.chance(0.5)) {
    state.linked = others;
    const [one, other] = pair.map((mrn) => state.patients.find((patient) => patient.mrn === mrn));
    if (one === undefined || other === undefined) return;
    put(state, at, (envelope) => linkMessage('A37', one, other, envelope));
    return;
  }
  const known = random.pick(state.patients);
  const again = secondRecord(state, random, known, at);
  state.linked = [...(state.linked ?? []), [known.mrn, again.mrn]];
  put(state, at, (envelope) => linkMessage('A24', known, again, envelope));
}

/** A visit was registered for a second record of somebody, and goes to the first. */
function move(state: HospitalState, random: Dice, at: number): void {
  const known = random.pick(state.patients);
  const again = secondRecord(state, random, known, at);
  put(state, at, (envelope) => moveMessage(known, again, envelope));
}

function secondRecord(state: HospitalState, random: Dice, known: DemoPatient, at: number): DemoPatient {
  const again = register(state, random, known.person, at);
  again.visit = newVisit(state, random, 'O', at);
  put(state, at, (envelope) => adtMessage('A04', again, envelope));
  again.visit.end = at;
  return again;
}

/** A document of 20 to 400 KiB. */
function scan(state: HospitalState, random: Dice, patient: DemoPatient, at: number): void {
  const bytes = Buffer.alloc(random.between(20, 400) * 1024, `%PDF-1.4 ${patient.mrn} ${random.between(0, 1e9)}\n`);
  put(state, at, (envelope) => documentMessage(patient, bytes.toString('base64'), envelope));
}

/**
 * The ledger: compares what senders were told with what the archive holds and what FHIR shows. It alone decides whether a run
 * has failed, and reaches nothing by itself, so that tests can show that it finds what is lost and what is doubled.
 */
import { allergyOf, nameOf, type StayMessage } from './stay-messages.js';

export interface SentMessage {
  readonly message: StayMessage;
  /** True once its sender holds a positive acknowledgement. */
  readonly acknowledged: boolean;
}

/** What FHIR shows of a patient, each list as it stands there, doubles included. */
export interface ShownPatient {
  readonly patients: number;
  readonly visits: number;
  readonly discharged: boolean;
  readonly beds: readonly string[];
  /** Codes. */
  readonly allergies: readonly string[];
  /** Values. */
  readonly results: readonly number[];
  /** Given names by version of the patient, oldest first. */
  readonly names: readonly string[];
  /** Codes of allergies and values of results that have more than one version: each is said by one message. */
  readonly rewritten: readonly (string | number)[];
}

export interface Counted {
  readonly sent: readonly SentMessage[];
  /** States of the archive's rows by control id, `unsettled` for those that wait; as many as there are rows. */
  readonly archived: ReadonlyMap<string, readonly string[]>;
  /** By patient's number; a patient that is not found is not in it. */
  readonly shown: ReadonlyMap<string, ShownPatient>;
}

export interface Finding {
  readonly controlId: string;
  /** Where it was lost or doubled, in words. */
  readonly where: string;
}

export interface Verdict {
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages with a row in the archive. */
  readonly archived: number;
  /** Messages that were applied. */
  readonly settled: number;
  /** Messages whose effect FHIR shows. */
  readonly visible: number;
  /** Acknowledged, and not where they belong. */
  readonly lost: readonly Finding[];
  /** Twice where they belong once. */
  readonly doubled: readonly Finding[];
}

export function judge({ sent, archived, shown }: Counted): Verdict {
  const lost: Finding[] = [];
  const doubled: Finding[] = [];
  const total = { acknowledged: 0, archived: 0, settled: 0, visible: 0 };
  for (const { message, acknowledged } of sent) {
    const { controlId, patient } = message;
    const states = archived.get(controlId) ?? [];
    const times = effects(message, shown.get(patient));
    const applied = states.includes('applied');
    if (acknowledged) total.acknowledged++;
    if (states.length > 0) total.archived++;
    if (applied) total.settled++;
    if (times > 0) total.visible++;
    if (states.length > 1) doubled.push({ controlId, where: `${states.length} rows in the archive` });
    if (times > 1) doubled.push({ controlId, where: `its ${message.effect} stands in FHIR ${times} times` });
    if (rewritten(message, shown.get(patient)))
      doubled.push({ controlId, where: `its ${message.effect} was written again` });
    if (!acknowledged && states.length === 0) continue;
    // what is archived has to be applied, whether its sender knows of it or not
    if (states.length === 0) lost.push({ controlId, where: 'acknowledged, not in the archive' });
    else if (!applied) lost.push({ controlId, where: `in the archive, but ${states.join(', ')}` });
    else if (times === 0) lost.push({ controlId, where: `applied, but its ${message.effect} is not in FHIR` });
  }
  const names = judgeNames({ sent, archived, shown });
  lost.push(...names.lost);
  doubled.push(...names.doubled);
  return { sent: sent.length, ...total, lost, doubled };
}

/** How often the effect of a message is shown. */
function effects({ effect, step, bed }: StayMessage, shown: ShownPatient | undefined): number {
  if (shown === undefined) return 0;
  const count = <T>(list: readonly T[], wanted: T): number => list.filter((one) => one === wanted).length;
  switch (effect) {
    case 'admission':
      return Math.max(shown.patients, shown.visits);
    case 'change':
      return count(shown.allergies, allergyOf(step));
    case 'result':
      return count(shown.results, step);
    case 'transfer':
      return count(shown.beds, bed);
    case 'discharge':
      return shown.discharged ? 1 : 0;
  }
}

function rewritten({ effect, step }: StayMessage, shown: ShownPatient | undefined): boolean {
  if (effect === 'change') return shown?.rewritten.includes(allergyOf(step)) === true;
  return effect === 'result' && shown?.rewritten.includes(step) === true;
}

/** A patient's name goes forward only, whatever was applied twice or late, and ends with the last one that was said. */
function judgeNames({ sent, archived, shown }: Counted): Pick<Verdict, 'lost' | 'doubled'> {
  const lost: Finding[] = [];
  const doubled: Finding[] = [];
  const last = new Map<string, StayMessage>();
  for (const { message, acknowledged } of sent) {
    const { patient, step, effect, controlId } = message;
    if (effect !== 'change' && effect !== 'admission') continue;
    const names = shown.get(patient)?.names ?? [];
    const at = names.indexOf(nameOf(step));
    const before = names[at - 1];
    const again = names.indexOf(nameOf(step), at + 1) > 0;
    const back = at > 0 && before !== undefined && before > nameOf(step);
    if (again || back) doubled.push({ controlId, where: 'the history of its patient goes back to its name' });
    const known = last.get(patient);
    if ((acknowledged || archived.has(controlId)) && (known === undefined || known.step < step))
      last.set(patient, message);
  }
  for (const [patient, { controlId, step }] of last) {
    const name = shown.get(patient)?.names.at(-1);
    if (name !== undefined && name !== nameOf(step))
      lost.push({ controlId, where: 'its name is not the one that its patient has in the end' });
  }
  return { lost, doubled };
}

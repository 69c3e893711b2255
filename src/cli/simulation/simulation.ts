import { advanceHospital, emptyHospital, openPatient } from '../demo-hospital.js';
import { type Dice, dice } from '../demo-random.js';
import { type FaultKind, faults, type RareEvent, type Shares } from './variations.js';
import {
  badlyEncoded,
  bareIdentifier,
  batchOf,
  inOddCharset,
  malformed,
  oddIdentifiers,
  recordNumber,
  withLocalSegments,
  withoutField,
  wrongDelimiters,
} from './vary-message.js';

/** What is simulated. The same values give the same bytes. */
export interface SimulationPlan {
  readonly seed: number;
  readonly patients: number;
  readonly beds: number;
  readonly wards: number;
  /** Epoch ms of the hospital's first moment. */
  readonly start: number;
  /** Messages of the hospital, repeats and faults not counted; without limit when left out. */
  readonly count?: number;
  /** Milliseconds of the hospital's time; without limit when left out. */
  readonly duration?: number;
  readonly rare: Shares<RareEvent>;
  readonly faults: Shares<FaultKind>;
}

/** What goes out as one frame. */
export interface SimulatedFrame {
  readonly bytes: Buffer;
  /** Frames of one person go out in order. */
  readonly person: number;
  /** Epoch ms in the hospital. */
  readonly at: number;
  /** How many messages it holds. */
  readonly messages: number;
  /** What is wrong with it on purpose. */
  readonly fault?: FaultKind;
}

/** A frame with the text it was made from, until it leaves. */
interface Held extends SimulatedFrame {
  readonly text: string;
}

const hour = 3_600_000;

/**
 * The messages of a hospital: at first how its patients came to be there, then what happens, each at its time. Rare events and
 * faults come by dice of their own, so that the hospital's story is the same with and without them.
 */
export function* simulate(plan: SimulationPlan): Generator<SimulatedFrame> {
  const sequence = new Sequence(plan);
  let told = 0;
  for (const { text, at, person } of story(plan)) {
    if (told === plan.count) break;
    told += 1;
    yield* sequence.next(text, at, person);
  }
  yield* sequence.rest();
}

interface Told {
  readonly text: string;
  readonly at: number;
  readonly person: number;
}

function* story(plan: SimulationPlan): Generator<Told> {
  const { patients, beds, wards, start, rare, duration } = plan;
  const state = emptyHospital(plan.seed, { patients, people: patients * 2, beds, wards, rare });
  const people = new Map<string, number>();
  const told = function* (at: number): Generator<Told> {
    for (const patient of state.patients.slice(people.size > 0 ? -2 : 0)) people.set(patient.mrn, patient.person);
    for (const text of state.pending.splice(0)) yield { text, at, person: people.get(recordNumber(text)) ?? 0 };
  };
  for (let person = 0; person < patients; person += 1) {
    openPatient(state, person, start);
    yield* told(start);
  }
  const pace = dice(plan.seed ^ 0x51ab);
  for (let now = start; ; ) {
    now += gap(pace, beds);
    if (duration !== undefined && now - start > duration) return;
    advanceHospital(state, now);
    yield* told(now);
  }
}

/** Until the next event: about two for each bed in three hours. */
function gap(random: Dice, beds: number): number {
  return Math.round(((random.roll() + 0.5) * hour) / Math.max(beds * 0.7, 1));
}

/** Turns the story's messages into frames: varied, held back, sent twice, put together, with faults beside them. */
class Sequence {
  readonly #plan: SimulationPlan;
  readonly #random: Dice;
  /** Held back until so many more frames have gone. */
  #late: { readonly frame: Held; left: number }[] = [];
  /** Held back until the next message of their person. */
  readonly #overtaken = new Map<number, Held>();
  readonly #batches = new Map<number, Held[]>();
  #batchCount = 0;

  constructor(plan: SimulationPlan) {
    this.#plan = plan;
    this.#random = dice(plan.seed ^ 0x0dd5);
  }

  *next(text: string, at: number, person: number): Generator<SimulatedFrame> {
    const frame = this.#varied(text, at, person);
    const batch = this.#batches.get(person);
    if (batch !== undefined) {
      batch.push(frame);
      if (batch.length === 3) yield this.#flush(person, batch);
    } else if (this.#happens('batches')) {
      this.#batches.set(person, [frame]);
    } else if (this.#happens('late')) {
      this.#late.push({ frame, left: this.#random.between(5, 50) });
    } else if (!this.#overtaken.has(person) && this.#happens('reordered')) {
      this.#overtaken.set(person, frame);
    } else {
      yield* this.#send(frame);
      const before = this.#overtaken.get(person);
      if (before !== undefined) {
        this.#overtaken.delete(person);
        yield* this.#send(before);
      }
    }
    for (const held of this.#late) held.left -= 1;
    const due = this.#late.filter(({ left }) => left <= 0);
    if (due.length === 0) return;
    this.#late = this.#late.filter(({ left }) => left > 0);
    for (const { frame: late } of due) yield* this.#send(late);
  }

  /** All that is still held back. */
  *rest(): Generator<SimulatedFrame> {
    for (const { frame } of this.#late) yield* this.#send(frame);
    for (const frame of this.#overtaken.values()) yield* this.#send(frame);
    for (const [person, batch] of this.#batches) yield this.#flush(person, batch);
  }

  #varied(text: string, at: number, person: number): Held {
    let varied = text;
    if (this.#happens('identifiers')) varied = oddIdentifiers(varied, this.#random);
    else if (this.#happens('bare-ids')) varied = bareIdentifier(varied, this.#random);
    if (this.#happens('z-segments')) varied = withLocalSegments(varied, this.#random);
    const bytes = this.#happens('charsets') ? inOddCharset(varied, this.#random) : Buffer.from(varied, 'utf8');
    return { bytes, text: varied, at, person, messages: 1 };
  }

  *#send(frame: Held): Generator<SimulatedFrame> {
    for (const kind of faultKinds) {
      if (this.#random.chance(this.#plan.faults[kind])) {
        yield { bytes: this.#broken(kind, frame), at: frame.at, person: frame.person, messages: 1, fault: kind };
      }
    }
    yield frame;
    if (this.#happens('repeated')) yield frame;
  }

  #broken(kind: FaultKind, { text, bytes }: Held): Buffer {
    switch (kind) {
      case 'malformed-segment':
        return Buffer.from(malformed(text, this.#random), 'utf8');
      case 'missing-field':
        return Buffer.from(withoutField(text, this.#random), 'utf8');
      case 'bad-encoding':
        return badlyEncoded(text);
      case 'wrong-delimiters':
        return Buffer.from(wrongDelimiters(text, this.#random), 'utf8');
      case 'half-frame':
        return bytes.subarray(0, Math.floor(bytes.length / 2));
      case 'dropped-connection':
        return bytes;
    }
  }

  #flush(person: number, batch: readonly Held[]): SimulatedFrame {
    this.#batches.delete(person);
    this.#batchCount += 1;
    const text = batchOf(
      batch.map((held) => held.text),
      `LHB${this.#batchCount}`,
    );
    return { bytes: Buffer.from(text, 'utf8'), person, at: batch.at(-1)?.at ?? 0, messages: batch.length };
  }

  #happens(event: RareEvent): boolean {
    return this.#random.chance(this.#plan.rare[event]);
  }
}

const faultKinds = Object.keys(faults) as FaultKind[];

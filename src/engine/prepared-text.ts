/**
 * Prepared messages as one JSON text, for the way from the thread that prepares to the one that applies: a text is carried
 * for less than the many small objects that it holds. Both threads are of one program, so it has no format number.
 */
import type { Json } from '../core/json.js';
import { compareStamps, type Stamp } from '../core/stamp.js';
import type { SettleOutcome } from '../store/archive-port.js';
import type { Contribution } from './contribution.js';
import { stampOfTuple, stampTuple } from './document-state.js';
import type { Prepared, ReadyMessage } from './prepare-batch.js';
import type { Register } from './registers.js';

type PrintedContribution = readonly [
  type: string,
  id: string,
  rank: number,
  patient: string,
  keyRest: string,
  /** Place of the name, place of the stamp, value; and so on. */
  registers: readonly Json[],
];

interface PrintedMessage {
  readonly at: readonly [arrival: number, run: number, number: number];
  /** The first is the message's own. */
  readonly stamps: readonly (readonly number[])[];
  readonly contributions: readonly PrintedContribution[];
  readonly keys: readonly string[];
  readonly repeated?: true;
}

interface PrintedBatch {
  /** Names of registers, each once: the messages of a batch say mostly the same things. */
  readonly names: readonly string[];
  readonly messages: readonly (PrintedMessage | Extract<Prepared, { readonly outcome: SettleOutcome }>)[];
}

export function printPrepared(prepared: readonly Prepared[]): string {
  const names = new Map<string, number>();
  const messages = prepared.map((one) => ('outcome' in one ? one : printMessage(one, names)));
  const batch: PrintedBatch = { names: [...names.keys()], messages };
  return JSON.stringify(batch);
}

/** Reads what `printPrepared` made. */
export function readPrepared(text: string): Prepared[] {
  const { names, messages } = JSON.parse(text) as PrintedBatch;
  return messages.map((one): Prepared => ('outcome' in one ? one : readMessage(one, names)));
}

function printMessage({ sequence, message, keys, repeated }: ReadyMessage, names: Map<string, number>): PrintedMessage {
  const stamps: Stamp[] = [message.stamp];
  const placeOf = (stamp: Stamp): number => {
    for (const [place, known] of stamps.entries()) {
      if (known === stamp || compareStamps(known, stamp) === 0) return place;
    }
    return stamps.push(stamp) - 1;
  };
  const contributions = message.contributions.map((one): PrintedContribution => {
    const registers: Json[] = [];
    for (const [name, { value, stamp }] of one.registers) {
      let place = names.get(name);
      if (place === undefined) {
        place = names.size;
        names.set(name, place);
      }
      registers.push(place, placeOf(stamp), value);
    }
    return [one.type, one.id, one.rank, one.patient, one.keyRest, registers];
  });
  const at = [sequence.arrival, sequence.run, sequence.number] as const;
  return { at, stamps: stamps.map(stampTuple), contributions, keys, ...(repeated && { repeated }) };
}

function readMessage(printed: PrintedMessage, names: readonly string[]): ReadyMessage {
  const [arrival, run, number] = printed.at;
  const stamps = printed.stamps.map(stampOfTuple);
  const stampAt = (place: Json | undefined): Stamp => {
    const stamp = stamps[place as number];
    if (stamp === undefined) throw new Error('a prepared message names a stamp that it lacks');
    return stamp;
  };
  const read = ([type, id, rank, patient, keyRest, said]: PrintedContribution): Contribution => {
    const registers = new Map<string, Register>();
    for (let at = 0; at < said.length; at += 3) {
      const name = names[said[at] as number];
      if (name === undefined) throw new Error('a prepared message names a register that it lacks');
      registers.set(name, { value: said[at + 2] ?? null, stamp: stampAt(said[at + 1]) });
    }
    return { type, id, registers, rank, patient, keyRest };
  };
  const message = { stamp: stampAt(0), contributions: printed.contributions.map(read) };
  const { keys, repeated } = printed;
  return { sequence: { arrival, run, number }, message, keys, ...(repeated && { repeated }) };
}

import { type Sequence, sequenceName } from '../core/stamp.js';
import type { AcknowledgementOutcome } from '../hl7/acknowledgement.js';
import type { SettleState } from '../store/archive-port.js';

type Place = Pick<Sequence, 'run' | 'number'>;

/** Sends what is due for a message that has settled: to be called once, never after its connection is gone. */
export type SendOutcome = (outcome: AcknowledgementOutcome, reason: string) => void;

interface Expected {
  readonly sequence: Place;
  readonly connection: object;
  readonly send: SendOutcome;
  readonly undelivered: () => void;
  /** The receipt has left; before it the application's answer must wait. */
  receiptSent: boolean;
  settled?: { readonly outcome: AcknowledgementOutcome; readonly reason: string };
}

/** More open answers than this on all connections are not remembered; the oldest counts as undelivered. */
const most = 100_000;

/**
 * The application acknowledgements of enhanced mode (HL7 v2.8, 2.9.3) that are still due. They leave on the connection that
 * brought the message, after its receipt; what settles when that is closed is undelivered.
 */
export class ApplicationAcks {
  readonly #expected = new Map<string, Expected>();

  /**
   * Notes that a message wants an answer once it has settled. `connection` is what `closed` is later called with; `undelivered`
   * hears that the answer can no longer be given.
   */
  expect(sequence: Place, connection: object, send: SendOutcome, undelivered: () => void): void {
    const name = sequenceName(sequence);
    this.#drop(name);
    this.#expected.set(name, { sequence, connection, send, undelivered, receiptSent: false });
    if (this.#expected.size <= most) return;
    const [oldest] = this.#expected.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  /** The receipt of the message has left. */
  receiptSent(sequence: Place): void {
    const expected = this.#expected.get(sequenceName(sequence));
    if (expected === undefined) return;
    expected.receiptSent = true;
    if (expected.settled !== undefined) this.#deliver(sequence, expected.settled);
  }

  /** The engine has settled a message. Cheap and without effect for one that wants no answer. */
  onSettled(sequence: Place, state: SettleState, reason: string): void {
    if (this.#expected.size === 0) return;
    const expected = this.#expected.get(sequenceName(sequence));
    if (expected === undefined) return;
    expected.settled = { outcome: state === 'parked' ? 'error' : 'accepted', reason };
    if (expected.receiptSent) this.#deliver(sequence, expected.settled);
  }

  /**
   * So many of the messages that are not known to be settled, other ones at each call: for a process that is not told what others
   * settle, and has to ask.
   */
  due(limit: number): readonly Place[] {
    const due: Expected[] = [];
    for (const [name, expected] of this.#expected) {
      if (due.length >= limit) break;
      if (expected.settled !== undefined || due.includes(expected)) continue;
      due.push(expected);
      // to the end, so that those behind it have their turn
      this.#expected.delete(name);
      this.#expected.set(name, expected);
    }
    return due.map(({ sequence }) => sequence);
  }

  /** A connection is gone, and what was due on it cannot be sent. */
  closed(connection: object): void {
    for (const [name, expected] of this.#expected) if (expected.connection === connection) this.#drop(name);
  }

  #drop(name: string): void {
    const expected = this.#expected.get(name);
    this.#expected.delete(name);
    expected?.undelivered();
  }

  #deliver(sequence: Place, settled: NonNullable<Expected['settled']>): void {
    const name = sequenceName(sequence);
    const expected = this.#expected.get(name);
    this.#expected.delete(name);
    expected?.send(settled.outcome, settled.reason);
  }
}

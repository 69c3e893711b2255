/** What happened to each message of a run, and when; times in ms of the monotonic clock. */
import type { SentMessage } from './ledger.js';
import type { StayMessage } from './stay-messages.js';

export interface JournalEntry {
  readonly message: StayMessage;
  /** When it was sent for the first time. */
  readonly sentAt: number;
  acknowledgedAt?: number;
  /** When the archive was first seen to hold what became of it. */
  settledAt?: number;
  /** How often it was sent. */
  attempts: number;
}

/** A time during which somebody waited; `to` is undefined while it lasts. */
export interface Wait {
  readonly from: number;
  readonly to: number | undefined;
}

export class Journal {
  readonly entries: JournalEntry[] = [];
  /** Negative answers, by code. */
  readonly refused = new Map<string, number>();
  readonly #unsettled = new Map<string, JournalEntry>();
  /** Requests of FHIR clients. */
  readonly reads: Wait[] = [];

  sending(message: StayMessage): JournalEntry {
    const entry: JournalEntry = { message, sentAt: performance.now(), attempts: 0 };
    this.entries.push(entry);
    return entry;
  }

  acknowledged(entry: JournalEntry): void {
    entry.acknowledgedAt = performance.now();
    this.#unsettled.set(entry.message.controlId, entry);
  }

  refusedWith(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  /** Control ids of messages that were acknowledged and are not known to be settled. */
  unsettled(): string[] {
    return [...this.#unsettled.keys()];
  }

  settled(controlId: string): void {
    const entry = this.#unsettled.get(controlId);
    if (entry === undefined) return;
    entry.settledAt = performance.now();
    this.#unsettled.delete(controlId);
  }

  sent(): SentMessage[] {
    return this.entries.map(({ message, acknowledgedAt }) => ({
      message,
      acknowledged: acknowledgedAt !== undefined,
    }));
  }

  waitsForAcknowledgement(): Wait[] {
    return this.entries.map(({ sentAt, acknowledgedAt }) => ({ from: sentAt, to: acknowledgedAt }));
  }

  waitsForSettling(): Wait[] {
    return this.entries.flatMap(({ acknowledgedAt, settledAt }) =>
      acknowledgedAt === undefined ? [] : [{ from: acknowledgedAt, to: settledAt }],
    );
  }
}

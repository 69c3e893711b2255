/**
 * What messages said that came more than once: most of what a hospital sends says what was said before, under another time and
 * control id. Whoever finds a message here need not map it: it says the same, under its own stamp. Kept is what a message said
 * that was seen before; of one that is new only a digest, so that those that never come again cost next to nothing.
 */
import { hash } from 'node:crypto';
import type { Stamp } from '../core/stamp.js';
import type { Hl7Message } from '../hl7/message.js';
import {
  type PassingRead,
  passingReads,
  readsTheSame,
  textWithoutPassing,
  watchPassing,
} from '../hl7/passing-fields.js';
import type { SettleOutcome } from '../store/archive-port.js';
import { type Contribution, underOtherStamps } from './contribution.js';
import { type MessageStamps, stampsOf } from './message-stamps.js';

/** What a message came to when it was mapped. */
export type Said =
  | {
      readonly kind: 'mapped';
      readonly contributions: readonly Contribution[];
      /** The stamps of the contributions. */
      readonly stamps: MessageStamps;
      readonly keys: readonly string[];
      /** The event time, where it is part of what was said. */
      readonly time: number | undefined;
    }
  | { readonly kind: 'ended'; readonly outcome: SettleOutcome };

interface Kept {
  readonly said: Said;
  /** The fields beside its content that it was made from. */
  readonly reads: readonly PassingRead[];
}

interface Entry extends Kept {
  readonly owner: MessageMemory;
  readonly size: number;
}

/** Bytes of one generation; there are two. */
const usuallyMost = 24_000_000;
/** Marks of messages that were seen once: a power of two, four bytes each. The newer takes the place of the older. */
const marks = 131_072;
/** Longer messages (documents) are mapped anew: characters. */
const longest = 64_000;
/** What an entry takes, about: by itself, for each register, and for each character of its message. */
const ofEntry = 250;
const ofRegister = 330;
const ofCharacter = 10;

/** The entries of all tenants of a thread; those unused for longest go first. */
export class RepeatedMessages {
  readonly #most: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #size = 0;
  #owners = 0;
  readonly #marks = new Uint32Array(marks);

  /** `most`: bytes of one generation, about. */
  constructor(most = usuallyMost) {
    this.#most = most;
  }

  /** What is to be kept for one compiled mapping with one tenant's settings. */
  memory(): MessageMemory {
    return new MessageMemory(this, ++this.#owners);
  }

  /** Bytes that are kept, about: never more than twice what one generation holds. */
  get size(): number {
    let size = this.#size;
    for (const entry of this.#old.values()) size += entry.size;
    return size;
  }

  /** True where a message of this digest was seen, or, seldom, another; marks that it was. */
  seen(digest: string): boolean {
    const place = numberAt(digest, 0) % marks;
    const mark = numberAt(digest, 4);
    if (this.#marks[place] === mark) return true;
    this.#marks[place] = mark;
    return false;
  }

  get(digest: string): Entry | undefined {
    const young = this.#young.get(digest);
    if (young !== undefined) return young;
    const old = this.#old.get(digest);
    if (old !== undefined) this.put(digest, old);
    return old;
  }

  put(digest: string, entry: Entry): void {
    this.#old.delete(digest);
    this.#size += entry.size - (this.#young.get(digest)?.size ?? 0);
    this.#young.set(digest, entry);
    if (this.#size < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#size = 0;
  }

  /** Drops what is kept for an owner. */
  drop(owner: MessageMemory): void {
    for (const [digest, entry] of this.#old) if (entry.owner === owner) this.#old.delete(digest);
    for (const [digest, entry] of this.#young) {
      if (entry.owner !== owner) continue;
      this.#young.delete(digest);
      this.#size -= entry.size;
    }
  }
}

/** What is kept for one compiled mapping with one tenant's settings and names. Whoever changes any of them makes another. */
export class MessageMemory {
  readonly #all: RepeatedMessages;
  readonly #number: number;
  #ended = false;

  constructor(all: RepeatedMessages, number: number) {
    this.#all = all;
    this.#number = number;
  }

  /**
   * Looks a message up; undefined where it is too long. `beside`: what else decides what it says, as a text: character set and
   * settings of its listener. To be called before anything of it is mapped.
   */
  look(message: Hl7Message, beside: string): Sight | undefined {
    if (this.#ended || message.text.length > longest) return undefined;
    const digest = hash('sha256', `${this.#number} ${beside}\n${textWithoutPassing(message)}`, 'binary');
    const entry = this.#all.get(digest);
    if (entry !== undefined && readsTheSame(message, entry.reads)) return { said: entry.said, keep: () => {} };
    if (entry === undefined && !this.#all.seen(digest)) return undefined;
    watchPassing(message);
    const keep = (said: Said): void => {
      if (this.#ended) return;
      const reads = passingReads(message);
      this.#all.put(digest, { owner: this, size: sizeOf(message, said), said, reads });
    };
    return { said: undefined, keep };
  }

  /** Forgets everything, and keeps nothing from now on. */
  end(): void {
    this.#ended = true;
    this.#all.drop(this);
  }
}

/** A message that was seen before. */
export interface Sight {
  /** What it says, where that is known; its time may still be another, see `sayAgain`. */
  readonly said: Said | undefined;
  /** Keeps what mapping the message came to. */
  keep(said: Said): void;
}

/** The contributions of what was said, under another stamp; undefined where the event time was part of it and is another. */
export function sayAgain(said: Extract<Said, { kind: 'mapped' }>, stamp: Stamp): Contribution[] | undefined {
  if (said.time !== undefined && said.time !== stamp.time) return undefined;
  const stamps = stampsOf(stamp);
  return said.contributions.map((contribution) => underOtherStamps(contribution, said.stamps, stamps));
}

/** Four bytes of a digest as a number. */
function numberAt(digest: string, at: number): number {
  let number = 0;
  for (let byte = at; byte < at + 4; byte++) number = (number << 8) | digest.charCodeAt(byte);
  return number >>> 0;
}

function sizeOf(message: Hl7Message, said: Said): number {
  const registers =
    said.kind === 'ended' ? 0 : said.contributions.reduce((sum, contribution) => sum + contribution.registers.size, 0);
  return ofEntry + registers * ofRegister + message.text.length * ofCharacter;
}

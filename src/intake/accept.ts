import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { sequenceName } from '../core/stamp.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { type AcknowledgementCode, type AcknowledgementError, applicationCode } from '../hl7/acknowledgement.js';
import type { QueuePort, WorkItem } from '../queue/queue-port.js';
import { type AppendResult, type ArchivePort, parkedForTenant } from '../store/archive-port.js';
import { type Answer, answer, durableAnswer, joinAnswers, unavailableAnswer } from './answers.js';
import type { ApplicationAcks, SendOutcome } from './application-acks.js';
import type { IntakeEvent, IntakeMetrics, ReceivedOutcome } from './counts.js';
import { Enqueuer } from './enqueuer.js';
import {
  type FrameContext,
  type FramePlan,
  type PlannedMessage,
  planFrame,
  planMessage,
  planTruncated,
} from './frame-plan.js';
import type { GroupCommit } from './group-commit.js';
import type { SourceSettings } from './listener-settings.js';

/** What all sources of a process share. */
export interface AcceptParts {
  readonly archive: Pick<ArchivePort, 'release' | 'get' | 'settle'>;
  readonly commit: GroupCommit;
  readonly queue: Pick<QueuePort, 'enqueue'>;
  readonly applicationAcks: ApplicationAcks;
  readonly clock: Clock;
  readonly metrics: IntakeMetrics;
  readonly log: Log;
  /** Partitions per tenant. */
  readonly partitions: number;
  readonly tenantSettings: (tenant: string) => TenantSettings;
  /** False while too little disk is free. */
  readonly taking: () => boolean;
}

/** The connection that a frame came by. */
export interface Origin {
  readonly peer: string;
  /** True while an answer can still be sent. */
  readonly open: boolean;
  /** Sends an answer, unframed, after everything that is due already. */
  sendLater(answer: Buffer): void;
}

/** A message that is durable. */
export interface StoredMessage {
  readonly repeated: boolean;
  /** Why it was refused; empty for a message that goes its way. */
  readonly errors: readonly AcknowledgementError[];
}

/** What to do on the connection once a frame has been dealt with. */
export interface FrameOutcome {
  /** The acknowledgements, unframed. */
  readonly reply: Buffer | undefined;
  readonly codes: readonly AcknowledgementCode[];
  readonly close: boolean;
  /** What became of each message; undefined when none could be stored, and all have to come again. */
  readonly stored: readonly StoredMessage[] | undefined;
  /** To be called when the reply, if any, has been handed to the socket. */
  readonly sent?: () => void;
}

/**
 * One source's way from a frame to its acknowledgement: split, read the headers, choose tenant and partition, archive,
 * enqueue, answer. A positive answer exists only after the archive has called the message durable.
 */
export class Acceptor {
  readonly #settings: SourceSettings;
  readonly #parts: AcceptParts;
  readonly #enqueuer: Enqueuer;
  readonly #background = new Set<Promise<void>>();
  #storing = true;

  constructor(settings: SourceSettings, parts: AcceptParts) {
    this.#settings = settings;
    this.#parts = parts;
    const listener = settings.name;
    let told = false;
    this.#enqueuer = new Enqueuer({
      queue: parts.queue,
      failed: (count, error) => {
        this.#received('not-enqueued', count);
        if (!told) parts.log.warn('messages are not enqueued yet', { listener, error });
        told = true;
      },
      works: () => {
        told = false;
        parts.log.info('messages are enqueued again', { listener });
      },
    });
  }

  /** Takes a whole frame. Reaches the archive within this turn, so that calls keep their order. A failed write is an outcome. */
  message(bytes: Buffer, origin: Origin): Promise<FrameOutcome> {
    try {
      const plan = planFrame(bytes, this.#context(origin));
      if (plan.batch !== 'none') this.#noteBatch(plan, origin);
      return this.#store(plan, origin);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes messages that were split apart before, all in one durable write. `flags` go into their archive rows. */
  async messages(messages: readonly Buffer[], flags: readonly string[], origin: Origin): Promise<FrameOutcome> {
    const context = this.#context(origin);
    const planned = messages.map((bytes) => planMessage(bytes, flags, context));
    return this.#store({ messages: planned, batch: 'bare', batchFaults: [] }, origin);
  }

  /** Takes what there is of a frame that was cut off: kept, never processed. */
  async truncated(bytes: Buffer, origin: Origin): Promise<FrameOutcome> {
    const planned = planTruncated(bytes, this.#context(origin));
    const outcome = await this.#store({ messages: [planned], batch: 'none', batchFaults: [] }, origin);
    return planned.answerable ? outcome : { ...outcome, reply: undefined, codes: [] };
  }

  /** Resolves when nothing runs behind the acknowledgements any more. */
  async idle(): Promise<void> {
    await this.#parts.commit.idle();
    while (this.#background.size > 0) await Promise.all(this.#background);
    await this.#enqueuer.idle();
  }

  #context(origin: Origin): FrameContext {
    const { clock, partitions, tenantSettings } = this.#parts;
    return { settings: this.#settings, peer: origin.peer, arrival: clock.now(), partitions, tenantSettings };
  }

  #noteBatch(plan: FramePlan, origin: Origin): void {
    this.#event('batch');
    if (plan.batchFaults.length === 0) return;
    this.#event('faulty-batch');
    this.#parts.log.warn('a batch is not what its header and trailer say', {
      listener: this.#settings.name,
      peer: origin.peer,
      count: plan.messages.length,
      state: plan.batchFaults.map(({ code, line }) => `${code} at line ${line}`).join(', '),
    });
  }

  #store(plan: FramePlan, origin: Origin): Promise<FrameOutcome> {
    if (!this.#parts.taking()) return Promise.resolve(this.#unavailable(plan));
    return this.#parts.commit.append(plan.messages.map(({ entry }) => entry)).then(
      (results) => this.#durable(plan, results, origin),
      (error: unknown) => {
        if (this.#storing) {
          const listener = this.#settings.name;
          this.#parts.log.error('messages cannot be stored, none is acknowledged', { listener, error });
        }
        this.#storing = false;
        return this.#unavailable(plan);
      },
    );
  }

  #durable(plan: FramePlan, results: readonly AppendResult[], origin: Origin): FrameOutcome {
    if (!this.#storing) {
      this.#storing = true;
      this.#parts.log.info('messages are stored again', { listener: this.#settings.name });
    }
    const now = this.#parts.clock.now();
    const answers: Answer[] = [];
    const stored: StoredMessage[] = [];
    const afterwards: (() => void)[] = [];
    for (const [n, message] of plan.messages.entries()) {
      const result = results[n];
      if (result === undefined) continue;
      const due = durableAnswer(message, now);
      if (due !== undefined) answers.push(due);
      stored.push({ repeated: result.outcome === 'repeat', errors: message.errors });
      this.#stored(message, result, origin, afterwards);
    }
    return {
      reply: answers.length === 0 ? undefined : joinAnswers(answers, plan.batch === 'enveloped', now),
      codes: answers.map(({ code }) => code),
      close: false,
      stored,
      sent: () => {
        for (const step of afterwards) step();
      },
    };
  }

  #unavailable(plan: FramePlan): FrameOutcome {
    const now = this.#parts.clock.now();
    const answers: Answer[] = [];
    let close = false;
    for (const message of plan.messages) {
      this.#received('not-stored');
      const due = unavailableAnswer(message, this.#settings.unavailable, now);
      if (due === 'close') close = true;
      else answers.push(due);
    }
    if (close || answers.length === 0) return { reply: undefined, codes: [], close, stored: undefined };
    const codes = answers.map(({ code }) => code);
    return { reply: joinAnswers(answers, plan.batch === 'enveloped', now), codes, close, stored: undefined };
  }

  /** A message is durable: hands it on, and prepares what follows its receipt. */
  #stored(message: PlannedMessage, result: AppendResult, origin: Origin, afterwards: (() => void)[]): void {
    const { entry } = message;
    const { sequence, outcome } = result;
    const repeated = outcome === 'repeat';
    const unknown = entry.kind === 'message' && entry.tenant === null;
    this.#received(
      repeated ? 'repeat' : unknown ? 'unknown-sender' : entry.kind === 'message' ? 'archived' : entry.kind,
    );
    if (entry.flags.some((flag) => !flag.startsWith('batch'))) this.#event('charset-fallback');
    if (result.reusedControlId) {
      this.#event('reused-control-id');
      this.#note('a control id was used again for another message', message, result);
    }
    if (entry.kind === 'rejected') this.#note('a message was rejected', message, result);
    if (entry.kind !== 'message') return;
    const wanted = wantsApplicationAnswer(message);
    if (wanted) this.#expect(message, result, origin, afterwards);
    if (entry.tenant === null) {
      if (!repeated) {
        this.#note('a message of an unknown sender is parked', message, result);
        this.#later(() => this.#parts.archive.settle([parkedForTenant(sequence)]), 'left to the sweep to be parked');
      }
      if (wanted) this.#parts.applicationAcks.onSettled(sequence, 'parked', 'the sender is not known here');
      return;
    }
    const item = { tenant: entry.tenant, partition: entry.partition, sequence };
    if (!repeated) this.#enqueuer.add(item);
    else this.#later(() => this.#repeat(item, wanted), 'a repeat could not be looked up');
  }

  /** Behind the acknowledgement of a repeat: a message that is parked, unmapped or not settled yet goes its way again. */
  async #repeat(item: WorkItem, wanted: boolean): Promise<void> {
    const { archive, applicationAcks } = this.#parts;
    if (await archive.release(item.sequence)) {
      this.#received('released-by-repeat');
      const sequence = sequenceName(item.sequence);
      this.#parts.log.info('a repeat released a message', { listener: this.#settings.name, sequence });
      this.#enqueuer.add(item);
      return;
    }
    const earlier = (await archive.get(item.sequence))?.outcome;
    // whoever took it first may have died before it was enqueued
    if (earlier === undefined) this.#enqueuer.add(item);
    else if (wanted) applicationAcks.onSettled(item.sequence, earlier.state, earlier.reason);
  }

  #expect(message: PlannedMessage, result: AppendResult, origin: Origin, afterwards: (() => void)[]): void {
    const { applicationAcks, clock } = this.#parts;
    const undelivered = () => this.#event('application-answer-undelivered');
    if (!origin.open) {
      undelivered();
      return;
    }
    const send: SendOutcome = (outcome, reason) => {
      const code = applicationCode(message.acknowledgement, outcome);
      if (code === undefined) return;
      if (!origin.open) {
        undelivered();
        return;
      }
      const errors = outcome === 'accepted' ? [] : [{ code: '207' as const, text: ascii(reason) }];
      origin.sendLater(answer(message.header, code, errors, clock.now()).bytes);
      this.#event('application-answer-sent');
    };
    applicationAcks.expect(result.sequence, origin, send, undelivered);
    afterwards.push(() => applicationAcks.receiptSent(result.sequence));
  }

  /** Does something behind the acknowledgement; `failed` is what the log says where it cannot be done. */
  #later(work: () => Promise<void>, failed: string): void {
    const running = work()
      .catch((error: unknown) => {
        this.#parts.log.warn(failed, { listener: this.#settings.name, error });
      })
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }

  #received(outcome: ReceivedOutcome, by = 1): void {
    this.#parts.metrics.received.add({ listener: this.#settings.name, outcome }, by);
  }

  #event(event: IntakeEvent): void {
    this.#parts.metrics.frameEvents.add({ listener: this.#settings.name, event });
  }

  #note(text: string, { entry, errors }: PlannedMessage, { sequence }: AppendResult): void {
    const fields = { listener: this.#settings.name, peer: entry.peer, sequence: sequenceName(sequence) };
    const condition = errors[0]?.code;
    this.#parts.log.warn(text, condition === undefined ? fields : { ...fields, state: `HL70357 ${condition}` });
  }
}

function wantsApplicationAnswer(message: PlannedMessage): boolean {
  const { mode, application } = message.acknowledgement;
  return mode === 'enhanced' && application !== 'never';
}

/** ERR holds plain ASCII, whatever the message's character set is. */
function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Fault } from '../../core/errors.js';
import { encodeFrame } from '../../hl7/frame-decoder.js';
import { connectSender, isAccepted, type MllpSender, type SenderTarget } from '../mllp-sender.js';
import type { SimulatedFrame } from './simulation.js';

/** What became of frames. */
export interface SendCounts {
  accepted: number;
  /** Refused although nothing is wrong with them on purpose. */
  refused: number;
  /** Faults that were refused, as they should be. */
  refusedFaults: number;
  /** Sent again after a lost acknowledgement. */
  resent: number;
  reconnects: number;
}

interface SendPlan {
  readonly target: SenderTarget;
  readonly connections: number;
  /** Epoch-free milliseconds from the start at which a frame is due; 0 for at once. */
  readonly dueAt: (frame: SimulatedFrame, index: number) => number;
  /** How long a receiver may be away before the run is given up. Milliseconds. */
  readonly patience: number;
  readonly counts: SendCounts;
  readonly stop: AbortSignal;
}

const queued = 32;

/**
 * Sends frames over several connections, those of one person over the same one and in order: each after the acknowledgement of the
 * one before. A lost connection is made again and what has no acknowledgement is sent again, byte for byte.
 * @throws Fault `not-reachable` when nobody listens at the start, or for longer than the plan's patience.
 */
export async function sendFrames(frames: Iterable<SimulatedFrame>, plan: SendPlan): Promise<void> {
  const lanes = Array.from({ length: plan.connections }, () => new Lane(plan));
  const start = performance.now();
  try {
    await Promise.all(lanes.map((lane) => lane.open()));
    let index = 0;
    for (const frame of frames) {
      const wait = plan.dueAt(frame, index) - (performance.now() - start);
      index += 1;
      if (wait > 1) await pause(wait, undefined, { signal: plan.stop }).catch(() => {});
      if (plan.stop.aborted) break;
      await lanes[frame.person % lanes.length]?.put(frame);
    }
    await Promise.all(lanes.map((lane) => lane.finish()));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** One connection with what waits for it. */
class Lane {
  readonly #plan: SendPlan;
  #sender: MllpSender | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failure: unknown;

  constructor(plan: SendPlan) {
    this.#plan = plan;
  }

  async open(): Promise<void> {
    this.#sender = await connectSender(this.#plan.target);
  }

  /** Resolves when there is room for more. */
  async put(frame: SimulatedFrame): Promise<void> {
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      try {
        if (this.#failure === undefined) await this.#send(frame);
      } catch (error) {
        this.#failure = error;
      } finally {
        this.#waiting -= 1;
      }
    });
    if (this.#waiting >= queued) await this.#last;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async finish(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.#sender?.close();
    this.#sender = undefined;
  }

  async #send(frame: SimulatedFrame): Promise<void> {
    const { counts, target } = this.#plan;
    if (frame.fault === 'half-frame' || frame.fault === 'dropped-connection') {
      const framed = encodeFrame(frame.bytes);
      await writeAndCut(target, frame.fault === 'half-frame' ? framed.subarray(0, framed.length - 2) : framed);
      return;
    }
    const positive = await this.#acknowledged(frame.bytes);
    if (positive) counts.accepted += frame.messages;
    else if (frame.fault === undefined) counts.refused += frame.messages;
    else counts.refusedFaults += frame.messages;
  }

  /** Sends until there is an answer; true for a positive one. */
  async #acknowledged(bytes: Buffer): Promise<boolean> {
    const { counts, patience, target } = this.#plan;
    const since = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (this.#sender === undefined) {
          this.#sender = await connectSender(target);
          counts.reconnects += 1;
        }
        if (attempt > 0) counts.resent += 1;
        return isAccepted(await this.#sender.send(bytes));
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'not-reachable') throw error;
        await this.close();
        if (performance.now() - since > patience || this.#plan.stop.aborted) throw error;
        await pause(Math.min(100 * 2 ** attempt, 5000));
      }
    }
  }
}

/** Opens a connection of its own, writes, and cuts it without reading what comes back. */
async function writeAndCut({ host, port, tls, timeout }: SenderTarget, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = open(host, port, tls);
    socket.setTimeout(timeout, () => socket.destroy());
    socket.once('close', () => resolve());
    socket.on('error', () => socket.destroy());
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.write(bytes, () => socket.destroySoon());
    });
  });
}

function open(host: string, port: number, tls: ConnectionOptions | undefined): Socket {
  return tls === undefined ? connectPlain({ host, port }) : connectTls({ host, port, ...tls });
}

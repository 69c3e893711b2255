import type { AddressInfo } from 'node:net';
import { fault } from '../core/errors.js';
import type { AcceptParts } from './accept.js';
import { type HttpDoor, HttpListener } from './http-listener.js';
import { Listener } from './listener.js';
import type { ListenerSettings } from './listener-settings.js';
import type { RunningListener } from './running-listener.js';

/** A listener that listens. */
interface Running {
  readonly settings: ListenerSettings;
  readonly listener: RunningListener;
  readonly address: AddressInfo;
}

/** What listeners of both kinds need. */
export interface ListenerParts extends AcceptParts {
  /** Needed where a listener is one of HTTP. */
  readonly http?: HttpDoor;
}

/** A listener and where it listens. */
export interface ListeningAt {
  readonly name: string;
  readonly address: AddressInfo;
  /** Open connections. */
  readonly connections: number;
}

/** Milliseconds that the connections of a listener have to finish what is under way. */
const usualGrace = 10_000;

/** The listeners of a process, which may change while it runs. */
export class ListenerSet {
  readonly #parts: ListenerParts;
  #running: readonly Running[] = [];

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** In the order of their settings. */
  list(): ListeningAt[] {
    return this.#running.map(({ settings, listener, address }) => ({
      name: settings.name,
      address,
      connections: listener.connectionCount,
    }));
  }

  /** Starts all, or none: rejects with `config-invalid` or `port-in-use` naming the listener. */
  async start(all: readonly ListenerSettings[]): Promise<void> {
    const made = all.map((settings) => ({ settings, listener: this.#make(settings) }));
    try {
      for (const one of made) this.#running = [...this.#running, { ...one, address: await one.listener.start() }];
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  /**
   * Makes these the listeners: those whose settings are the same go on with their connections, others are stopped as at the
   * end, or started. One that cannot be started is told to `failed`, and goes on as it was where there was one of its name.
   */
  async change(all: readonly ListenerSettings[], failed: (name: string, error: unknown) => void): Promise<void> {
    const before = this.#running;
    const kept = before.filter(({ settings }) => all.some((next) => areSame(next, settings)));
    const made = all.flatMap((settings): Omit<Running, 'address'>[] => {
      if (kept.some((one) => areSame(one.settings, settings))) return [];
      try {
        return [{ settings, listener: this.#make(settings) }];
      } catch (error) {
        failed(settings.name, error);
        kept.push(...before.filter((one) => one.settings.name === settings.name));
        return [];
      }
    });
    const leaving = before.filter((one) => !kept.includes(one));
    await Promise.all(leaving.map(({ listener }) => listener.stop(usualGrace)));
    this.#running = kept;
    for (const { settings, listener } of made) {
      try {
        this.#add({ settings, listener, address: await listener.start() });
      } catch (error) {
        failed(settings.name, error);
        const former = leaving.find((one) => one.settings.name === settings.name);
        if (former !== undefined) await this.#again(former.settings, failed);
      }
    }
    const order = all.map(({ name }) => name);
    this.#running = this.#running.toSorted((a, b) => order.indexOf(a.settings.name) - order.indexOf(b.settings.name));
  }

  reloadCertificates(): void {
    for (const { listener } of this.#running) listener.reloadCertificates();
  }

  async stop(grace = usualGrace): Promise<void> {
    await Promise.all(this.#running.map(({ listener }) => listener.stop(grace)));
  }

  #make(settings: ListenerSettings): RunningListener {
    if (settings.http === undefined) return new Listener(settings, this.#parts);
    const { http } = this.#parts;
    if (http === undefined) throw fault('config-invalid', `listener ${settings.name}: nobody checks tokens here`);
    return new HttpListener(settings, this.#parts, http);
  }

  #add(one: Running): void {
    this.#running = [...this.#running, one];
  }

  async #again(settings: ListenerSettings, failed: (name: string, error: unknown) => void): Promise<void> {
    try {
      const listener = this.#make(settings);
      this.#add({ settings, listener, address: await listener.start() });
    } catch (error) {
      failed(settings.name, error);
    }
  }
}

function areSame(a: ListenerSettings, b: ListenerSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

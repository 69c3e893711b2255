/** A sender as interface engines are: one message at a time, sent again until it is acknowledged, never the next one before. */
import { acknowledged, framed } from '../support/mllp-session.js';
import { RawClient } from '../support/raw-client.js';

export interface SenderEvents {
  sent(): void;
  /** A negative acknowledgement: the message is sent again. */
  refused(code: string): void;
}

export interface SenderOptions {
  readonly port: number;
  /** Milliseconds that an acknowledgement may take before the connection is given up. */
  readonly patience: number;
  /** Milliseconds before the next attempt. */
  readonly pause: number;
}

export class ResendingSender {
  readonly #options: SenderOptions;
  #client: RawClient | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves true once the message is acknowledged; false when `given` says that it is given up. */
  async deliver(text: string, controlId: string, events: SenderEvents, given: () => boolean): Promise<boolean> {
    while (!given()) {
      const code = await this.#attempt(text, controlId, events);
      if (code === 'AA' || code === 'CA') return true;
      if (code !== undefined) events.refused(code);
      await new Promise((resolve) => setTimeout(resolve, this.#options.pause));
    }
    return false;
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** The code of the answer; undefined when there was none. */
  async #attempt(text: string, controlId: string, { sent }: SenderEvents): Promise<string | undefined> {
    const client = this.#client ?? (await RawClient.connect(this.#options.port));
    this.#client = client;
    if (!client.ended) {
      const answers = client.frames.length;
      client.write(framed(text));
      sent();
      const timer = setTimeout(() => client.close(), this.#options.patience);
      const frame = await client.replies(answers + 1).then(
        (frames) => frames[answers],
        () => undefined,
      );
      clearTimeout(timer);
      const [code, id] = acknowledged(frame ?? '')[0] ?? [];
      if (code !== undefined && id === controlId) return code;
    }
    // what comes later on this connection could be taken for the answer to something else
    this.close();
    return undefined;
  }
}

/** The feeds of all tenants: each a connection of its own that has a message at a steady pace, and catches up when it could not send. */
import type { Journal } from './journal.js';
import { ResendingSender } from './resending-sender.js';
import { stayMessage } from './stay-messages.js';

export interface FeedOptions {
  readonly tenants: readonly string[];
  readonly feedsPerTenant: number;
  /** Milliseconds between two messages of a feed. */
  readonly interval: number;
  readonly port: number;
  /** Milliseconds that an acknowledgement may take. */
  readonly patience: number;
}

export interface Feeds {
  /** No further messages; resolves when those under way are acknowledged, or given up after so many milliseconds. */
  stop(within: number): Promise<void>;
}

export function startFeeds(journal: Journal, options: FeedOptions): Feeds {
  let stopped = false;
  let givenUp = false;
  const run = async (tenant: string, feed: string): Promise<void> => {
    const sender = new ResendingSender({ port: options.port, patience: options.patience, pause: 200 });
    let due = performance.now() + Math.random() * options.interval;
    for (let step = 0; ; step++) {
      while (!stopped && performance.now() < due) await pause(Math.min(50, due - performance.now()));
      if (stopped) break;
      due += options.interval;
      const message = stayMessage(tenant, feed, step);
      const entry = journal.sending(message);
      const events = {
        sent: () => entry.attempts++,
        refused: (code: string) => journal.refusedWith(code),
      };
      if (await sender.deliver(message.text, message.controlId, events, () => givenUp)) journal.acknowledged(entry);
    }
    sender.close();
  };
  const running = Promise.all(
    options.tenants.flatMap((tenant, t) =>
      Array.from({ length: options.feedsPerTenant }, (_, n) => run(tenant, `T${t + 1}F${n + 1}`)),
    ),
  );
  return {
    async stop(within) {
      stopped = true;
      const timer = setTimeout(() => {
        givenUp = true;
      }, within);
      await running;
      clearTimeout(timer);
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

import { fault } from '../../core/errors.js';
import { keepThread, type ThreadEvents } from '../../core/kept-thread.js';
import type { AuditOptions } from '../audit-chain.js';
import type { AuditPort } from '../audit-port.js';

/** What the thread serves. */
export interface AuditThread extends AuditPort {
  ready(): Promise<void>;
}

/**
 * Starts the audit in a thread of its own and resolves when its file is open; rejects with `audit-unavailable` where that
 * is not possible. When the thread ends by itself, `append` rejects with `audit-unavailable` until a fresh one works.
 */
export async function startAuditThread(file: string, options: AuditOptions, events?: ThreadEvents): Promise<AuditPort> {
  const kept = keepThread<AuditThread>({
    entry: new URL('./audit-thread.js', import.meta.url),
    methods: ['ready', 'append', 'list', 'verify', 'close'],
    workerData: () => ({ file, options }),
    begin: (fresh) => fresh.ready(),
    end: (now) => now.close(),
    ...(events === undefined ? {} : { events }),
  });
  await kept.start();
  const thread = kept.calls;
  return {
    async append(events) {
      try {
        await thread.append(events);
      } catch (error) {
        throw fault('audit-unavailable', 'the audit cannot be written', { cause: error });
      }
    },
    list: (filter) => thread.list(filter),
    verify: () => thread.verify(),
    close: () => kept.close(),
  };
}

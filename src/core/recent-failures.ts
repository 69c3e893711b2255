import { Fault } from './errors.js';
import type { Log, LogFields } from './log.js';

/** A warning or an error that was logged. As the log itself, it holds nothing of a patient. */
export interface RecentFailure {
  /** Epoch ms. */
  readonly at: number;
  readonly level: 'warn' | 'error';
  readonly text: string;
  /** Listener, part or tenant that it is about, where there is one. */
  readonly about: string;
}

/** A log that goes on as it was, and remembers its last warnings and errors. */
export interface RememberingLog {
  readonly log: Log;
  /** Newest first. */
  recent(): readonly RecentFailure[];
}

const kept = 20;

/** Remembers what `log` is given from warnings on; `now` in epoch ms. */
export function rememberFailures(log: Log, now: () => number): RememberingLog {
  const failures: RecentFailure[] = [];
  const remember = (level: RecentFailure['level'], text: string, fields: LogFields): void => {
    const reason = fields.error instanceof Fault ? `: ${fields.error.message}` : '';
    const about = fields.listener ?? fields.part ?? fields.tenant ?? fields.route ?? '';
    failures.unshift({ at: now(), level, text: `${text}${reason}`, about });
    failures.length = Math.min(failures.length, kept);
  };
  const over = (inner: Log, always: LogFields): Log => ({
    debug: (text, fields) => inner.debug(text, fields),
    info: (text, fields) => inner.info(text, fields),
    warn: (text, fields) => {
      remember('warn', text, { ...always, ...fields });
      inner.warn(text, fields);
    },
    error: (text, fields) => {
      remember('error', text, { ...always, ...fields });
      inner.error(text, fields);
    },
    with: (fields) => over(inner.with(fields), { ...always, ...fields }),
  });
  return { log: over(log, {}), recent: () => failures };
}

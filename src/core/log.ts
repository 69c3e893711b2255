import { Writable } from 'node:stream';
import { type DestinationStream, destination, pino } from 'pino';
import { type ErrorCode, Fault } from './errors.js';

/**
 * All that a log line may carry beside its fixed text. A closed set: none of it comes out of a message or a query, so
 * nothing of a patient can stand in a log.
 */
export interface LogFields {
  readonly part?: string;
  readonly listener?: string;
  /** Address of the other side. */
  readonly peer?: string;
  readonly tenant?: string;
  readonly client?: string;
  /** Name of an archive row (`run-number`). */
  readonly sequence?: string;
  readonly partition?: number;
  readonly code?: ErrorCode;
  readonly state?: string;
  readonly event?: string;
  readonly route?: string;
  readonly status?: number;
  readonly host?: string;
  readonly port?: number;
  readonly count?: number;
  readonly bytes?: number;
  readonly milliseconds?: number;
  readonly version?: string;
  /** A fault is logged with code and text; of any other error only its name and where it was thrown. */
  readonly error?: unknown;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  with(fields: LogFields): Log;
}

interface LogOptions {
  readonly level: LogLevel;
  /** Plain lines for people instead of JSON; by default where stderr is a terminal. */
  readonly plain?: boolean;
  readonly to?: DestinationStream;
}

/** Writes to stderr: JSON lines, or plain ones on a terminal. */
export function createLog({ level, plain = process.stderr.isTTY === true, to }: LogOptions): Log {
  const out = to ?? destination({ dest: 2, sync: true });
  const target = plain ? plainLines(out) : out;
  return over(
    pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: named } }, target),
  );
}

/** Throws every line away; for tests and one-shot commands. */
export const silentLog: Log = createLog({ level: 'silent', plain: false });

function over(logger: pino.Logger): Log {
  return {
    debug: (text, fields) => logger.debug(clean(fields), text),
    info: (text, fields) => logger.info(clean(fields), text),
    warn: (text, fields) => logger.warn(clean(fields), text),
    error: (text, fields) => logger.error(clean(fields), text),
    with: (fields) => over(logger.child(clean(fields))),
  };
}

function named(label: string): { level: string } {
  return { level: label };
}

function clean({ error, ...fields }: LogFields = {}): object {
  if (error === undefined) return fields;
  if (error instanceof Fault) return { ...fields, code: error.code, error: error.message };
  if (!(error instanceof Error)) return { ...fields, error: typeof error };
  const code = (error as NodeJS.ErrnoException).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    ...fields,
    error: code === undefined ? error.name : `${error.name} ${code}`,
    stack: frames.map((line) => line.trim()),
  };
}

/** Rewrites JSON lines as `12:34:56 warn  text  field=value`. */
function plainLines(out: DestinationStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string | Buffer, _encoding, done) {
      const { level, time, msg, stack, ...fields } = JSON.parse(line.toString()) as Record<string, unknown>;
      const pairs = Object.entries(fields).map(([name, value]) => `  ${name}=${String(value)}`);
      const frames = Array.isArray(stack) ? stack.map((frame) => `\n    ${String(frame)}`) : [];
      out.write(
        `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}${pairs.join('')}${frames.join('')}\n`,
      );
      done();
    },
  });
}

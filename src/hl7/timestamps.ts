/** How much of a timestamp the sender gave. */
export type TimestampPrecision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/** A TS, DTM or DT value by its parts; what was not given has its least value, `precision` says how far it goes. */
export interface Timestamp {
  readonly precision: TimestampPrecision;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the decimal point of the seconds, as they were sent; '' for none. */
  readonly fraction: string;
  /** Minutes east of UTC; undefined when the value names no offset. */
  readonly offset: number | undefined;
}

/** A TM value by its parts. */
export interface TimeOfDay {
  readonly precision: 'hour' | 'minute' | 'second';
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
  readonly offset: number | undefined;
}

/** Why a text is no time: it has another form, or names a day or hour that does not exist. */
export interface TimestampFault {
  readonly fault: 'malformed' | 'impossible';
  readonly detail: string;
}

const hl7 =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d*))?)?)?)?)?)?(?:([+-])(\d{2})(\d{2})?|(Z))?$/;
const iso =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d*))?)?)?)?(?:([+-])(\d{2}):?(\d{2})?|(Z))?$/;
const time = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d*))?)?)?(?:([+-])(\d{2}):?(\d{2})?|(Z))?$/;

/**
 * Reads a TS, DTM or DT value (HL7 v2.8, 2A.3.21 and 2A.3.22): `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`; also the ISO 8601 form that
 * some senders use. Days that no calendar has and hours that no clock shows are refused, never bent.
 */
export function parseTimestamp(text: string): Timestamp | TimestampFault {
  return plainTimestamp(text) ?? anyTimestamp(text);
}

/** A value of 4, 6, 8, 10, 12 or 14 digits and no more, as most are; undefined for any other, right or wrong. */
function plainTimestamp(text: string): Timestamp | undefined {
  const { length } = text;
  if (length < 4 || length > 14 || length % 2 === 1) return undefined;
  const year = numberAt(text, 0) * 100 + numberAt(text, 2);
  const month = length > 4 ? numberAt(text, 4) : 1;
  const day = length > 6 ? numberAt(text, 6) : 1;
  const hour = length > 8 ? numberAt(text, 8) : 0;
  const minute = length > 10 ? numberAt(text, 10) : 0;
  const second = length > 12 ? numberAt(text, 12) : 0;
  const isDay = year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!isDay || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  const precision = precisions[length / 2 - 2] ?? 'year';
  return { precision, year, month, day, hour, minute, second, fraction: '', offset: undefined };
}

const precisions = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

/** The number of two digits; NaN where there is anything else. */
function numberAt(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function anyTimestamp(text: string): Timestamp | TimestampFault {
  const trimmed = text.trim();
  const match = hl7.exec(trimmed) ?? iso.exec(trimmed);
  if (match === null) return { fault: 'malformed', detail: 'YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ] expected' };
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours, minutes, utc] = match;
  const parts = {
    precision: precisionOf(month, day, hour, minute, second),
    year: Number(year),
    month: Number(month ?? 1),
    day: Number(day ?? 1),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    fraction: fraction.slice(0, 9),
    offset: offsetOf(sign, hours, minutes, utc),
  };
  if (
    parts.year === 0 ||
    parts.month < 1 ||
    parts.month > 12 ||
    parts.day < 1 ||
    parts.day > daysIn(parts.year, parts.month)
  ) {
    return { fault: 'impossible', detail: 'there is no such day' };
  }
  return clockFault(parts) ?? parts;
}

/** Reads a TM value (2A.3.75): `HH[MM[SS[.S…]]][+/-ZZZZ]`, with or without colons. */
export function parseTimeOfDay(text: string): TimeOfDay | TimestampFault {
  const match = time.exec(text.trim());
  if (match === null) return { fault: 'malformed', detail: 'HH[MM[SS[.S]]][+/-ZZZZ] expected' };
  const [, hour, minute, second, fraction = '', sign, hours, minutes, utc] = match;
  const parts = {
    precision:
      second !== undefined ? ('second' as const) : minute !== undefined ? ('minute' as const) : ('hour' as const),
    hour: Number(hour),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    fraction: fraction.slice(0, 9),
    offset: offsetOf(sign, hours, minutes, utc),
  };
  return clockFault(parts) ?? parts;
}

export function isTimestampFault(result: object): result is TimestampFault {
  return 'fault' in result;
}

function precisionOf(...parts: (string | undefined)[]): TimestampPrecision {
  const missing = parts.indexOf(undefined);
  return precisions[missing === -1 ? 5 : missing] ?? 'year';
}

function offsetOf(sign?: string, hours?: string, minutes?: string, utc?: string): number | undefined {
  if (utc !== undefined) return 0;
  if (sign === undefined) return undefined;
  const size = Number(hours) * 60 + Number(minutes ?? 0);
  return sign === '-' ? 0 - size : size;
}

function clockFault(parts: Pick<TimeOfDay, 'hour' | 'minute' | 'second' | 'offset'>): TimestampFault | undefined {
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 59) {
    return { fault: 'impossible', detail: 'there is no such time of day' };
  }
  if (parts.offset !== undefined && Math.abs(parts.offset) > 14 * 60) {
    return { fault: 'impossible', detail: 'an offset is at most 14 hours' };
  }
  return undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

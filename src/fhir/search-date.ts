/** The open ends of a period, as epoch milliseconds: the first and last instants that a Date can hold. */
export const earliest = -8_640_000_000_000_000;
export const latest = 8_640_000_000_000_000;

/** Epoch milliseconds, `from` inclusive, `to` exclusive. */
export interface DateRange {
  readonly from: number;
  readonly to: number;
}

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * The range that a FHIR date, dateTime or instant covers by its precision: a year, a month, a day, a minute, a second or
 * a fraction of it. Without an offset it is taken as UTC, in data and in searches alike. Null when it is not a real date.
 */
export function parseDateRange(text: string): DateRange | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const y = Number(year);
  const m = month === undefined ? 1 : Number(month);
  const d = day === undefined ? 1 : Number(day);
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) return null;
  if (month === undefined) return { from: utc(y, 1, 1), to: utc(y + 1, 1, 1) };
  if (day === undefined) return { from: utc(y, m, 1), to: m === 12 ? utc(y + 1, 1, 1) : utc(y, m + 1, 1) };
  const start = utc(y, m, d);
  if (hour === undefined) return { from: start, to: start + 86_400_000 };
  return timeRange(start, Number(hour), Number(minute), second, fraction, zone);
}

function timeRange(
  day: number,
  hour: number,
  minute: number,
  second: string | undefined,
  fraction: string | undefined,
  zone: string | undefined,
): DateRange | null {
  const s = second === undefined ? 0 : Number(second);
  const offset = offsetMinutes(zone);
  if (hour > 23 || minute > 59 || s > 60 || offset === null) return null;
  const from = day + hour * 3_600_000 + (minute - offset) * 60_000 + s * 1000;
  if (second === undefined) return { from, to: from + 60_000 };
  if (fraction === undefined) return { from, to: from + 1000 };
  const digits = fraction.slice(0, 3);
  const unit = 10 ** (3 - digits.length);
  const start = from + Number(digits) * unit;
  return { from: start, to: start + unit };
}

function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59 || (hours === 14 && minutes > 0)) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** Days of a month (1 to 12) in the Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function utc(year: number, month: number, day: number): number {
  const time = Date.UTC(2000, month - 1, day);
  return year === 2000 ? time : new Date(time).setUTCFullYear(year, month - 1, day);
}

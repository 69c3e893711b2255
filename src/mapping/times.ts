/** A DT, DTM or TS value as far as it was sent. */
export interface SentTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
  /** Number of parts sent: 1 the year … 4 the hour, 5 the minute, 6 the second. */
  readonly precision: number;
  /** Minutes east of UTC; undefined when none was sent. */
  readonly offset: number | undefined;
}

/** A time for FHIR, and what had to be decided to make it. */
export interface FhirTime {
  readonly text: string;
  readonly flag: 'zone-unknown' | 'hour-repeated' | 'hour-skipped' | undefined;
}

const sent = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d{1,9}))?)?)?)?)?)?(?:([+-])(\d{2}):?(\d{2}))?$/;
const iso = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?)?(?:([+-])(\d{2}):?(\d{2})|Z)?$/;

/** Reads a time as HL7 v2 writes it (v2.8, 2A.3.22), or as ISO 8601. Undefined when it is none, or a date that does not exist. */
export function readTime(text: string): SentTime | undefined {
  const trimmed = text.trim();
  const found = sent.exec(trimmed) ?? iso.exec(trimmed);
  if (found === null) return undefined;
  const parts = found.slice(1, 7);
  let precision = parts.findIndex((part) => part === undefined);
  if (precision === -1) precision = 6;
  let [year, month, day, hour, minute, second] = parts.map((part, index) => (part === undefined ? (index < 3 ? 1 : 0) : Number(part)));
  if (trimmed.length === 8 && month === 0 && day === 0) {
    precision = 1;
    month = 1;
    day = 1;
  } else if (precision >= 3 && day === 0) {
    precision = 2;
    day = 1;
  }
  year ??= 0;
  month ??= 1;
  day ??= 1;
  hour ??= 0;
  minute ??= 0;
  second ??= 0;
  if (hour === 24 && minute === 0 && second === 0) hour = 0;
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const [, , , , , , , fraction = '', sign, offsetHours, offsetMinutes] = found;
  let offset = sign === undefined ? undefined : (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  if (trimmed.endsWith('Z')) offset = 0;
  if (offset !== undefined && Math.abs(offset) > 14 * 60) return undefined;
  return { year, month, day, hour, minute, second: Math.min(second, 59), fraction, precision, offset };
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000, month, 0)).getUTCDate() - (month === 2 && !isLeap(year) ? 1 : 0);
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** The date part, as far as sent: `2024`, `2024-05`, `2024-05-03`. */
export function fhirDate(time: SentTime): string {
  const year = String(time.year).padStart(4, '0');
  if (time.precision === 1) return year;
  if (time.precision === 2) return `${year}-${two(time.month)}`;
  return `${year}-${two(time.month)}-${two(time.day)}`;
}

/** As dateTime, with the zone of the place where no offset was sent; a time without any zone becomes its date. */
export function fhirDateTime(time: SentTime, zone: string | undefined): FhirTime {
  const date = fhirDate(time);
  if (time.precision < 4) return { text: date, flag: undefined };
  if (time.offset === undefined && zone === undefined) return { text: date, flag: 'zone-unknown' };
  if (time.offset !== undefined) return { text: `${date}T${clockOf(time)}${offsetText(time.offset)}`, flag: undefined };
  const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  const { offset, flag } = localOffset(local, zone ?? 'UTC');
  if (flag !== 'hour-skipped') return { text: `${date}T${clockOf(time)}${offsetText(offset)}`, flag };
  const moved = new Date(local + offset * 60_000 - localOffsetBefore(local, zone ?? 'UTC') * 60_000);
  const text = moved.toISOString().slice(0, 19);
  return { text: `${text}${time.fraction === '' ? '' : `.${time.fraction}`}${offsetText(offset)}`, flag };
}

/** Epoch milliseconds of a time; local times by zone, else undefined. A date is its first moment. */
export function instantOf(time: SentTime, zone: string | undefined): number | undefined {
  const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second, Number(time.fraction.slice(0, 3).padEnd(3, '0')));
  if (time.offset !== undefined) return local - time.offset * 60_000;
  if (zone === undefined) return undefined;
  const { offset, flag } = localOffset(local, zone);
  return local - (flag === 'hour-skipped' ? localOffsetBefore(local, zone) : offset) * 60_000;
}

/** Both instants of a local time that comes twice that day, else the one; epoch milliseconds. */
export function readingsOf(time: SentTime, zone: string): readonly number[] {
  const first = instantOf(time, zone);
  if (first === undefined) return [];
  if (time.offset !== undefined) return [first];
  const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  if (localOffset(local, zone).flag !== 'hour-repeated') return [first];
  return [first, first + (offsetAt(local - day, zone) - offsetAt(local + day, zone)) * 60_000];
}

/** `HH:MM:SS`, with the fraction sent. */
export function clockOf(time: SentTime): string {
  const clock = `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
  return time.fraction === '' ? clock : `${clock}.${time.fraction}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

const day = 86_400_000;

/** The offset of a local time: of a repeated hour the first reading, of a skipped one the offset after it. */
function localOffset(local: number, zone: string): { readonly offset: number; readonly flag: FhirTime['flag'] } {
  const before = offsetAt(local - day, zone);
  const after = offsetAt(local + day, zone);
  if (before === after) return { offset: before, flag: undefined };
  const early = offsetAt(local - before * 60_000, zone) === before;
  const late = offsetAt(local - after * 60_000, zone) === after;
  if (early && late) return { offset: before, flag: 'hour-repeated' };
  if (early) return { offset: before, flag: undefined };
  return late ? { offset: after, flag: undefined } : { offset: after, flag: 'hour-skipped' };
}

function localOffsetBefore(local: number, zone: string): number {
  return offsetAt(local - day, zone);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Offset of a zone at an instant in minutes, remembered by the hour. */
function offsetAt(instant: number, zone: string): number {
  const hour = Math.floor(instant / 3_600_000);
  const key = `${zone} ${hour}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' });
    } catch {
      format = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' });
    }
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(hour * 3_600_000)) parts[type] = Number(value);
  const local = Date.UTC(parts['year'] ?? 1970, (parts['month'] ?? 1) - 1, parts['day'] ?? 1, parts['hour'] ?? 0, parts['minute'] ?? 0);
  const offset = Math.round((local - hour * 3_600_000) / 60_000);
  if (offsets.size > 100_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

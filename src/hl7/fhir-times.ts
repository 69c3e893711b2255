import { readLocal, utc, zoneOffset } from './time-zones.js';
import type { TimeOfDay, Timestamp } from './timestamps.js';

/**
 * What had to be decided. `repeated-hour`: the local time occurs twice, the first was taken. `skipped-hour`: it does not occur, it was
 * moved forward. `no-zone`: neither the value nor the settings name an offset, only the date was kept. `filled`: minutes were not sent
 * and FHIR demands them. `too-coarse`: there is no time of day, and an instant needs one.
 */
export type TimeFlag = 'repeated-hour' | 'skipped-hour' | 'no-zone' | 'filled' | 'too-coarse';

export interface FhirTime {
  /** The FHIR text, undefined when the value cannot be one. */
  readonly text: string | undefined;
  readonly flags: readonly TimeFlag[];
}

const noFlags: readonly TimeFlag[] = Object.freeze([]);

/** FHIR `date`: the calendar day as it was written, to the precision sent. It has no zone and is never shifted by one. */
export function toFhirDate(value: Timestamp): string {
  const year = digits(value.year, 4);
  if (value.precision === 'year') return year;
  const month = `${year}-${digits(value.month, 2)}`;
  return value.precision === 'month' ? month : `${month}-${digits(value.day, 2)}`;
}

/**
 * FHIR `dateTime` to the precision sent; seconds that were not sent are zero, as FHIR has it. A time takes the offset of the value, else
 * that of the IANA zone at that moment, in whole minutes; with neither only its date is kept. Throws RangeError for an unknown zone.
 */
export function toFhirDateTime(value: Timestamp, zone: string | undefined): FhirTime {
  if (isDate(value)) return { text: toFhirDate(value), flags: noFlags };
  if (value.offset !== undefined) {
    return { text: `${toFhirDate(value)}T${clock(value)}${offsetText(value.offset)}`, flags: filled(value) };
  }
  if (zone === undefined) return { text: toFhirDate(value), flags: ['no-zone'] };
  const reading = readLocal(zone, localTime(value));
  const flags = [...filled(value)];
  if (reading.second !== undefined) flags.push('repeated-hour');
  const offset = Math.round(zoneOffset(zone, reading.instant) / 60_000);
  if (!reading.skipped) return { text: `${toFhirDate(value)}T${clock(value)}${offsetText(offset)}`, flags };
  flags.push('skipped-hour');
  const moved = new Date(reading.instant + offset * 60_000).toISOString().slice(0, 19);
  return { text: `${moved}${value.fraction === '' ? '' : `.${value.fraction}`}${offsetText(offset)}`, flags };
}

/** FHIR `instant`: like `toFhirDateTime`, and undefined where that gives no time of day. */
export function toFhirInstant(value: Timestamp, zone: string | undefined): FhirTime {
  if (isDate(value)) return { text: undefined, flags: ['too-coarse'] };
  if (value.offset === undefined && zone === undefined) return { text: undefined, flags: ['no-zone'] };
  return toFhirDateTime(value, zone);
}

/** FHIR `time`: the time of day as it was written; it has no zone. */
export function toFhirTime(value: TimeOfDay | Timestamp): string {
  return clock(value);
}

/**
 * The instant a value means, in epoch ms, for ordering events; a date is its first moment. Of a repeated local time the latest reading
 * not after `notAfter` (epoch ms) is taken, without that bound the first. Undefined when neither value nor settings name an offset.
 * Throws RangeError for an unknown zone.
 */
export function toEpoch(
  value: Timestamp,
  zone: string | undefined,
  notAfter = Number.NEGATIVE_INFINITY,
): number | undefined {
  const local = localTime(value);
  const milliseconds = Number(value.fraction.slice(0, 3).padEnd(3, '0'));
  if (value.offset !== undefined) return local - value.offset * 60_000 + milliseconds;
  if (zone === undefined) return undefined;
  const { instant, second } = readLocal(zone, local);
  return (second !== undefined && second + milliseconds <= notAfter ? second : instant) + milliseconds;
}

function isDate(value: Timestamp): boolean {
  return value.precision === 'year' || value.precision === 'month' || value.precision === 'day';
}

function filled(value: Timestamp): readonly TimeFlag[] {
  return value.precision === 'hour' ? ['filled'] : noFlags;
}

function localTime(value: Timestamp): number {
  return utc(value.year, value.month, value.day, value.hour, value.minute, value.second);
}

function clock(value: Pick<TimeOfDay, 'hour' | 'minute' | 'second' | 'fraction'>): string {
  const whole = `${digits(value.hour, 2)}:${digits(value.minute, 2)}:${digits(value.second, 2)}`;
  return value.fraction === '' ? whole : `${whole}.${value.fraction}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60), 2)}:${digits(size % 60, 2)}`;
}

function digits(value: number, count: number): string {
  return (count === 2 ? pairs[value] : undefined) ?? String(value).padStart(count, '0');
}

const pairs = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

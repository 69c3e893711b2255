import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toEpoch, toFhirDate, toFhirDateTime, toFhirInstant, toFhirTime } from '../../src/hl7/fhir-times.js';
import { isKnownZone, readLocal, zoneOffset } from '../../src/hl7/time-zones.js';
import { isTimestampFault, parseTimeOfDay, parseTimestamp, type Timestamp } from '../../src/hl7/timestamps.js';

function parse(text: string): Timestamp {
  const value = parseTimestamp(text);
  if (isTimestampFault(value)) throw new Error(`${text}: ${value.detail}`);
  return value;
}

const berlin = 'Europe/Berlin';

test('a value keeps its precision, and a date never gets a zone', () => {
  const table: [text: string, zone: string | undefined, date: string, dateTime: string, flags: string][] = [
    ['2026', berlin, '2026', '2026', ''],
    ['202603', berlin, '2026-03', '2026-03', ''],
    ['20260301', berlin, '2026-03-01', '2026-03-01', ''],
    ['20260301+0100', berlin, '2026-03-01', '2026-03-01', ''],
    ['2026030110', berlin, '2026-03-01', '2026-03-01T10:00:00+01:00', 'filled'],
    ['202603011015', berlin, '2026-03-01', '2026-03-01T10:15:00+01:00', ''],
    ['20260701101530', berlin, '2026-07-01', '2026-07-01T10:15:30+02:00', ''],
    ['20260301101530.1234', berlin, '2026-03-01', '2026-03-01T10:15:30.1234+01:00', ''],
    ['20260301101530.', berlin, '2026-03-01', '2026-03-01T10:15:30+01:00', ''],
    ['20260301233000-0500', berlin, '2026-03-01', '2026-03-01T23:30:00-05:00', ''],
    ['20260301233000+0530', undefined, '2026-03-01', '2026-03-01T23:30:00+05:30', ''],
    ['202603012330-00', undefined, '2026-03-01', '2026-03-01T23:30:00+00:00', ''],
    ['20260301233000Z', undefined, '2026-03-01', '2026-03-01T23:30:00+00:00', ''],
    ['20260301233000', undefined, '2026-03-01', '2026-03-01', 'no-zone'],
    [' 20260301 ', undefined, '2026-03-01', '2026-03-01', ''],
    ['2026-03-01', undefined, '2026-03-01', '2026-03-01', ''],
    ['2026-03-01T10:15:30.5+01:00', undefined, '2026-03-01', '2026-03-01T10:15:30.5+01:00', ''],
    ['2026-03-01 10:15', berlin, '2026-03-01', '2026-03-01T10:15:00+01:00', ''],
    ['20240229', undefined, '2024-02-29', '2024-02-29', ''],
    ['20260329023000', berlin, '2026-03-29', '2026-03-29T03:30:00+02:00', 'skipped-hour'],
    ['20260329020000', berlin, '2026-03-29', '2026-03-29T03:00:00+02:00', 'skipped-hour'],
    ['20260329015959', berlin, '2026-03-29', '2026-03-29T01:59:59+01:00', ''],
    ['20260329030000', berlin, '2026-03-29', '2026-03-29T03:00:00+02:00', ''],
    ['20261025023000', berlin, '2026-10-25', '2026-10-25T02:30:00+02:00', 'repeated-hour'],
    ['20261025020000', berlin, '2026-10-25', '2026-10-25T02:00:00+02:00', 'repeated-hour'],
    ['20261025030000', berlin, '2026-10-25', '2026-10-25T03:00:00+01:00', ''],
    ['20261025023000+0100', berlin, '2026-10-25', '2026-10-25T02:30:00+01:00', ''],
    ['20261101013000', 'America/New_York', '2026-11-01', '2026-11-01T01:30:00-04:00', 'repeated-hour'],
    ['20260308023000', 'America/New_York', '2026-03-08', '2026-03-08T03:30:00-04:00', 'skipped-hour'],
    ['20261231235959', 'Asia/Kathmandu', '2026-12-31', '2026-12-31T23:59:59+05:45', ''],
    ['20260405014500', 'Australia/Lord_Howe', '2026-04-05', '2026-04-05T01:45:00+11:00', 'repeated-hour'],
    ['18800101120000', berlin, '1880-01-01', '1880-01-01T12:00:00+00:53', ''],
    ['19800406023000', berlin, '1980-04-06', '1980-04-06T03:30:00+02:00', 'skipped-hour'],
  ];
  for (const [text, zone, date, dateTime, flags] of table) {
    const value = parse(text);
    assert.equal(toFhirDate(value), date, text);
    const result = toFhirDateTime(value, zone);
    assert.deepEqual([result.text, result.flags.join()], [dateTime, flags], text);
  }
});

test('impossible and malformed times are refused', () => {
  const table: [string, string][] = [
    ['', 'malformed'],
    ['202', 'malformed'],
    ['20261', 'malformed'],
    ['2026-3-1', 'malformed'],
    ['01.03.2026', 'malformed'],
    ['yesterday', 'malformed'],
    ['2026030110153', 'malformed'],
    ['20260301101530+1', 'malformed'],
    ['00000000', 'impossible'],
    ['20261301', 'impossible'],
    ['20260230', 'impossible'],
    ['20260229', 'impossible'],
    ['19000229', 'impossible'],
    ['20260431', 'impossible'],
    ['20260300', 'impossible'],
    ['2026030124', 'impossible'],
    ['202603011060', 'impossible'],
    ['20260301101560', 'impossible'],
    ['20260301101530+1500', 'impossible'],
  ];
  for (const [text, fault] of table) {
    const result = parseTimestamp(text);
    assert.ok(isTimestampFault(result), text);
    assert.equal(result.fault, fault, text);
  }
});

test('an instant needs a time of day and an offset', () => {
  const table: [string, string | undefined, string | undefined, string][] = [
    ['20260301', berlin, undefined, 'too-coarse'],
    ['202603011015', undefined, undefined, 'no-zone'],
    ['202603011015', berlin, '2026-03-01T10:15:00+01:00', ''],
    ['20260301101500.25-0500', undefined, '2026-03-01T10:15:00.25-05:00', ''],
  ];
  for (const [text, zone, instant, flags] of table) {
    const result = toFhirInstant(parse(text), zone);
    assert.deepEqual([result.text, result.flags.join()], [instant, flags], text);
  }
});

test('times of day', () => {
  const table: [string, string | undefined][] = [
    ['10', '10:00:00'],
    ['1015', '10:15:00'],
    ['101530', '10:15:30'],
    ['101530.25+0100', '10:15:30.25'],
    ['10:15', '10:15:00'],
    ['2460', undefined],
    ['1', undefined],
    ['noon', undefined],
  ];
  for (const [text, expected] of table) {
    const value = parseTimeOfDay(text);
    assert.equal(isTimestampFault(value) ? undefined : toFhirTime(value), expected, text);
  }
});

test('event times are instants; in a repeated hour the latest reading not after the bound', () => {
  const at = (text: string) => Date.parse(text);
  const table: [string, string | undefined, number | undefined, number | undefined][] = [
    ['20260301101530.5', berlin, undefined, at('2026-03-01T09:15:30.500Z')],
    ['20260301101530+0500', berlin, undefined, at('2026-03-01T05:15:30Z')],
    ['20260301', berlin, undefined, at('2026-02-28T23:00:00Z')],
    ['2026', berlin, undefined, at('2025-12-31T23:00:00Z')],
    ['20260301101530', undefined, undefined, undefined],
    ['20261025023000', berlin, undefined, at('2026-10-25T00:30:00Z')],
    ['20261025023000', berlin, at('2026-10-25T00:40:00Z'), at('2026-10-25T00:30:00Z')],
    ['20261025023000', berlin, at('2026-10-25T01:30:00Z'), at('2026-10-25T01:30:00Z')],
    ['20261025023000', berlin, at('2026-10-25T05:00:00Z'), at('2026-10-25T01:30:00Z')],
    ['20260329023000', berlin, undefined, at('2026-03-29T01:30:00Z')],
  ];
  for (const [text, zone, bound, instant] of table) assert.equal(toEpoch(parse(text), zone, bound), instant, text);
});

test('zones are known by their IANA names', () => {
  assert.equal(isKnownZone(berlin), true);
  assert.equal(isKnownZone('UTC'), true);
  assert.equal(isKnownZone('Europe/Atlantis'), false);
  assert.throws(() => toFhirDateTime(parse('202603011015'), 'Europe/Atlantis'), RangeError);
});

test('local times read back as what a clock in the zone shows', () => {
  const names = [
    'Europe/Berlin',
    'America/New_York',
    'Africa/Casablanca',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Pacific/Apia',
  ];
  const instants = fc.integer({ min: Date.UTC(1995, 0, 1) / 1000, max: Date.UTC(2036, 0, 1) / 1000 });
  fc.assert(
    fc.property(fc.constantFrom(...names), instants, (zone, seconds) => {
      const instant = seconds * 1000;
      const shown = new Intl.DateTimeFormat('sv-SE', {
        timeZone: zone,
        dateStyle: 'short',
        timeStyle: 'medium',
      }).format(instant);
      const local = Date.parse(`${shown.replace(' ', 'T')}Z`);
      assert.equal(zoneOffset(zone, instant), local - instant);
      const reading = readLocal(zone, local);
      assert.equal(reading.skipped, false);
      assert.ok(reading.instant === instant || reading.second === instant);
      assert.ok(reading.second === undefined || reading.second > reading.instant);
    }),
    { numRuns: 300 },
  );
});

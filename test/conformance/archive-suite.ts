import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { compareSequences, sequenceName } from '../../src/core/stamp.js';
import type { ArchiveEntry, ArchivePort, ArchiveRow, SettleOutcome } from '../../src/store/archive-port.js';

export interface ArchiveUnderTest {
  readonly port: ArchivePort;
  /** The archive as the next process run finds it, when this one has ended without closing anything. */
  readonly nextRun: () => Promise<ArchivePort>;
  readonly end: () => Promise<void>;
}

export const north = '3f0c1f5a-0000-4000-8000-000000000001';
export const south = '3f0c1f5a-0000-4000-8000-000000000002';
const january = Date.UTC(2026, 0, 31, 23, 0);
const february = Date.UTC(2026, 1, 1, 1, 0);

const mib = 1024 * 1024;

let controlIds = 0;

/** An entry with a control id of its own. */
export function entry(over: Partial<ArchiveEntry> = {}): ArchiveEntry {
  const controlId = over.controlId ?? `C${++controlIds}`;
  return {
    tenant: north,
    kind: 'message',
    arrival: february,
    listener: 'adt',
    peer: '127.0.0.1',
    sender: 'APP|FAC',
    type: 'ADT^A01',
    sentAt: '20260201010000',
    controlId,
    partition: 3,
    flags: [],
    payload: new TextEncoder().encode(`MSH|^~\\&|APP|FAC|||20260201010000||ADT^A01|${controlId}|P|2.5\r`),
    ...over,
  };
}

export function outcome(row: Pick<ArchiveRow, 'sequence'>, over: Partial<SettleOutcome> = {}): SettleOutcome {
  return {
    tenant: north,
    sequence: row.sequence,
    state: 'applied',
    reason: '',
    eventTime: february,
    authority: 50,
    mappingVersion: 1,
    keys: [],
    made: [],
    ...over,
  };
}

const name = ({ sequence }: Pick<ArchiveRow, 'sequence'>): string => sequenceName(sequence);
const names = (rows: readonly Pick<ArchiveRow, 'sequence'>[]): string[] => rows.map(name);

/** What every archive must do. */
export function archiveSuite(suite: string, make: () => Promise<ArchiveUnderTest>): void {
  describe(`archive: ${suite}`, () => {
    const open: ArchiveUnderTest[] = [];
    const fresh = async (): Promise<ArchiveUnderTest> => {
      const made = await make();
      open.push(made);
      return made;
    };
    after(async () => {
      for (const made of open) await made.end();
    });

    test('gives back what was appended, byte for byte, in the order asked', async () => {
      const { port } = await fresh();
      const long = new TextEncoder().encode('OBX|1|TX|||'.concat('ä'.repeat(30_000)));
      const entries = [
        entry({ flags: ['charset-fallback', 'other'] }),
        entry({ payload: new Uint8Array([0, 255, 13, 10]), sender: 'Ü|' }),
        entry({ payload: long, tenant: south, type: 'ORU^R01', peer: 'file.hl7' }),
        entry({ payload: new Uint8Array(), tenant: null, kind: 'rejected', controlId: '' }),
      ];
      const results = await port.append(entries);
      assert.deepEqual(
        results.map((result) => result.outcome),
        entries.map(() => 'archived'),
      );
      assert.deepEqual(
        results.map((result) => result.sequence.number),
        [1, 2, 3, 4],
      );
      const asked = results.map((result) => result.sequence).reverse();
      const rows = [...(await port.read([{ run: 999, number: 1 }, ...asked, { run: asked[0]?.run ?? 0, number: 99 }]))];
      assert.deepEqual(names(rows), asked.map(sequenceName));
      rows.reverse().forEach((row, at) => {
        const { payload, arrival, ...rest } = entries[at] ?? entry();
        const { payload: read, sequence, size, ...stored } = row;
        assert.deepEqual(stored, rest);
        assert.deepEqual(new Uint8Array(read), payload);
        assert.equal(size, payload.length);
        assert.equal(sequence.arrival, arrival);
      });
    });

    test('takes messages that no compression makes smaller, however large, and gives them back', async () => {
      const { port, nextRun } = await fresh();
      const sizes = [1000, 9 * mib, 64 * mib, 17 * mib];
      const payloads = sizes.map((size) => randomBytes(size));
      const entries = payloads.map((payload) => entry({ payload, arrival: january }));
      const results = [...(await port.append(entries.slice(0, 2))), ...(await port.append(entries.slice(2)))];
      const places = results.map(({ sequence }) => sequence);
      const digests = (rows: readonly Uint8Array[]): string[] =>
        rows.map((row) => createHash('sha256').update(row).digest('hex'));
      for (const from of [port, await nextRun()]) {
        const read = await from.read(places);
        assert.deepEqual(digests(read.map(({ payload }) => payload)), digests(payloads));
        assert.deepEqual(
          read.map(({ size }) => size),
          sizes,
        );
      }
      const largest = await port.get(places[2] ?? assert.fail());
      assert.deepEqual(digests([largest?.payload ?? assert.fail()]), digests(payloads.slice(2, 3)));
      assert.equal((await port.list({ limit: 9 })).length, 4);
      const again = await port.append(entries.slice(2, 3));
      assert.deepEqual(again, [{ sequence: places[2], outcome: 'repeat', reusedControlId: false }]);
      await port.settle(places.slice(1).map((sequence) => outcome({ sequence })));
      assert.equal(await port.prune(north, february), 3);
      assert.deepEqual(names(await port.read(places)), places.slice(0, 1).map(sequenceName));
    });

    test('numbers appends that come at the same time without gaps, arrival never going back', async () => {
      const { port } = await fresh();
      const arrivals = [february, january, february + 5, january + 1, february + 2];
      const results = (
        await Promise.all(arrivals.map((arrival) => port.append([entry({ arrival }), entry({ arrival })])))
      ).flat();
      assert.deepEqual(
        results.map((result) => result.sequence.number).sort((a, b) => a - b),
        results.map((_, at) => at + 1),
      );
      const byNumber = results.map((result) => result.sequence).sort((a, b) => a.number - b.number);
      byNumber.reduce((earlier, later) => {
        assert.ok(later.arrival >= earlier.arrival);
        return later;
      });
    });

    test('recognises the same message again, within a call, across calls, months and runs', async () => {
      const { port, nextRun } = await fresh();
      const one = entry({ arrival: january });
      const [first, inCall] = await port.append([one, one]);
      assert.equal(first?.outcome, 'archived');
      assert.deepEqual(inCall, { sequence: first?.sequence, outcome: 'repeat', reusedControlId: false });
      const together = await Promise.all([port.append([one]), port.append([{ ...one, arrival: february }])]);
      for (const [result] of together) assert.deepEqual(result, inCall);
      const next = await nextRun();
      assert.deepEqual(await next.append([{ ...one, arrival: february, peer: 'elsewhere' }]), [inCall]);
      const late = one.arrival + 31 * 86_400_000;
      assert.equal((await next.append([{ ...one, arrival: late }]))[0]?.outcome, 'archived');
    });

    test('tells a control id that comes again with other bytes, per tenant and sender', async () => {
      const { port } = await fresh();
      const one = entry({ controlId: 'SAME' });
      const other = { ...one, payload: new TextEncoder().encode('other bytes') };
      await port.append([one]);
      const results = await port.append([
        other,
        { ...other, tenant: south },
        { ...other, sender: 'X|Y' },
        { ...other, kind: 'truncated' },
        { ...one, controlId: 'NEW', payload: other.payload },
      ]);
      assert.deepEqual(
        results.map((result) => [result.outcome, result.reusedControlId]),
        [
          ['archived', true],
          ['archived', false],
          ['archived', false],
          ['archived', false],
          ['archived', false],
        ],
      );
      assert.equal((await port.append([other]))[0]?.outcome, 'repeat');
      const flagged = (await port.list({ limit: 10 })).filter(({ row }) => row.flags.includes('reused-control-id'));
      assert.deepEqual(names(flagged.map(({ row }) => row)), [sequenceName(results[0]?.sequence ?? assert.fail())]);
    });

    test('lists unsettled messages oldest first and goes on after a place', async () => {
      const { port } = await fresh();
      await port.append([entry({ arrival: january }), entry({ kind: 'truncated', arrival: january }), entry()]);
      await port.append([entry({ tenant: null, kind: 'rejected' }), entry({ tenant: south }), entry()]);
      const rows = await port.unsettled(10);
      assert.deepEqual(
        rows.map((row) => row.sequence.number),
        [1, 3, 5, 6],
      );
      assert.equal(rows[2]?.tenant, south);
      assert.equal(rows[0]?.partition, 3);
      assert.deepEqual(names(await port.unsettled(2)), names(rows.slice(0, 2)));
      assert.deepEqual(names(await port.unsettled(10, rows[1]?.sequence)), names(rows.slice(2)));
      assert.deepEqual(await port.unsettled(10, rows[3]?.sequence), []);
      const [later] = await port.append([entry()]);
      assert.deepEqual(names(await port.unsettled(10, rows[3]?.sequence)), later === undefined ? [] : [name(later)]);
    });

    test('what is settled is not unsettled, in any order of settling, and settling again changes the outcome', async () => {
      const { port } = await fresh();
      const rows = await port.append(Array.from({ length: 9 }, () => entry()));
      for (const at of [4, 2, 8, 3, 0, 4]) {
        const row = rows[at];
        if (row !== undefined) await port.settle([outcome(row)]);
      }
      assert.deepEqual(
        (await port.unsettled(10)).map((row) => row.sequence.number),
        [2, 6, 7, 8],
      );
      const row = rows[4] ?? assert.fail();
      await port.settle([outcome(row, { state: 'filtered', reason: 'test messages' })]);
      assert.equal((await port.get(row.sequence))?.outcome?.state, 'filtered');
      assert.equal((await port.counts(north)).applied, 4);
      assert.equal((await port.counts(north)).filtered, 1);
      assert.equal((await port.counts(north)).unsettled, 4);
    });

    test('a later run finds what earlier ones left', async () => {
      const { port, nextRun } = await fresh();
      const rows = await port.append(Array.from({ length: 4 }, () => entry()));
      await port.settle([outcome(rows[0] ?? assert.fail()), outcome(rows[2] ?? assert.fail())]);
      const second = await nextRun();
      const more = await second.append([entry()]);
      assert.notEqual(more[0]?.sequence.run, rows[0]?.sequence.run);
      assert.equal(more[0]?.sequence.number, 1);
      const expected = [rows[1], rows[3], more[0]].map((row) => name(row ?? assert.fail()));
      assert.deepEqual(names(await second.unsettled(10)), expected);
      assert.deepEqual(names(await second.read([rows[0]?.sequence ?? assert.fail()])), [
        name(rows[0] ?? assert.fail()),
      ]);
      await second.settle([rows[1], rows[3], more[0]].map((row) => outcome(row ?? assert.fail())));
      const third = await nextRun();
      assert.deepEqual(await third.unsettled(10), []);
    });

    test('a run that begins after the clock was set back puts its messages after those before it', async () => {
      const { port, nextRun } = await fresh();
      const before = await port.append([entry({ arrival: february }), entry({ arrival: february + 5 })]);
      const second = await nextRun();
      const after = await second.append([entry({ arrival: january }), entry({ arrival: january + 1 })]);
      const sequences = [...before, ...after].map(({ sequence }) => sequence);
      assert.deepEqual(sequences.toReversed().sort(compareSequences), sequences);
      assert.deepEqual(names(await second.unsettled(10)), sequences.map(sequenceName));
      const later = await second.append([entry({ arrival: february + 60_000 })]);
      assert.equal(later[0]?.sequence.arrival, february + 60_000);
    });

    test('keeps an outcome whole', async () => {
      const { port } = await fresh();
      const [row] = await port.append([entry()]);
      assert.ok(row !== undefined);
      const full = outcome(row, {
        state: 'parked',
        reason: 'message-without-patient at PID-3',
        keys: ['k1', 'k2'],
        made: [{ type: 'Patient', id: 'a', version: 2 }],
      });
      await port.settle([full]);
      const { tenant: _tenant, sequence: _sequence, ...rest } = full;
      const got = await port.get(row.sequence);
      assert.deepEqual(got?.outcome, rest);
      assert.deepEqual((await port.list({ limit: 5 }))[0]?.outcome, rest);
      assert.equal(await port.get({ run: row.sequence.run, number: 77 }), undefined);
    });

    test('lists newest first by state, tenant, key and the rest', async () => {
      const { port } = await fresh();
      const entries = [
        entry({ arrival: january }),
        entry({ type: 'ORU^R01', listener: 'oru' }),
        entry({ tenant: south }),
        entry({ kind: 'truncated' }),
        entry({ tenant: null, kind: 'rejected' }),
        entry({ controlId: 'MINE' }),
        entry(),
      ];
      const rows = await port.append(entries);
      const at = (place: number): (typeof rows)[number] => rows[place] ?? assert.fail();
      await port.settle([
        outcome(at(0), { keys: ['anna', 'visit'] }),
        outcome(at(1), { state: 'parked', keys: ['anna'] }),
        outcome(at(2), { tenant: south, keys: ['anna'] }),
        outcome(at(5), { state: 'unmapped' }),
      ]);
      const cases: readonly [Omit<Parameters<ArchivePort['list']>[0], 'limit'>, readonly number[]][] = [
        [{}, [7, 6, 5, 4, 3, 2, 1]],
        [{ tenant: north }, [7, 6, 4, 2, 1]],
        [{ tenant: north, states: ['applied', 'parked'] }, [2, 1]],
        [{ states: ['applied'] }, [3, 1]],
        [{ states: ['unsettled'] }, [7]],
        [{ states: ['truncated', 'rejected', 'unmapped'] }, [6, 5, 4]],
        [{ key: 'anna', tenant: north }, [2, 1]],
        [{ key: 'anna' }, [3, 2, 1]],
        [{ key: 'anna', states: ['parked'] }, [2]],
        [{ key: 'nobody' }, []],
        [{ listener: 'oru' }, [2]],
        [{ type: 'ORU^R01' }, [2]],
        [{ controlId: 'MINE' }, [6]],
        [{ to: february }, [1]],
        [{ from: february, tenant: south }, [3]],
        [{ before: at(4).sequence }, [4, 3, 2, 1]],
        [{ before: at(1).sequence, states: ['applied', 'unsettled'] }, [1]],
      ];
      for (const [filter, expected] of cases) {
        const found = await port.list({ ...filter, limit: 10 });
        assert.deepEqual(
          found.map((summary) => summary.row.sequence.number),
          expected,
          JSON.stringify(filter),
        );
      }
      assert.deepEqual(names((await port.list({ limit: 2 })).map((summary) => summary.row)), [
        name(at(6)),
        name(at(5)),
      ]);
      assert.deepEqual(await port.counts(), {
        applied: 2,
        filtered: 0,
        unmapped: 1,
        parked: 1,
        unsettled: 1,
        truncated: 1,
        rejected: 1,
      });
    });

    test('a parked or unmapped message is released, any other is not', async () => {
      const { port } = await fresh();
      const rows = await port.append([entry(), entry(), entry(), entry()]);
      const at = (place: number): (typeof rows)[number] => rows[place] ?? assert.fail();
      await port.settle([
        outcome(at(0), { state: 'parked', keys: ['anna'] }),
        outcome(at(1), { state: 'unmapped' }),
        outcome(at(2)),
      ]);
      const released: boolean[] = [];
      for (const { sequence } of rows) released.push(await port.release(sequence));
      assert.deepEqual(released, [true, true, false, false]);
      assert.deepEqual(
        (await port.unsettled(10)).map((row) => row.sequence.number),
        [1, 2, 4],
      );
      assert.deepEqual(await port.list({ key: 'anna', limit: 5 }), []);
      assert.equal(await port.release(at(0).sequence), false);
      await port.settle([outcome(at(0)), outcome(at(1)), outcome(at(3))]);
      assert.deepEqual(await port.unsettled(10), []);
    });

    test('a message without a tenant is parked until it is settled otherwise: counted, listed, never released or pruned', async () => {
      const { port, nextRun } = await fresh();
      const rows = await port.append([
        entry({ tenant: null, arrival: january }),
        entry({ tenant: null, kind: 'rejected', arrival: january }),
        entry({ arrival: january }),
        entry({ tenant: null, arrival: january }),
      ]);
      const at = (place: number): (typeof rows)[number] => rows[place] ?? assert.fail();
      assert.deepEqual(names(await port.unsettled(10)), [name(at(2))]);
      const next = await nextRun();
      for (const archive of [port, next]) {
        const parked = await archive.list({ states: ['parked'], limit: 10 });
        assert.deepEqual(names(parked.map(({ row }) => row)), [name(at(3)), name(at(0))]);
        assert.match(parked[0]?.outcome?.reason ?? '', /^unknown-sender/);
        const { parked: count, unsettled, rejected } = await archive.counts();
        assert.deepEqual([count, unsettled, rejected], [2, 1, 1]);
        assert.equal((await archive.counts(north)).parked, 0);
        assert.equal(await archive.release(at(0).sequence), false);
      }
      await next.settle([outcome(at(0), { tenant: null, state: 'filtered', reason: 'assigned: 2-1' })]);
      assert.deepEqual((await next.get(at(0).sequence))?.outcome?.reason, 'assigned: 2-1');
      assert.equal((await next.counts()).parked, 1);
      assert.equal(await next.prune(null, february), 2);
      assert.deepEqual(
        (await next.read(rows.map(({ sequence }) => sequence))).map(({ sequence }) => sequence.number),
        [3, 4],
      );
    });

    test('a message without a tenant that a run has left is parked by the next one', async () => {
      const { port, nextRun } = await fresh();
      const [row] = await port.append([entry({ tenant: null })]);
      assert.deepEqual((await (await nextRun()).get(row?.sequence ?? assert.fail()))?.outcome?.state, 'parked');
    });

    test('prunes one tenant by age and keeps what is unsettled or parked', async () => {
      const { port } = await fresh();
      const rows = await port.append([
        entry({ arrival: january }),
        entry({ arrival: january, tenant: south }),
        entry({ arrival: january }),
        entry({ arrival: january, kind: 'truncated' }),
        entry({ arrival: january }),
        entry({ arrival: february }),
      ]);
      const at = (place: number): (typeof rows)[number] => rows[place] ?? assert.fail();
      await port.settle([
        outcome(at(0), { keys: ['anna'] }),
        outcome(at(1), { tenant: south }),
        outcome(at(2), { state: 'parked' }),
        outcome(at(5)),
      ]);
      assert.equal(await port.prune(north, february), 2);
      assert.equal(await port.prune(north, february), 0);
      assert.deepEqual(
        (await port.read(rows.map((row) => row.sequence))).map((row) => row.sequence.number),
        [2, 3, 5, 6],
      );
      assert.deepEqual(names(await port.unsettled(9)), [name(at(4))]);
      assert.deepEqual(await port.list({ key: 'anna', limit: 5 }), []);
      const { applied, truncated, unsettled, parked } = await port.counts(north);
      assert.deepEqual(
        { applied, truncated, unsettled, parked },
        { applied: 1, truncated: 0, unsettled: 1, parked: 1 },
      );
      assert.equal(await port.prune(south, february), 1);
      await port.settle([outcome(at(2)), outcome(at(4))]);
      assert.equal(await port.prune(north, february), 2);
      assert.deepEqual(names(await port.read(rows.map((row) => row.sequence))), [name(at(5))]);
    });

    test('trims a tenant to a size, oldest first, and keeps what is unsettled or parked', async () => {
      const { port } = await fresh();
      const payload = new Uint8Array(1000).fill(65);
      const rows = await port.append([
        ...Array.from({ length: 5 }, () => entry({ payload })),
        entry({ payload, tenant: south }),
        entry({ payload, tenant: null, kind: 'rejected' }),
      ]);
      const at = (place: number): (typeof rows)[number] => rows[place] ?? assert.fail();
      await port.settle([outcome(at(0), { state: 'parked' }), outcome(at(1)), outcome(at(3)), outcome(at(4))]);
      await port.settle([outcome(at(5), { tenant: south })]);
      assert.equal(await port.bytes(north), 5000);
      assert.equal(await port.bytes(null), 1000);
      assert.equal(await port.trim(north, 5000), 0);
      assert.equal(await port.trim(north, 4999), 1);
      assert.equal(await port.bytes(north), 4000);
      assert.equal(await port.trim(north, 1), 2);
      assert.equal(await port.trim(north, 1), 0);
      assert.equal(await port.bytes(north), 2000);
      assert.equal(await port.trim(null, 999), 1);
      assert.equal(await port.bytes(null), 0);
      const left = await port.read(rows.map((row) => row.sequence));
      assert.deepEqual(names(left), [name(at(0)), name(at(2)), name(at(5))]);
    });

    test('knows how much room is left, or says that it does not', async () => {
      const { port } = await fresh();
      const free = await port.freeBytes();
      assert.ok(free === undefined || free > 0);
    });
  });
}

/** Document messages beside admissions: what they repeat of the visit changes nothing that ADT said of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, pid, pv1, type Told, ToldHospital, told } from '../../support/told-hospital.js';

/** An MDM of each kind: a document, a changed one, one that is taken back; each with a PV1 as stale as document systems send it. */
const documents = ['T01', 'T02', 'T04', 'T06', 'T08', 'T10', 'T11'];
for (const event of documents) {
  test(`MDM ${event} leaves a visit as ADT left it: transferred, discharged, cancelled`, async (t) => {
    const hospital = await ToldHospital.open(t);
    const stale = (at: number): Told =>
      told(
        event,
        at,
        pid('A^^^NORTH^MR'),
        pv1('V1', { 2: 'O', 3: 'OLD^1^1^NORTH', 44: '20260401000000' }),
        'TXA|1|DS|TX||20260501080000|||||||T1',
        'OBX|1|TX|DS^Summary||Text||||||F',
      );
    const admitted = told('A01', 1, pid('A^^^NORTH^MR'), pv1('V1', { 3: 'W1^10^1^NORTH', 44: hours(1) }));
    const visit = async () => hospital.read(`Encounter/${hospital.id('Encounter', '', 'V1')}`);
    const moved = told('A02', 3, pid('A^^^NORTH^MR'), pv1('V1', { 3: 'W2^20^2^NORTH' }));
    await hospital.inEveryOrder([admitted, stale(2), moved, stale(4)], async (name) => {
      const { status, class: kind, location } = await visit();
      assert.deepEqual([status, kind.code, location.length], ['in-progress', 'IMP', 2], name);
      assert.equal(location[0].status, 'active', name);
      assert.match(location[0].location.display, /W2/, name);
    });
    const ended = told('A03', 5, pid('A^^^NORTH^MR'), pv1('V1', { 3: 'W2^20^2^NORTH', 45: hours(5) }));
    await hospital.inEveryOrder([admitted, moved, ended, stale(6)], async (name) => {
      const { status, class: kind, period } = await visit();
      assert.deepEqual([status, kind.code], ['finished', 'IMP'], name);
      assert.ok(period.end.startsWith('2026-05-01T05:00'), name);
    });
    const cancelled = told('A11', 5, pid('A^^^NORTH^MR'), pv1('V1'));
    await hospital.inEveryOrder([admitted, cancelled, stale(6)], async (name) => {
      const { status, location } = await visit();
      assert.equal(status, 'cancelled', name);
      assert.equal(location, undefined, name);
    });
  });
}

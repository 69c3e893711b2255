/** A20: the newest status of a bed counts, and it is the bed that visits name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pid, pv1, segment, ToldHospital, told } from '../../support/told-hospital.js';

test('A20: the status of a bed, several times a day, in every order', async (t) => {
  const hospital = await ToldHospital.open(t);
  const bed = (status: string) => segment('NPU', { 1: 'W1^10^1^NORTH', 2: status });
  const messages = [
    told('A01', 1, pid('A^^^NORTH^MR'), pv1('V1', { 3: 'W1^10^1^NORTH' })),
    told('A20', 2, bed('O')),
    told('A20', 5, bed('H')),
    told('A20', 4, bed('U')),
  ];
  await hospital.inEveryOrder(messages, async (name) => {
    const visit = await hospital.read(`Encounter/${hospital.id('Encounter', '', 'V1')}`);
    const place = await hospital.read(visit.location[0].location.reference);
    assert.deepEqual([place.operationalStatus.code, place.name], ['H', 'W1 10 1'], name);
    assert.match(place.partOf.reference, /^Location\//);
    assert.deepEqual(await hospital.found('Location?operational-status=H', ['R4', 'STU3']), [place.id], name);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { north } from '../auth/open-auth.js';
import { stored, writeOf } from '../conformance/resource-suite.js';
import { pid, ToldHospital, told } from '../support/told-hospital.js';

const mrn = (id: string): string => `${id}^^^NORTH^MR`;

test('a message that cannot be applied is parked with its reason, and all others of its batch are applied', async (t) => {
  const hospital = await ToldHospital.open(t);
  const id = (name: string): string => hospital.id('Patient', 'NORTH', name);
  const unreadable = stored({ id: id('X'), state: { f: 1 } });
  assert.deepEqual(await hospital.facade.store.write(north, [writeOf(unreadable)]), [true]);
  const messages = [
    told('A28', 1, pid(mrn('A'), { 8: 'F' })),
    told('A28', 2, pid(mrn('X'), { 8: 'M' })),
    told('A28', 3, pid(mrn('B'), { 8: 'F' })),
    told('A31', 4, pid(mrn('A'), { 13: '030111' })),
  ];
  await hospital.process(messages, messages);
  assert.match(hospital.ended.get(1) ?? '', /^parked document-unreadable: /);
  for (const place of [0, 2, 3]) assert.equal(hospital.ended.get(place), 'applied');
  const a = await hospital.read(`Patient/${id('A')}`);
  assert.deepEqual([a.gender, a.telecom[0].value], ['female', '030111']);
  assert.equal((await hospital.read(`Patient/${id('B')}`)).gender, 'female');
  const more = [
    ...messages,
    told('A31', 5, pid(mrn('X'), { 13: '030222' })),
    told('A31', 6, pid(mrn('B'), { 8: 'M' })),
  ];
  await hospital.process(more, more.slice(4));
  assert.match(hospital.ended.get(4) ?? '', /^parked /);
  assert.equal(hospital.ended.get(5), 'applied', 'its partition goes on');
});

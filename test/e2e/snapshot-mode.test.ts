/** Snapshot segments replace the earlier set of their sender only where the listener's profile says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { north, runWardline, south } from '../support/running-wardline.js';

const message = (number: number, ...allergies: string[]): string =>
  [
    `MSH|^~\\&|HIS|NORTH|WARD|LINE|2026030108000${number}+0000||ADT^A08|S${number}|P|2.5.1`,
    'PID|1||SNAP1^^^NORTH^MR||Family^Given',
    ...allergies.map((code, index) => `AL1|${index + 1}|DA|${code}^${code}^L`),
    '',
  ].join('\r');

test('a later list of allergies replaces the former one in snapshot mode, and adds to it otherwise', async (t) => {
  const system = await runWardline(
    t,
    {},
    {
      profiles: { whole: { snapshot: ['AL1'] } },
      listeners: [
        { name: 'north', port: 0, tenant: north, profile: 'whole' },
        { name: 'south', port: 0, tenant: south },
      ],
    },
  );
  for (const [hospital, expected] of [
    [system.north, ['LATEX', 'NUTS']],
    [system.south, ['LATEX', 'MILK', 'NUTS']],
  ] as const) {
    assert.match(await hospital.send(message(1, 'MILK', 'NUTS')), /MSA.AA/);
    assert.match(await hospital.send(message(2, 'NUTS', 'LATEX')), /MSA.AA/);
    await system.settled();
    assert.match(await hospital.send(message(3)), /MSA.AA/, 'without any AL1 nothing is said of allergies');
    await system.settled();
    const bundle = await (await hospital.fhir('R4')).get('/AllergyIntolerance');
    const codes = bundle.body.entry.map((entry: { resource: { code: { text: string } } }) => entry.resource.code.text);
    assert.deepEqual(codes.sort(), expected);
  }
});

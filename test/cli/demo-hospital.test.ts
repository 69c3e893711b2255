import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advanceHospital, type HospitalState, openHospital } from '../../src/cli/demo-hospital.js';

const now = Date.UTC(2026, 10, 23, 11);
const type = (message: string) => message.split('|')[8] ?? '';

function run(state: HospitalState, steps: number): string[] {
  const sent: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    sent.push(...state.pending.splice(0));
    advanceHospital(state, now + step * 2000);
  }
  return sent;
}

describe('demo hospital', () => {
  it('opens with twenty patients, each with a stay, vital signs, a laboratory report and an order', () => {
    const { pending } = openHospital(7, now);
    const byPatient = new Map<string, string[]>();
    for (const message of pending) {
      const number = /\rPID\|1\|\|(\d+)/.exec(message)?.[1] ?? '';
      byPatient.set(number, [...(byPatient.get(number) ?? []), message]);
    }
    assert.equal(byPatient.size, 20);
    for (const messages of byPatient.values()) {
      const types = messages.map(type);
      assert.match(types[0] ?? '', /^ADT\^A0[14]/);
      assert.ok(types.filter((name) => name === 'ORU^R01^ORU_R01').length >= 4);
      assert.ok(types.includes('RDE^O11^RDE_O11'));
      for (const segment of ['AL1', 'DG1', 'IN1', 'NK1', 'PD1', 'PV1']) {
        assert.ok(messages[0]?.includes(`\r${segment}|`), segment);
      }
    }
  });

  it('is the same for the same seed, another for another', () => {
    const play = (seed: number) => run(openHospital(seed, now), 200);
    assert.deepEqual(play(3), play(3));
    assert.notDeepEqual(play(3), play(4));
  });

  it('continues from its saved state as if it had never stopped', () => {
    const whole = openHospital(11, now);
    const before = run(whole, 50);
    const saved = JSON.parse(JSON.stringify(whole)) as HospitalState;
    assert.deepEqual(run(saved, 50), run(whole, 50));
    assert.ok(before.length > 100);
  });

  it('gives every message a control id of its own, and in time all its events happen', () => {
    const sent = run(openHospital(5, now), 3000);
    const ids = sent.map((message) => message.split('|')[9]);
    assert.equal(new Set(ids).size, sent.length);
    const events = new Set(sent.map((message) => type(message).split('^').slice(0, 2).join('^')));
    for (const event of ['A01', 'A02', 'A03', 'A04', 'A08', 'A11', 'A13', 'A40'])
      assert.ok(events.has(`ADT^${event}`), event);
  });

  it('writes segments a reader can split: no line feeds, fields of one line each', () => {
    for (const message of run(openHospital(9, now), 300)) {
      assert.doesNotMatch(message, /\n|undefined|NaN/);
      for (const segment of message.split('\r').slice(0, -1)) assert.match(segment, /^[A-Z][A-Z0-9]{2}\|/);
    }
  });
});

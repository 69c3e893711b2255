/** The check itself: what is lost or doubled anywhere on a message's way fails a run, and says which message and where. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passed } from './chaos-run.js';
import { type Counted, judge, type ShownPatient } from './ledger.js';
import { verdictLines } from './report.js';
import { allergyOf, nameOf, stayMessage } from './stay-messages.js';

const stay = Array.from({ length: 12 }, (_, n) => stayMessage('t', 'F', n * 4));
const patient = stay[0]?.patient ?? '';
const one = (effect: string) => stay.findIndex((message) => message.effect === effect);
const idOf = (effect: string): string => stay[one(effect)]?.controlId ?? '';

const whole: ShownPatient = {
  patients: 1,
  visits: 1,
  discharged: true,
  beds: ['B0', 'B3', 'B6', 'B9'],
  allergies: [8, 20, 32].map(allergyOf),
  results: [4, 16, 28, 40],
  names: [0, 8, 20, 32].map(nameOf),
  rewritten: [],
};

function counted(change: Partial<ShownPatient> = {}, archived: Record<string, string[]> = {}): Counted {
  return {
    sent: stay.map((message) => ({ message, acknowledged: true })),
    archived: new Map([
      ...stay.map(({ controlId }): [string, string[]] => [controlId, ['applied']]),
      ...Object.entries(archived),
    ]),
    shown: new Map([[patient, { ...whole, ...change }]]),
  };
}

describe('the ledger', () => {
  it('passes a stay of which everything is there once', () => {
    const verdict = judge(counted());
    assert.deepEqual(verdict, {
      ...{ sent: 12, acknowledged: 12, archived: 12, settled: 12, visible: 12 },
      ...{ lost: [], doubled: [] },
    });
    assert.ok(passed({ verdict }));
  });

  const wrong: readonly [what: string, of: Counted, kind: 'lost' | 'doubled', controlId: string, where: RegExp][] = [
    [
      'acknowledged, never archived',
      counted({}, { [idOf('result')]: [] }),
      'lost',
      idOf('result'),
      /not in the archive/,
    ],
    ['archived, not settled', counted({}, { [idOf('result')]: ['unsettled'] }), 'lost', idOf('result'), /unsettled/],
    ['archived, parked', counted({}, { [idOf('change')]: ['parked'] }), 'lost', idOf('change'), /parked/],
    ['a result that FHIR does not show', counted({ results: [16, 28, 40] }), 'lost', idOf('result'), /not in FHIR/],
    ['an allergy', counted({ allergies: [20, 32].map(allergyOf) }), 'lost', idOf('change'), /not in FHIR/],
    ['a bed', counted({ beds: ['B0', 'B6', 'B9'] }), 'lost', idOf('transfer'), /not in FHIR/],
    ['a discharge', counted({ discharged: false }), 'lost', idOf('discharge'), /not in FHIR/],
    ['the last name', counted({ names: [0, 8, 20].map(nameOf) }), 'lost', stay[8]?.controlId ?? '', /name/],
    ['the patient', { ...counted(), shown: new Map() }, 'lost', idOf('admission'), /not in FHIR/],
    ['two rows', counted({}, { [idOf('result')]: ['applied', 'applied'] }), 'doubled', idOf('result'), /2 rows/],
    ['a result twice', counted({ results: [4, 4, 16, 28, 40] }), 'doubled', idOf('result'), /2 times/],
    ['an allergy twice', counted({ allergies: [8, 8, 20, 32].map(allergyOf) }), 'doubled', idOf('change'), /2 times/],
    ['a bed twice', counted({ beds: ['B0', 'B3', 'B3', 'B6', 'B9'] }), 'doubled', idOf('transfer'), /2 times/],
    ['two patients', counted({ patients: 2 }), 'doubled', idOf('admission'), /2 times/],
    ['a result written again', counted({ rewritten: [4] }), 'doubled', idOf('result'), /written again/],
    ['a name that comes back', counted({ names: [0, 8, 20, 8, 32].map(nameOf) }), 'doubled', idOf('change'), /back/],
  ];
  for (const [what, of, kind, controlId, where] of wrong) {
    it(`finds ${what}`, () => {
      const verdict = judge(of);
      const found = verdict[kind].filter((finding) => finding.controlId === controlId);
      assert.match(found.map((finding) => finding.where).join(), where);
      assert.equal(passed({ verdict }), false);
      const word = kind === 'lost' ? 'LOST' : 'DOUBLED';
      assert.ok(verdictLines(verdict).some((line) => line.startsWith(`${word} ${controlId}: `)));
    });
  }

  it('does not miss a message that nobody acknowledged, but wants it applied once it is archived', () => {
    const last = stay.at(-1);
    const of = { ...counted({ discharged: false }, { [last?.controlId ?? '']: [] }) };
    const sent = of.sent.map((each) => (each.message === last ? { ...each, acknowledged: false } : each));
    assert.deepEqual(judge({ ...of, sent }).lost, []);
    const archived = new Map([...of.archived, [last?.controlId ?? '', ['unsettled']]]);
    assert.match(judge({ ...of, sent, archived }).lost[0]?.where ?? '', /unsettled/);
  });

  it('does not pass a run in which nothing was acknowledged', () => {
    const of = { ...counted(), sent: stay.map((message) => ({ message, acknowledged: false })) };
    assert.equal(passed({ verdict: judge({ ...of, archived: new Map(), shown: new Map() }) }), false);
  });
});

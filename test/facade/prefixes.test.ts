/** Prefixes and modifiers of searches over HTTP, on every base. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

const { oldPulse, pressure, pulse, sodium } = ids;
const all = [sodium, pulse, pressure, oldPulse];

/** Anna's observations: 1 November, 21 November 10:00 and 12:00, 22 November, all at +01:00; 70, none, 72 and 140. */
const observations: [query: string, found: readonly string[]][] = [
  ['date=2026-11-21', [pulse, pressure]],
  ['date=eq2026-11-21', [pulse, pressure]],
  ['date=ne2026-11-21', [sodium, oldPulse]],
  ['date=gt2026-11-21', [sodium]],
  ['date=ge2026-11-21', [sodium, pulse, pressure]],
  ['date=lt2026-11-21', [oldPulse]],
  ['date=le2026-11-21', [pulse, pressure, oldPulse]],
  ['date=sa2026-11-21', [sodium]],
  ['date=eb2026-11-21', [oldPulse]],
  ['date=ap2026-11-21', all],
  ['date=2026', all],
  ['date=2025', []],
  ['date=2026-11-21T10:00:00%2B01:00', [pressure]],
  ['date=2026-11-21T10:00:00+01:00', [pressure]],
  ['date=2026-11-21T09:00Z', [pressure]],
  ['date=ge2026-11-21T10:30:00%2B01:00&date=lt2026-11-22', [pulse]],
  ['date=2026-11-22,2026-11-01', [sodium, oldPulse]],
  ['value-quantity=72', [pulse]],
  ['value-quantity=72.0', [pulse]],
  ['value-quantity=ne72', [sodium, oldPulse]],
  ['value-quantity=gt70', [sodium, pulse]],
  ['value-quantity=ge70', [sodium, pulse, oldPulse]],
  ['value-quantity=lt72', [oldPulse]],
  ['value-quantity=le72', [pulse, oldPulse]],
  ['value-quantity=sa72', [sodium]],
  ['value-quantity=eb72', [oldPulse]],
  ['value-quantity=ap75', [pulse, oldPulse]],
  ['value-quantity=gt60||/min', [pulse, oldPulse]],
  ['value-quantity=gt60|http://unitsofmeasure.org|mmol/L', [sodium]],
  ['value-quantity=gt60|urn:other|mmol/L', []],
  ['value-quantity:missing=true', [pressure]],
  ['code:not=8867-4', [sodium, pressure]],
  ['code:not=8867-4,85354-9', [sodium]],
  ['encounter:missing=false', [pressure]],
  ['encounter:missing=true', [sodium, pulse, oldPulse]],
  ['code-value-quantity=http://loinc.org|8867-4$gt71', [pulse]],
  ['_lastUpdated=2096-11-23', all],
  ['_lastUpdated=ge2096-11-23T12:00:00Z', all],
  ['_lastUpdated=gt2096-11-24', []],
  ['_lastUpdated=lt2096-11-23', []],
  ['_LASTUPDATED=eb2096-11-24', all],
];

test('prefixes of dates and quantities, :not and :missing', async (t) => {
  const facade = await openFacade(t);
  for (const version of fhirVersions) {
    for (const [query, found] of observations) {
      const answer = await facade.get(version, `/Observation?patient=${ids.anna}&${query}`, {
        prefer: 'handling=strict',
      });
      assert.equal(answer.status, 200, `${version} ${query} ${answer.text.slice(0, 300)}`);
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
      const shown = (answer.body.entry ?? []).map((entry: any) => entry.resource.id);
      assert.deepEqual([shown, answer.body.total], [found, found.length], `${version} ${query}`);
    }
  }
});

test('names by their beginning, anywhere and exactly', async (t) => {
  const facade = await openFacade(t);
  const cases: [query: string, r4: number, old: number][] = [
    ['family=chau', 1, 2],
    ['family=CHAU', 1, 2],
    ['family=muller', 1, 1],
    ['family:contains=haud', 1, 1],
    ['family:contains=MÜLLER', 1, 1],
    ['family:exact=Chau', 1, 1],
    ['family:exact=chau', 0, 0],
    ['family:exact=Müller-Chaudhary', 1, 1],
    ['family:exact=Muller-Chaudhary', 0, 0],
    ['given=zofie', 1, 1],
    ['given=ofie', 0, 1],
    ['name=nna', 0, 1],
    ['given=bert,anna', 2, 2],
    ['given=anna&given=zofie', 1, 1],
    ['given=anna&given=bert', 0, 0],
  ];
  for (const version of fhirVersions) {
    for (const [query, r4, old] of cases) {
      const { body } = await facade.get(version, `/Patient?${encodeURI(query)}`);
      assert.equal(body.total, version === 'R4' ? r4 : old, `${version} ${query}`);
    }
  }
});

test('modifiers and values that are none of a parameter are refused by its name, whatever the handling', async (t) => {
  const facade = await openFacade(t);
  const wrong = [
    ...[
      'Observation?code:text=pulse',
      'Observation?code:in=http://x',
      'Observation?code:below=1',
      'Patient?family:not=x',
    ],
    ...[
      'Patient?birthdate:exact=1970',
      'Patient?gender:contains=f',
      'Observation?date=yesterday',
      'Observation?date=2026-13',
    ],
    ...['Observation?value-quantity=many', 'Observation?value-quantity=gt', 'Patient?family:missing=perhaps'],
    ...['Patient?_sort=shoe', 'Patient?_count=few', 'Patient?_summary=some', 'Patient?_include=Patient:shoe'],
    ...['Patient?_id:missing=x', 'Observation?subject:Shoe=1', 'Observation?code-value-quantity=8867-4'],
  ];
  for (const version of fhirVersions) {
    for (const path of wrong) {
      const { status, body } = await facade.get(version, `/${path}`);
      const name = /\?([\w-]+)/.exec(path)?.[1] ?? '';
      assert.equal(status, 400, `${version} ${path}`);
      assert.ok(body.issue[0].diagnostics.includes(name), `${path} ${body.issue[0].diagnostics}`);
    }
  }
});

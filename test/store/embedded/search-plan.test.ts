import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Condition, SearchQuery, Test } from '../../../src/fhir/search-query.js';
import { foldText } from '../../../src/fhir/search-text.js';
import type { SearchValue } from '../../../src/fhir/search-values.js';
import { movedParameter, movedValues } from '../../../src/fhir/visit-reference.js';
import { openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { planFor, prepareSearch } from '../../../src/store/embedded/search-run.js';
import { type TenantFile, TenantFiles } from '../../../src/store/embedded/tenant-files.js';
import { north } from '../../conformance/archive-suite.js';
import { queryFor, stored, writeOf } from '../../conformance/resource-suite.js';
import { temporaryFolder } from './temporary-folder.js';

const is = (parameter: string, kind: 'token' | 'string' | 'date' | 'reference', ...anyOf: Test[]): Condition => ({
  parameter,
  kind,
  negate: false,
  anyOf,
});
const patient = (...ids: string[]): Condition =>
  is('patient', 'reference', ...ids.map((id): Test => ({ kind: 'reference', type: 'Patient', id })));
const ofVisits = (id: string, isAmong: boolean, ...among: string[]): Test => ({
  kind: 'reference',
  type: 'Patient',
  id,
  visit: { is: isAmong, among },
});
const token = (parameter: string, code: string, system?: string): Condition =>
  is(parameter, 'token', { kind: 'token', code, ...(system === undefined ? {} : { system }) });
const partOfName = (text: string): Test => ({ kind: 'string', match: 'contains', text });
const contains = (text: string): Condition => is('family', 'string', partOfName(text));
const moved = (id: string): Condition => is(movedParameter, 'reference', { kind: 'reference', type: 'Patient', id });
const day = is('birthdate', 'date', { kind: 'date', prefix: 'eq', from: 0, to: 86_400_000 });
const newest = [{ by: 'date', descending: true }] as const;
const oldest = [{ by: 'date', descending: false }] as const;

interface Shape {
  readonly name: string;
  readonly query: Partial<SearchQuery>;
  readonly way: 'ordered' | 'collect' | 'sift' | 'walk';
  /** Index that is searched first. */
  readonly index: RegExp;
  /** What SQLite may sort: nothing, documents with the same date, or what a narrow index found. */
  readonly sorts: 'nothing' | 'equal dates' | 'what was found';
  /** How all are counted, where that is told apart. */
  readonly total?: RegExp;
}

const reference = /SEARCH i USING PRIMARY KEY \(parameter=\? AND target=\?/;
const sifted =
  /SEARCH d USING COVERING INDEX document_order \(type=\?[\s\S]*LIST SUBQUERY[\s\S]*SEARCH i USING PRIMARY KEY/;
/** Steps of which one is this and none reads a document. */
const withoutDocuments = (step: RegExp): RegExp => new RegExp(`^(?![\\s\\S]*SEARCH [dv] )[\\s\\S]*${step.source}`);
const gathered = 'what was found';

/** Every shape that the facade asks: the app's searches on both old bases, and those of R4 clients. */
const shapes: readonly Shape[] = [
  {
    name: 'vital signs of a patient',
    query: { where: [patient('p1'), token('category', 'vital-signs')] },
    way: 'ordered',
    index: reference,
    sorts: 'equal dates',
  },
  {
    name: 'vital signs of a class of patients',
    query: { where: [patient('p1', 'p2'), token('category', 'vital-signs')] },
    way: 'ordered',
    index: reference,
    sorts: 'equal dates',
  },
  {
    name: 'a patient’s observations, oldest first',
    query: { where: [patient('p1')], sort: oldest },
    way: 'ordered',
    index: reference,
    sorts: 'equal dates',
  },
  {
    name: 'a patient’s observations, next page',
    query: { where: [patient('p1')], after: { values: [5], id: 'o5' } },
    way: 'ordered',
    index: reference,
    sorts: 'equal dates',
  },
  {
    name: 'vital signs of a patient from whom and to whom visits were moved',
    query: {
      where: [
        is('patient', 'reference', ofVisits('p1', false, 'e1', 'e2'), ofVisits('p2', true, 'e2', 'e3')),
        token('category', 'vital-signs'),
      ],
    },
    way: 'ordered',
    index:
      /SEARCH i USING PRIMARY KEY \(parameter=\? AND target=\?[\s\S]*SEARCH e USING (COVERING )?PRIMARY KEY \(parameter=\? AND target=\? AND sort_key=\? AND doc=\?/,
    sorts: 'equal dates',
  },
  {
    name: 'visits that were moved from or to a patient',
    query: { type: 'Encounter', where: [moved('p1')], sort: [{ by: '_id', descending: false }] },
    way: 'collect',
    index: reference,
    sorts: 'what was found',
  },
  {
    name: 'last encounter in DSTU2',
    query: {
      type: 'Encounter',
      version: 'DSTU2',
      where: [patient('p1'), { parameter: 'status', kind: 'token', missing: false }],
      count: 1,
    },
    way: 'ordered',
    index: reference,
    sorts: 'equal dates',
  },
  {
    name: 'a patient’s conditions in a time',
    query: { type: 'Condition', where: [patient('p1'), day] },
    way: 'ordered',
    index: reference,
    sorts: 'equal dates',
  },
  {
    name: 'patient by medical record number',
    query: { type: 'Patient', where: [token('identifier', '123')] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND code=\?/,
    sorts: gathered,
  },
  {
    name: 'patient by identifier with its system',
    query: { type: 'Patient', where: [token('identifier', '123', 'urn:mrn')] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND code=\?/,
    sorts: gathered,
  },
  {
    name: 'patients whose name holds two letters',
    query: { type: 'Patient', where: [contains('mu')] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND part=\? AND text=\?/,
    sorts: gathered,
  },
  {
    name: 'patients whose name holds two letters that many have',
    query: { type: 'Patient', where: [contains('an')] },
    way: 'sift',
    index: sifted,
    sorts: 'nothing',
  },
  {
    name: 'the same, next page',
    query: { type: 'Patient', where: [contains('an')], after: { values: [5], id: 'p5' } },
    way: 'sift',
    index: sifted,
    sorts: 'nothing',
  },
  {
    name: 'the same, oldest first',
    query: { type: 'Patient', where: [contains('an')], sort: oldest },
    way: 'sift',
    index: sifted,
    sorts: 'equal dates',
  },
  {
    name: 'the same, by when they changed',
    query: { type: 'Patient', where: [contains('an')], sort: [{ by: '_lastUpdated', descending: true }] },
    way: 'sift',
    index:
      /SEARCH d USING COVERING INDEX document_updated \(type=\?[\s\S]*LIST SUBQUERY[\s\S]*SEARCH i USING PRIMARY KEY/,
    sorts: 'nothing',
  },
  {
    name: 'the same, in the order of ids',
    query: { type: 'Patient', where: [contains('an')], sort: [{ by: '_id', descending: false }] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND part=\? AND text=\?/,
    sorts: gathered,
  },
  {
    name: 'a page of them that holds them all',
    query: { type: 'Patient', where: [contains('an')], count: 100 },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND part=\? AND text=\?/,
    sorts: gathered,
  },
  {
    name: 'patients whose name holds three letters that many have, and of one sex',
    query: {
      type: 'Patient',
      where: [is('family', 'string', ...['and', 'ann'].map(partOfName)), token('gender', 'female')],
    },
    way: 'sift',
    index: sifted,
    sorts: 'nothing',
  },
  {
    name: 'patients whose name holds three letters',
    query: { type: 'Patient', where: [contains('ann')] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND part=\? AND text>\? AND text<\?\)/,
    sorts: gathered,
  },
  {
    name: 'patients by name and gender',
    query: { type: 'Patient', where: [contains('ann'), token('gender', 'female')] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND/,
    sorts: gathered,
  },
  {
    name: 'patients by birth date',
    query: { type: 'Patient', where: [day] },
    way: 'collect',
    index: /SEARCH i USING PRIMARY KEY \(parameter=\? AND low>\? AND low<\?\)/,
    sorts: gathered,
  },
  {
    name: 'all patients',
    query: { type: 'Patient' },
    way: 'walk',
    index: /SEARCH d USING COVERING INDEX document_order \(type=\?/,
    sorts: 'nothing',
    total: /^SEARCH shown_count USING PRIMARY KEY \(type=\?\)$/,
  },
  {
    name: 'all encounters that DSTU2 shows',
    query: {
      type: 'Encounter',
      version: 'DSTU2',
      where: [{ parameter: 'status', kind: 'token', missing: false, coded: true }],
    },
    way: 'walk',
    index: /SEARCH d USING INDEX document_order \(type=\?/,
    sorts: 'nothing',
    total: withoutDocuments(/SEARCH i USING PRIMARY KEY \(parameter=\?\)/),
  },
  {
    name: 'all conditions with a patient',
    query: { type: 'Condition', where: [{ parameter: 'patient', kind: 'reference', missing: false }] },
    way: 'walk',
    index: /SEARCH d USING INDEX document_order \(type=\?/,
    sorts: 'nothing',
    total: withoutDocuments(/SEARCH i USING PRIMARY KEY \(parameter=\?\)/),
  },
  {
    name: 'all encounters with a status, which may be a text alone',
    query: { type: 'Encounter', where: [{ parameter: 'status', kind: 'token', missing: false }] },
    way: 'walk',
    index: /SEARCH d USING INDEX document_order \(type=\?/,
    sorts: 'nothing',
    total: /SEARCH v USING INTEGER PRIMARY KEY/,
  },
  {
    name: 'all patients, next page',
    query: { type: 'Patient', after: { values: [5], id: 'p5' } },
    way: 'walk',
    index: /SEARCH d USING COVERING INDEX document_order \(type=\? AND sort_key<\?/,
    sorts: 'nothing',
  },
  {
    name: 'all patients, oldest first',
    query: { type: 'Patient', sort: oldest },
    way: 'walk',
    index: /SEARCH d USING COVERING INDEX document_order \(type=\?/,
    sorts: 'equal dates',
  },
  {
    name: 'what changed since',
    query: {
      type: 'Patient',
      where: [is('_lastUpdated', 'date', { kind: 'date', prefix: 'gt', from: 5, to: 6 })],
      sort: [{ by: '_lastUpdated', descending: true }],
    },
    way: 'walk',
    index: /SEARCH d USING COVERING INDEX document_updated \(type=\? AND last_updated>\?/,
    sorts: 'nothing',
  },
  {
    name: 'patients of a common gender',
    query: { type: 'Patient', where: [token('gender', 'female')] },
    way: 'walk',
    index: /SEARCH d USING COVERING INDEX document_order \(type=\?/,
    sorts: 'nothing',
    total: withoutDocuments(/SEARCH i USING PRIMARY KEY \(parameter=\? AND code=\?\)/),
  },
  {
    name: 'patients in the order of ids',
    query: { type: 'Patient', sort: [{ by: '_id', descending: false }] },
    way: 'walk',
    index: /SEARCH d USING INDEX document_id \(type=\?/,
    sorts: 'nothing',
  },
];

const widths = { narrow: 30, wide: 60 };

describe('search plans', () => {
  const folder = temporaryFolder();
  const files = new TenantFiles(folder.path, true, prepareSearch, widths);
  let file: TenantFile;

  before(async () => {
    const port = openEmbeddedResources(folder.path);
    await port.write(north, Array.from({ length: 100 }, (_, at) => documents(at)).flat());
    await port.close();
    file = files.get(north) ?? assert.fail();
  });
  after(() => {
    files.close();
    folder.remove();
  });

  for (const shape of shapes) {
    test(shape.name, () => {
      const query = queryFor({ sort: newest, count: 20, ...shape.query });
      const plan = planFor(file, query) ?? assert.fail('the plan must not be empty');
      assert.equal(plan.way, shape.way);
      const steps = explain(file, plan.page.text, plan.page.values);
      const text = steps.join('\n');
      assert.match(text, shape.index);
      assert.doesNotMatch(text, /SCAN (d|i|document|v)\b|AUTOMATIC/, text);
      const sorts = steps.filter((step) => step.includes('TEMP B-TREE') && !step.includes('DISTINCT'));
      if (shape.sorts === 'nothing') assert.deepEqual(sorts, []);
      if (shape.sorts === 'equal dates')
        for (const step of sorts) assert.match(step, /FOR LAST (TERM|2 TERMS) OF ORDER BY/);
      const total = explain(file, plan.total.text, plan.total.values).join('\n');
      assert.doesNotMatch(total, /SCAN (d|i|document|v)\b|AUTOMATIC/, total);
      if (shape.total !== undefined) assert.match(total, shape.total);
    });
  }
});

function explain({ db }: TenantFile, text: string, values: readonly (string | number | null | Uint8Array)[]): string[] {
  return db.all(`EXPLAIN QUERY PLAN ${text}`, ...values).map((row) => String(row.detail));
}

/** A patient with an encounter, a condition and two observations. */
function documents(at: number) {
  const name = foldText(['Anders', 'Hanna', 'Chau', 'Müller'][at % 4] ?? '');
  const values = (...made: SearchValue[]): readonly SearchValue[] => made;
  const of = (parameter: string, over: object): SearchValue => ({ parameter, versions: 7, ...over }) as SearchValue;
  const toPatient = of('patient', {
    kind: 'reference',
    type: 'Patient',
    id: `p${at % 30}`,
    url: null,
    identifier: null,
  });
  const visit = of('encounter', { kind: 'reference', type: 'Encounter', id: `e${at}`, url: null, identifier: null });
  const status = of('status', { kind: 'token', system: null, code: 'finished' });
  const date = of('birthdate', { kind: 'date', from: at * 1e8, to: at * 1e8 + 1 });
  return [
    writeOf(stored({ id: `p${at}` }), {
      values: values(
        of('identifier', { kind: 'token', system: 'urn:mrn', code: String(at) }),
        of('gender', { kind: 'token', system: null, code: at % 4 === 0 ? 'male' : 'female' }),
        of('family', { kind: 'string', folded: `${name}${at}`, exact: name, grams: true }),
        date,
      ),
    }),
    writeOf(stored({ type: 'Encounter', id: `e${at}` }), {
      sortDate: at,
      values: values(toPatient, status, ...(at % 9 === 0 ? movedValues('Encounter', [`p${at}`, `p${at + 1}`]) : [])),
    }),
    writeOf(stored({ type: 'Condition', id: `c${at}` }), { sortDate: at, values: values(toPatient, date) }),
    writeOf(stored({ type: 'Observation', id: `o${at}` }), {
      sortDate: at,
      values: values(toPatient, visit, of('category', { kind: 'token', system: 'urn:category', code: 'vital-signs' })),
    }),
  ];
}

/** That the database answers searches as it is meant to: what is explained are the commands that a search sent. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MongoClient } from 'mongodb';
import type { Condition, SearchQuery, Test } from '../../../src/fhir/search-query.js';
import { foldText } from '../../../src/fhir/search-text.js';
import type { SearchValue } from '../../../src/fhir/search-values.js';
import { movedParameter, movedValues } from '../../../src/fhir/visit-reference.js';
import type { DocumentWrite } from '../../../src/store/resource-port.js';
import { north } from '../../conformance/archive-suite.js';
import { limits, queryFor, stored, writeOf } from '../../conformance/resource-suite.js';
import { mongoOf } from '../../support/mongodb-server.js';
import { type FreshResources, freshResources } from './mongo-resources.js';
import { assertAnswered, commandsOf, explain } from './watched-commands.js';

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
const contains = (text: string): Condition => is('family', 'string', { kind: 'string', match: 'contains', text });
const since: Condition = is('_lastUpdated', 'date', { kind: 'date', prefix: 'gt', from: 1900, to: 1901 });
const day = is('birthdate', 'date', { kind: 'date', prefix: 'eq', from: 0, to: 86_400_000 });
const newest = [{ by: 'date', descending: true }] as const;
const oldest = [{ by: 'date', descending: false }] as const;
const changed = [{ by: '_lastUpdated', descending: true }] as const;
const byFamily = [{ by: 'parameter', parameter: 'family', descending: false }] as const;

interface Shape {
  readonly name: string;
  readonly query: Partial<SearchQuery>;
  /** Index of the page. */
  readonly index: string;
  readonly sorts: 'nothing' | 'a page';
  /** Documents that the page may look at, in all its steps; for those whose index is in order a page and little more. */
  readonly looksAt: number;
}

const page = 20;
const people = 400;

/** Every shape that the facade asks: the app's searches on both old bases, and those of R4 clients. */
const shapes: readonly Shape[] = [
  {
    name: 'vital signs of a patient',
    query: { where: [patient('p1'), token('category', 'vital-signs')] },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 22,
  },
  {
    name: 'vital signs of a class of patients',
    query: { where: [patient('p1', 'p2'), token('category', 'vital-signs')] },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 24,
  },
  {
    name: 'a patient’s observations, oldest first',
    query: { where: [patient('p1')], sort: oldest },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 24,
  },
  {
    name: 'a patient’s observations, next page',
    query: { where: [patient('p1')], after: { values: [300], id: 'o300' } },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 24,
  },
  {
    name: 'vital signs of a patient from whom and to whom visits were moved',
    query: {
      where: [
        is('patient', 'reference', ofVisits('p1', false, 'e1', 'e2'), ofVisits('p2', true, 'e2', 'e3')),
        token('category', 'vital-signs'),
      ],
    },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 60,
  },
  {
    name: 'visits that were moved from or to a patient',
    query: {
      type: 'Encounter',
      where: [is(movedParameter, 'reference', { kind: 'reference', type: 'Patient', id: 'p1' })],
      sort: [{ by: '_id', descending: false }],
    },
    index: 'refs',
    sorts: 'a page',
    looksAt: 1,
  },
  {
    name: 'last encounter in DSTU2',
    query: {
      type: 'Encounter',
      version: 'DSTU2',
      where: [patient('p1'), { parameter: 'status', kind: 'token', missing: false }],
      count: 1,
    },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 3,
  },
  {
    name: 'a patient’s conditions in a time',
    query: { type: 'Condition', where: [patient('p1'), day] },
    index: 'refs',
    sorts: 'nothing',
    looksAt: 40,
  },
  {
    name: 'patient by medical record number',
    query: { type: 'Patient', where: [token('identifier', '123')] },
    index: 'tokens',
    sorts: 'a page',
    looksAt: 1,
  },
  {
    name: 'patient by one of several identifiers with its system',
    query: {
      type: 'Patient',
      where: [
        is('identifier', 'token', ...['1', '2'].map((code): Test => ({ kind: 'token', code, system: 'urn:mrn' }))),
      ],
    },
    index: 'tokens',
    sorts: 'a page',
    looksAt: 2,
  },
  {
    name: 'patients whose name begins with letters',
    query: { type: 'Patient', where: [is('family', 'string', { kind: 'string', match: 'starts', text: 'hanna1' })] },
    index: 'texts',
    sorts: 'a page',
    looksAt: 60,
  },
  {
    name: 'patients whose name holds two letters',
    query: { type: 'Patient', where: [contains('ch')] },
    index: 'texts',
    sorts: 'a page',
    looksAt: 100,
  },
  {
    name: 'patients whose name holds three letters',
    query: { type: 'Patient', where: [contains('hau')] },
    index: 'texts',
    sorts: 'a page',
    looksAt: 100,
  },
  {
    name: 'patients whose name holds one of two texts',
    query: {
      type: 'Patient',
      where: [
        is('family', 'string', ...['u1', 'hau1'].map((text): Test => ({ kind: 'string', match: 'contains', text }))),
      ],
    },
    index: 'texts',
    sorts: 'a page',
    looksAt: 100,
  },
  {
    name: 'patients by name and gender, in the order of names',
    query: { type: 'Patient', where: [contains('hau'), token('gender', 'male')], sort: byFamily },
    index: 'texts',
    sorts: 'a page',
    looksAt: 200,
  },
  {
    name: 'patients by birth date',
    query: { type: 'Patient', where: [day] },
    index: 'dates',
    sorts: 'a page',
    looksAt: 3,
  },
  { name: 'all patients', query: { type: 'Patient' }, index: 'order', sorts: 'nothing', looksAt: 21 },
  {
    name: 'all patients, next page',
    query: { type: 'Patient', after: { values: [50], id: 'p50' } },
    index: 'order',
    sorts: 'nothing',
    looksAt: 22,
  },
  {
    name: 'all patients, oldest first',
    query: { type: 'Patient', sort: oldest },
    index: 'order',
    sorts: 'nothing',
    looksAt: 24,
  },
  {
    name: 'what changed since',
    query: { type: 'Patient', where: [since], sort: changed },
    index: 'updated',
    sorts: 'nothing',
    looksAt: 21,
  },
  {
    name: 'what changed since, in the default order',
    query: { type: 'Patient', where: [since] },
    index: 'updated',
    sorts: 'a page',
    looksAt: 2,
  },
  {
    name: 'patients of a common gender',
    query: { type: 'Patient', where: [token('gender', 'female')] },
    index: 'order',
    sorts: 'nothing',
    looksAt: 40,
  },
  {
    name: 'patients in the order of ids',
    query: { type: 'Patient', sort: [{ by: '_id', descending: false }] },
    index: '_id_',
    sorts: 'nothing',
    looksAt: 21,
  },
  {
    name: 'patients by their ids',
    query: {
      type: 'Patient',
      where: [
        {
          parameter: '_id',
          kind: 'id',
          negate: false,
          anyOf: [
            { kind: 'id', id: 'p1' },
            { kind: 'id', id: 'p2' },
          ],
        },
      ],
    },
    index: '_id_',
    sorts: 'a page',
    looksAt: 2,
  },
];

const mongo = await mongoOf('search plans: MongoDB');

if (mongo !== undefined) {
  describe('search plans: MongoDB', () => {
    const client = new MongoClient(mongo.url, { monitorCommands: true });
    let fresh: FreshResources;

    before(async () => {
      fresh = freshResources(client, { wide: 300 });
      await fresh.port.write(north, Array.from({ length: people }, (_, at) => documents(at)).flat());
    });
    after(async () => {
      await fresh.end();
      await client.close();
      await mongo.end();
    });

    for (const shape of shapes) {
      test(shape.name, async () => {
        const query = queryFor({ sort: newest, count: page, ...shape.query });
        const database = `${fresh.prefix}-${north}`;
        const sent = await commandsOf(client, database, () => fresh.port.search(north, query, limits));
        const pages = sent.filter((command) => command['count'] === undefined && command['hint'] !== undefined);
        assert.ok(pages.length > 0);
        let looked = 0;
        for (const command of sent) {
          const explained = await explain(client.db(database), command);
          if (command['hint'] !== undefined) assertAnswered(command, explained, query.count, shape.name);
          if (!pages.includes(command)) continue;
          assert.equal(command['hint'], shape.index);
          if (shape.sorts === 'nothing') assert.deepEqual(explained.sorted, []);
          looked += explained.documents;
        }
        assert.ok(looked <= shape.looksAt, `${looked} documents looked at`);
      });
    }

    test('everything is counted without looking at a document', async () => {
      const database = `${fresh.prefix}-${north}`;
      const query = queryFor({ type: 'Patient', count: 0 });
      const [count] = await commandsOf(client, database, () => fresh.port.search(north, query, limits));
      assert.ok(count !== undefined);
      const { documents: looked, stages } = await explain(client.db(database), count);
      assert.deepEqual([looked, stages], [0, ['COUNT', 'COUNT_SCAN']]);
    });
  });
}

/** A patient with an encounter, a condition and an observation, most of them of few patients. */
function documents(at: number): DocumentWrite[] {
  const name = foldText(['Anders', 'Hanna', 'Chau', 'Müller'][at % 4] ?? '');
  const of = (parameter: string, over: object): SearchValue => ({ parameter, versions: 7, ...over }) as SearchValue;
  const referred = { kind: 'reference', url: null, identifier: null };
  const toPatient = of('patient', { ...referred, type: 'Patient', id: `p${at % 10}` });
  const visit = of('encounter', { ...referred, type: 'Encounter', id: `e${at}` });
  const status = of('status', { kind: 'token', system: null, code: 'finished' });
  const date = of('birthdate', { kind: 'date', from: at * 4e7, to: at * 4e7 + 1 });
  const vitals = of('category', { kind: 'token', system: 'urn:category', code: 'vital-signs' });
  return [
    writeOf(stored({ id: `p${at}`, lastUpdated: 1502 + at }), {
      values: [
        of('identifier', { kind: 'token', system: 'urn:mrn', code: String(at) }),
        of('gender', { kind: 'token', system: null, code: at % 4 === 0 ? 'male' : 'female' }),
        of('family', { kind: 'string', folded: `${name}${at}`, exact: name, grams: true }),
        date,
      ],
    }),
    writeOf(stored({ type: 'Encounter', id: `e${at}` }), {
      sortDate: at,
      values: [toPatient, status, ...(at % 9 === 0 ? movedValues('Encounter', [`p${at}`, `p${at + 1}`]) : [])],
    }),
    writeOf(stored({ type: 'Condition', id: `c${at}` }), { sortDate: at, values: [toPatient, date] }),
    writeOf(stored({ type: 'Observation', id: `o${at}` }), { sortDate: at, values: [toPatient, visit, vitals] }),
  ];
}

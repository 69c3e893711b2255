/**
 * Two hospitals with the same content under ids of their own, crossed by every road that the facade serves: made from the
 * served types and the tables of search parameters, so that a new type or parameter is crossed by itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { computedTypes, servedTypes, storedTypes } from '../../src/facade/served-types.js';
import { isResourceType } from '../../src/fhir/definitions/type-model.js';
import { refusedParameters } from '../../src/fhir/search-parameter-tables.js';
import { searchParametersOf } from '../../src/fhir/search-parameters.js';
import { basePath, type FhirVersion, fhirVersions, r4TypeOf } from '../../src/fhir/version.js';
import { north, publicUrl, south } from '../auth/open-auth.js';
import { fullResource } from '../support/full-resource.js';
import { type Facade, openFacade, writeResources } from './open-facade.js';

const kept = storedTypes.filter((type) => !computedTypes.has(type));
/** Id of a type's resource in a hospital; a type has two, so that there are pages. */
const idOf = (hospital: 'a' | 'b', type: string, number = 1): string =>
  `0b7e7a52-${number}00${hospital}-8000-8000-${String(storedTypes.indexOf(type) + 1).padStart(12, '0')}`;
const mine = /0b7e7a52-\d00b/;
const theirs = /0b7e7a52-\d00a/;

function hospital(letter: 'a' | 'b'): JsonObject[] {
  const refer = (type: string) => (kept.includes(type) ? `${type}/${idOf(letter, type)}` : undefined);
  return kept.flatMap((type) => [1, 2].map((number) => fullResource(type, idOf(letter, type, number), refer)));
}

/** An answer as text, the links of its pages left out: they are sealed, and tested for themselves. */
interface Heard {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  readonly body: any;
}

interface Crossing {
  readonly facade: Facade;
  readonly version: FhirVersion;
  /** Asks as a client of hospital b. */
  ask(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<Heard>;
  /** Asks and finds nothing of hospital a in what comes back. */
  nothing(path: string, headers?: Record<string, string>): Promise<Heard>;
}

async function open(facade: Facade, version: FhirVersion): Promise<Crossing> {
  const authorization = facade.southToken;
  const ask: Crossing['ask'] = async (method, path, body, headers = {}) => {
    const answer = await facade.app.inject({
      method: method as 'GET',
      url: `/fhir/${basePath[version]}${path}`,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const text = answer.payload;
    return { status: answer.statusCode, text, body: text === '' ? undefined : JSON.parse(text) };
  };
  const nothing: Crossing['nothing'] = async (path, headers) => {
    const heard = await ask('GET', path, undefined, headers);
    assert.doesNotMatch(heard.text, theirs, `${version} GET ${path}`);
    assert.notEqual(heard.status, 500, `${version} GET ${path}: ${heard.text}`);
    return heard;
  };
  return { facade, version, ask, nothing };
}

/** Paths of searches that name what is hospital a's, by every reference parameter and in every form of a reference. */
function searchesFor(version: FhirVersion, type: string): string[] {
  const base = `${publicUrl}/fhir/${basePath[version]}`;
  const paths = [`${type}?_id=${idOf('a', r4TypeOf(version, type))}`];
  paths.push(`${type}?_id=${idOf('a', r4TypeOf(version, type))},${idOf('a', 'Patient')},nobody`);
  for (const { name, kind, targets } of searchParametersOf(version, type).values()) {
    if (kind !== 'reference') continue;
    const pointed = targets.length > 0 ? targets : ['Patient', 'Observation'];
    for (const target of pointed) {
      const id = idOf('a', r4TypeOf(version, target));
      const forms = [`=${target}/${id}`, `=${base}/${target}/${id}`, `:${target}=${id}`];
      for (const form of forms) paths.push(`${type}?${name}${form}`);
    }
    paths.push(`${type}?${name}=${idOf('a', 'Patient')}`, `${type}?${name}:missing=false`);
  }
  return paths;
}

/** A search by each parameter, with a value that the resources of both hospitals have. */
function sharedSearches(version: FhirVersion, type: string): string[] {
  const values: Record<string, string[]> = {
    token: ['=same', ':not=other', ':missing=false', '=|same', '=same|same'],
    string: ['=same', ':exact=same', ':contains=am', ':missing=false'],
    date: ['=2026-03-01', '=ge2020', '=lt2030', ':missing=false'],
    number: ['=1.5', '=gt0', ':missing=false'],
    quantity: ['=1.5', '=gt0|same|same', ':missing=false'],
    uri: ['=same', ':missing=false'],
    composite: ['=same$same', ':missing=false'],
    reference: [':missing=true', ':identifier=same|same'],
  };
  return [...searchParametersOf(version, type).values()].flatMap(({ name, kind }) =>
    (values[kind] ?? assert.fail(kind)).map((value) => `${type}?${name}${value}`),
  );
}

const searched = (version: FhirVersion): string[] =>
  servedTypes(version).filter((type) => !computedTypes.has(r4TypeOf(version, type)));

test('the same bytes in two hospitals: no road leads across', { timeout: 120_000 }, async (t) => {
  const made = { run: 1, number: 1, focus: kept.map((type) => ({ type, id: idOf('a', type) })) };
  const message = { arrival: 1, listener: 'main', sender: 'HIS|A', type: 'ADT^A01', made: made.focus };
  const facade = await openFacade(t, {
    messages: { get: async (tenant, { number }) => (tenant === north && number === 1 ? message : undefined) },
  });
  await facade.store.dropTenant(north);
  const now = facade.auth.clock.now();
  await writeResources(facade.store, north, hospital('a'), now);
  await writeResources(facade.store, south, hospital('b'), now);
  for (const version of fhirVersions) {
    const crossing = await open(facade, version);
    const { ask, nothing } = crossing;
    const theirPath = (type: string): string => `${type}/${idOf('a', r4TypeOf(version, type))}`;

    await t.test(`${version}: reads and histories`, async () => {
      for (const type of servedTypes(version)) {
        const own = `${type}/${idOf('b', r4TypeOf(version, type))}`;
        const computed = computedTypes.has(r4TypeOf(version, type));
        if (!computed) assert.equal((await ask('GET', `/${own}`)).status, 200, `${own} is there to be crossed`);
        for (const rest of ['', '/_history', '/_history/1', '?_summary=true']) {
          const path = `/${theirPath(type)}${rest}`;
          for (const headers of [{}, { 'if-none-match': '*, W/"1"' }]) {
            assert.equal((await nothing(path, headers)).status, 404, path);
          }
          const unknown = await nothing(`/${type}/0b7e7a52-100c-8000-8000-000000000001${rest}`);
          assert.equal((await nothing(path)).text, unknown.text, 'what is another’s looks as what never was');
        }
        await nothing(`/${type}/_history?_count=1000`);
        await nothing(`/Provenance/${r4TypeOf(version, type)}-${idOf('a', r4TypeOf(version, type))}-1`);
      }
      const whole = await nothing('/_history?_count=1000');
      assert.match(whole.text, mine);
      assert.equal((await nothing('/MessageHeader/1-1')).status, 404);
    });

    await t.test(`${version}: searches`, async () => {
      for (const type of searched(version)) {
        const all = await nothing(`/${type}?_count=1000`);
        const most = all.body.total;
        assert.ok(most >= 2 && mine.test(all.text), `${type}: ${all.text}`);
        for (const path of searchesFor(version, type)) {
          const { status, body, text } = await nothing(`/${path}`);
          if (!path.includes(':missing')) assert.deepEqual([status, body.total], [200, 0], `${path} ${text}`);
        }
        for (const path of sharedSearches(version, type)) {
          const { status, body, text } = await nothing(`/${path}&_count=0`);
          assert.ok(status === 400 || body.total <= most, `${path} ${text}`);
        }
        const [one = ''] = searchesFor(version, type);
        const form = one.slice(one.indexOf('?') + 1);
        const posted = await ask('POST', `/${type}/_search?${form}`, form, {
          'content-type': 'application/x-www-form-urlencoded',
        });
        assert.equal(posted.body.total, 0);
      }
    });

    await t.test(`${version}: includes, Provenance and what is refused by name`, async () => {
      for (const type of searched(version)) {
        const references = [...searchParametersOf(version, type).values()].filter(({ kind }) => kind === 'reference');
        const includes = references.flatMap(({ name, targets }) => [
          `_include=${type}:${name}`,
          ...targets
            .filter((target) => isResourceType(version, target))
            .map((target) => `_include=${type}:${name}:${target}`),
        ]);
        for (const include of includes) await nothing(`/${type}?${include}`);
        const everything = await nothing(`/${type}?${includes.join('&')}`);
        assert.equal(everything.status, 200, everything.text);
        assert.equal((await nothing(`/Provenance?target=${theirPath(type)}`)).body.total ?? 0, 0);
        const names = [
          ...references.flatMap(({ name }) => [`${name}.name`, `${name}:Patient.name`, `${name}.subject.name`]),
          `_has:Observation:patient:code`,
          '_filter',
          '_list',
          '_contained',
          '_containedType',
          '_revinclude',
          '_revinclude:iterate',
          '_include:iterate',
          '_include:recurse',
          '_type',
          '_at',
          ...refusedParameters,
        ];
        for (const name of names) {
          const path = `/${type}?${name}=${idOf('a', 'Patient')}`;
          const strict = await nothing(path, { prefer: 'handling=strict' });
          assert.ok(strict.status === 400 && names400(strict, name), `${path} strict: ${strict.text}`);
          const lenient = await nothing(path, { prefer: 'handling=lenient' });
          assert.ok(lenient.status === 400 ? names400(lenient, name) : told(lenient, name), `${path}: ${lenient.text}`);
          const narrows = name.includes('.') || /^_(has|filter|query|content|text)/.test(name);
          if (narrows) assert.equal(lenient.status, 400, `${path} would show more than was asked for`);
        }
      }
    });

    await t.test(`${version}: batches`, async () => {
      const base = `${publicUrl}/fhir/${basePath[version]}`;
      const urls = searched(version).flatMap((type) => [
        theirPath(type),
        `/${theirPath(type)}`,
        `${base}/${theirPath(type)}`,
        `${theirPath(type)}/_history`,
        `${theirPath(type)}/_history/1`,
        ...searchesFor(version, type).slice(0, 6),
      ]);
      urls.push('_history', 'MessageHeader/1-1', `http://other.example/${theirPath('Patient')}`);
      for (let at = 0; at < urls.length; at += 200) {
        const entry = urls
          .slice(at, at + 200)
          .map((url) => ({ request: { method: 'GET', url, ifNoneMatch: 'W/"1"' } }));
        const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry });
        const heard = await ask('POST', '', bundle, { 'content-type': 'application/json' });
        assert.equal(heard.status, 200, heard.text);
        assert.equal(heard.body.entry.length, entry.length);
        assert.doesNotMatch(heard.text, theirs);
        for (const [index, { resource, response }] of heard.body.entry.entries()) {
          const url = urls[at + index] ?? '';
          const ended = url === '_history' || resource?.total === 0 || /^40[04]/.test(response.status);
          assert.ok(ended, `${url} ${response.status}`);
        }
      }
    });

    await t.test(`${version}: cursors of another hospital, another client, another base`, async () => {
      const colleague = await facade.tokenOf(`colleague-${basePath[version]}`, north);
      for (const path of [
        ...searched(version).map((type) => `/${type}?_count=1`),
        '/_history?_count=1',
        '/Patient/_history?_count=1',
      ]) {
        const first = await ask('GET', path, undefined, { authorization: facade.northToken });
        const links: { relation: string; url: string }[] = first.body.link;
        assert.ok(
          links.some(({ relation }) => relation === 'next'),
          path,
        );
        for (const { url } of links) {
          assert.doesNotMatch(url, theirs);
          const below = url.slice(`${publicUrl}/fhir/${basePath[version]}`.length);
          assert.equal((await nothing(below)).status, 400, path);
          assert.equal((await ask('GET', below, undefined, { authorization: colleague })).status, 400, path);
          for (const other of fhirVersions.filter((one) => one !== version)) {
            const elsewhere = await facade.app.inject({
              url: `/fhir/${basePath[other]}${below}`,
              headers: { authorization: facade.northToken },
            });
            assert.ok([400, 404].includes(elsewhere.statusCode), `${other} ${path}`);
          }
          assert.equal((await ask('GET', below, undefined, { authorization: facade.northToken })).status, 200);
        }
      }
    });
  }
});

/** The outcome names the parameter, as far as its name has the form of one. */
function names400({ body }: Heard, name: string): boolean {
  return told({ body: { entry: [{ search: { mode: 'outcome' }, resource: body }] } } as Heard, name);
}

function told({ body }: Heard, name: string): boolean {
  const [shown = ''] = name.split(':');
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  const outcomes = (body.entry ?? []).filter((entry: any) => entry.search?.mode === 'outcome');
  return JSON.stringify(outcomes).includes(shown);
}

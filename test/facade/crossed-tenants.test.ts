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

interface Heard {
  readonly path: string;
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  readonly body: any;
}

/** Asks one base as a client of hospital b. */
class Stranger {
  readonly #facade: Facade;
  readonly #version: FhirVersion;

  constructor(facade: Facade, version: FhirVersion) {
    this.#facade = facade;
    this.#version = version;
  }

  async ask(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Heard> {
    const answer = await this.#facade.app.inject({
      method: method as 'GET',
      url: `/fhir/${basePath[this.#version]}${path}`,
      headers: { authorization: this.#facade.southToken, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const text = answer.payload;
    return { path, status: answer.statusCode, text, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Asks and finds nothing of hospital a in what comes back. */
  async nothing(path: string, headers?: Record<string, string>): Promise<Heard> {
    const heard = await this.ask('GET', `/${path}`, undefined, headers);
    this.#check(heard);
    return heard;
  }

  /** The same in batches: one durable record of the audit for many. */
  async nothingOf(paths: readonly string[], headers: Record<string, string> = {}): Promise<Heard[]> {
    const heard: Heard[] = [];
    for (let at = 0; at < paths.length; at += 200) {
      const some = paths.slice(at, at + 200);
      const entry = some.map((url) => ({ request: { method: 'GET', url, ifNoneMatch: 'W/"1"' } }));
      const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry });
      const { status, text, body } = await this.ask('POST', '', bundle, {
        'content-type': 'application/json',
        ...headers,
      });
      assert.equal(status, 200, text);
      assert.equal(body.entry.length, some.length);
      for (const [index, { resource, response }] of body.entry.entries()) {
        const shown = resource ?? response.outcome;
        const one = { path: some[index] ?? '', status: Number.parseInt(response.status, 10), body: shown };
        heard.push({ ...one, text: JSON.stringify(shown ?? null) });
      }
    }
    for (const one of heard) this.#check(one);
    return heard;
  }

  #check({ path, status, text }: Heard): void {
    assert.doesNotMatch(text, theirs, `${this.#version} ${path}`);
    assert.notEqual(status, 500, `${this.#version} ${path}: ${text}`);
  }
}

/** Searches that name what is hospital a's, by every reference parameter and in every form of a reference. */
function searchesFor(version: FhirVersion, type: string): string[] {
  const base = `${publicUrl}/fhir/${basePath[version]}`;
  const own = idOf('a', r4TypeOf(version, type));
  const paths = [`${type}?_id=${own}`, `${type}?_id=${own},${idOf('a', 'Patient')},nobody`];
  for (const { name, kind, targets } of searchParametersOf(version, type).values()) {
    if (kind !== 'reference') continue;
    const pointed = targets.length > 0 ? targets : servedTypes(version);
    const references = pointed.map((target) => `${target}/${idOf('a', r4TypeOf(version, target))}`);
    const ids = pointed.map((target) => idOf('a', r4TypeOf(version, target)));
    paths.push(`${type}?${name}=${references.join(',')}`);
    paths.push(`${type}?${name}=${references.map((reference) => `${base}/${reference}`).join(',')}`);
    paths.push(`${type}?${name}=${ids.join(',')}`);
    for (const [index, target] of pointed.entries()) paths.push(`${type}?${name}:${target}=${ids[index]}`);
  }
  return paths;
}

/** A search by each parameter, with a value that the resources of both hospitals have. */
function sharedSearches(version: FhirVersion, type: string): string[] {
  const values: Record<string, string[]> = {
    token: ['=same', ':not=other', '=same|same'],
    string: ['=same', ':exact=same', ':contains=am'],
    date: ['=2026-03-01', '=ge2020'],
    number: ['=1.5', '=gt0'],
    quantity: ['=1.5', '=gt0|same|same'],
    uri: ['=same'],
    composite: ['=same$same'],
    reference: [':identifier=same|same'],
  };
  return [...searchParametersOf(version, type).values()].flatMap(({ name, kind }) =>
    [...(values[kind] ?? assert.fail(kind)), ':missing=false', ':missing=true'].map(
      (value) => `${type}?${name}${value}&_count=0`,
    ),
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
    const stranger = new Stranger(facade, version);
    const theirPath = (type: string): string => `${type}/${idOf('a', r4TypeOf(version, type))}`;

    await t.test(`${version}: reads and histories`, async () => {
      const rests = ['', '/_history', '/_history/1', '?_summary=true'];
      for (const type of servedTypes(version)) {
        const own = `${type}/${idOf('b', r4TypeOf(version, type))}`;
        if (!computedTypes.has(r4TypeOf(version, type))) {
          assert.equal((await stranger.nothing(own)).status, 200, `${own} is there to be crossed`);
        }
        const nobody = `${type}/0b7e7a52-100c-8000-8000-000000000001`;
        const heard = await stranger.nothingOf(rests.map((rest) => theirPath(type) + rest));
        const unknown = await stranger.nothingOf(rests.map((rest) => nobody + rest));
        for (const [index, { path, status, text }] of heard.entries()) {
          assert.equal(status, 404, path);
          assert.equal(text, unknown[index]?.text, `${path}: what is another’s looks as what never was`);
        }
        const provenance = `Provenance/${r4TypeOf(version, type)}-${idOf('a', r4TypeOf(version, type))}-1`;
        await stranger.nothingOf([`${type}/_history?_count=1000`, provenance]);
      }
      for (const rest of rests) {
        const path = `${theirPath('Patient')}${rest}`;
        assert.equal((await stranger.nothing(path, { 'if-none-match': '*, W/"1"' })).status, 404, path);
      }
      assert.match((await stranger.nothing('_history?_count=1000')).text, mine);
      assert.equal((await stranger.nothing('MessageHeader/1-1')).status, 404);
      const owner = { authorization: facade.northToken };
      assert.match((await stranger.ask('GET', '/Patient', undefined, owner)).text, theirs, 'it would be seen');
      assert.equal((await stranger.ask('GET', '/MessageHeader/1-1', undefined, owner)).status, 200);
    });

    await t.test(`${version}: searches`, async () => {
      for (const type of searched(version)) {
        const all = await stranger.nothing(`${type}?_count=1000`);
        const most = all.body.total;
        assert.ok(most >= 2 && mine.test(all.text), `${type}: ${all.text}`);
        for (const { path, status, body, text } of await stranger.nothingOf(searchesFor(version, type))) {
          assert.deepEqual([status, body.total], [200, 0], `${path} ${text}`);
        }
        for (const { path, status, body, text } of await stranger.nothingOf(sharedSearches(version, type))) {
          assert.ok(status === 400 || body.total <= most, `${path} ${text}`);
        }
      }
      const [first = ''] = searchesFor(version, 'Observation');
      const form = first.slice(first.indexOf('?') + 1);
      const posted = await stranger.ask('POST', `/Observation/_search?${form}`, form, {
        'content-type': 'application/x-www-form-urlencoded',
      });
      assert.equal(posted.body.total, 0);
    });

    await t.test(`${version}: includes, Provenance and what is refused by name`, async () => {
      for (const type of searched(version)) {
        const references = [...searchParametersOf(version, type).values()].filter(({ kind }) => kind === 'reference');
        const wildcard = await stranger.nothing(`${type}?_include=*&_count=1000`);
        assert.equal(wildcard.status, 200, wildcard.text);
        const includes = references.flatMap(({ name, targets }) => [
          `_include=${type}:${name}`,
          ...targets
            .filter((target) => isResourceType(version, target))
            .map((target) => `_include=${type}:${name}:${target}`),
        ]);
        const everything = await stranger.nothing(`${type}?${includes.join('&')}`);
        assert.equal(everything.status, 200, everything.text);
        const [told] = await stranger.nothingOf([`Provenance?target=${theirPath(type)}`]);
        assert.equal(told?.body.total ?? 0, 0);
        const names = [
          ...references.flatMap(({ name }) => [`${name}.name`, `${name}:Patient.name`, `${name}.subject.name`]),
          '_has:Observation:patient:code',
          ...['_filter', '_list', '_contained', '_containedType', '_type', '_at'],
          ...['_revinclude', '_revinclude:iterate', '_include:iterate', '_include:recurse'],
          ...refusedParameters,
        ];
        const paths = names.map((name) => `${type}?${name}=${idOf('a', 'Patient')}`);
        const strict = await stranger.nothingOf(paths, { prefer: 'handling=strict' });
        const lenient = await stranger.nothingOf(paths, { prefer: 'handling=lenient' });
        for (const [index, name] of names.entries()) {
          const [refused, left] = [strict[index] ?? assert.fail(), lenient[index] ?? assert.fail()];
          assert.ok(refused.status === 400 && isNamed(refused, name), `${refused.path}: ${refused.text}`);
          assert.ok(isNamed(left, name), `${left.path}: ${left.text}`);
          const narrows =
            name.includes('.') || /^_(has|filter|query|content|text|list)$/.test(name.split(':')[0] ?? '');
          if (narrows) assert.equal(left.status, 400, `${left.path} would show more than was asked for`);
        }
      }
    });

    await t.test(`${version}: URLs of batches`, async () => {
      const base = `${publicUrl}/fhir/${basePath[version]}`;
      const path = theirPath('Patient');
      const urls = [`/${path}`, `${base}/${path}`, `http://other.example/${path}`, `//other.example/${path}`];
      for (const { path: url, status } of await stranger.nothingOf([
        ...urls,
        `../r4/${path}`,
        `./${path}`,
        'MessageHeader/1-1',
      ])) {
        assert.ok([400, 404].includes(status), `${url} ${status}`);
      }
    });

    await t.test(`${version}: cursors of another hospital, another client, another base`, async () => {
      const colleague = await facade.tokenOf(`colleague-${basePath[version]}`, north);
      for (const path of [
        ...searched(version).map((type) => `/${type}?_count=1`),
        '/_history?_count=1',
        '/Patient/_history?_count=1',
      ]) {
        const first = await stranger.ask('GET', path, undefined, { authorization: facade.northToken });
        const links: { relation: string; url: string }[] = first.body.link;
        assert.ok(
          links.some(({ relation }) => relation === 'next'),
          path,
        );
        for (const { url } of links) {
          assert.doesNotMatch(url, theirs);
          const below = url.slice(`${publicUrl}/fhir/${basePath[version]}`.length);
          assert.equal((await stranger.nothing(below.slice(1))).status, 400, path);
          assert.equal((await stranger.ask('GET', below, undefined, { authorization: colleague })).status, 400, path);
          for (const other of fhirVersions.filter((one) => one !== version)) {
            const elsewhere = await facade.app.inject({
              url: `/fhir/${basePath[other]}${below}`,
              headers: { authorization: facade.northToken },
            });
            assert.ok([400, 404].includes(elsewhere.statusCode), `${other} ${path}`);
          }
          assert.equal((await stranger.ask('GET', below, undefined, { authorization: facade.northToken })).status, 200);
        }
      }
    });
  }
});

/** The outcome, alone or beside the matches, names the parameter. */
function isNamed({ body }: Heard, name: string): boolean {
  const [shown = ''] = name.split(':');
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  const beside = (body.entry ?? []).filter((entry: any) => entry.search?.mode === 'outcome');
  return JSON.stringify(body.resourceType === 'OperationOutcome' ? body : beside).includes(shown);
}

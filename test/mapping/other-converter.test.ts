/**
 * Our bundles beside those that another converter makes of the corpus. What it has and ours lack is either mended or explained:
 * each file of `differences/` names its messages and, under the section of docs/mapping-differences.md that says why, how many differences
 * there are at which place, or which types we never make. One more than that, or one less, fails the test.
 * WARDLINE_DIFFERENCES=1 prints what is not explained, most frequent first.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/core/json.js';
import { convertMessages } from '../../src/engine/convert.js';
import { fillDisplays } from '../../src/fhir/displays.js';
import { bundleDifferences } from '../support/bundle-difference.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { projectMapping } from './mapped.js';

/** Of several that fit a difference, the first counts. */
interface Explanation {
  readonly because: string;
  /** Messages and values that it is narrowed to, as regular expressions. */
  readonly in?: string;
  readonly value?: string;
  /** How many differences each place has; without places: wherever the value stands. */
  readonly places?: Readonly<Record<string, number>>;
  /** Types of which we make no resource. */
  readonly types?: readonly string[];
}

interface Comparison {
  /** Which messages of the corpus: a regular expression over the file's name. */
  readonly messages: string;
  readonly explained: readonly Explanation[];
}

const folder = join('test', 'mapping', 'differences');
const sections = readFileSync(join('docs', 'mapping-differences.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('## '))
  .map((line) => line.slice(3));

for (const file of readdirSync(folder).sort()) {
  const { messages, explained } = parse(readFileSync(join(folder, file), 'utf8')) as Comparison;

  test(`${file}: what another converter has of these messages and ours lack is explained`, (t) => {
    if (!hasCorpus(t)) return;
    const reasons = explained.map((each) => new Reason(each));
    const open = new Map<string, { count: number; example: string }>();
    const made = new Set<string>();
    let compared = 0;
    for (const { name, bytes, theirs } of expectedBundles(new RegExp(messages, 'u'))) {
      const [converted] = convertMessages(projectMapping(), bytes, { version: 'R4', trace: false });
      assert.equal(converted?.outcome, 'mapped', name);
      compared++;
      const resources = resourcesOf(converted.bundle);
      for (const { resourceType } of resources) made.add(String(resourceType));
      for (const { at, value, elsewhere } of bundleDifferences(theirs, displayed(resources))) {
        if (reasons.some((reason) => reason.takes(name, at, value))) continue;
        const kind = `${at}, ours ${elsewhere ?? 'nowhere'}`;
        const { count, example } = open.get(kind) ?? { count: 0, example: `${value} (${name})` };
        open.set(kind, { count: count + 1, example });
      }
    }
    t.diagnostic(`${compared} bundles compared, ${open.size} kinds of difference without an explanation`);
    if (process.env['WARDLINE_DIFFERENCES'] !== undefined) {
      for (const [kind, { count, example }] of [...open].sort((a, b) => b[1].count - a[1].count)) {
        t.diagnostic(`${count} × ${kind}: ${example}`);
      }
    }
    assert.deepEqual([...open.keys()], [], 'kinds of difference without an explanation');
    assert.deepEqual(
      reasons.flatMap((reason) => reason.otherThanExplained()),
      [],
      'more or fewer differences than are explained',
    );
    assert.deepEqual(
      explained.flatMap(({ types = [] }) => types.filter((type) => made.has(type))),
      [],
      'types of which we are said to make no resource',
    );
    assert.deepEqual(
      explained.filter(({ because }) => !sections.includes(because)).map(({ because }) => because),
      [],
      'sections that docs/mapping-differences.md lacks',
    );
  });
}

/** One explanation, and what it explained. */
class Reason {
  readonly #explanation: Explanation;
  readonly #in: RegExp;
  readonly #value: RegExp;
  readonly #found = new Map<string, number>();

  constructor(explanation: Explanation) {
    this.#explanation = explanation;
    this.#in = new RegExp(explanation.in ?? '', 'u');
    this.#value = new RegExp(explanation.value ?? '', 'u');
  }

  takes(message: string, at: string, value: string): boolean {
    const { places, types } = this.#explanation;
    const named = places === undefined ? types === undefined : at in places;
    if (!named && types?.includes(at.split('.', 1)[0] ?? '') !== true) return false;
    if (!this.#in.test(message) || !this.#value.test(value)) return false;
    this.#found.set(at, (this.#found.get(at) ?? 0) + 1);
    return true;
  }

  otherThanExplained(): string[] {
    const { because, places = {}, types } = this.#explanation;
    if (this.#found.size === 0) return [`${because}: nothing of it${types === undefined ? '' : ` (${types})`}`];
    return Object.entries(places).flatMap(([place, count]) => {
      const found = this.#found.get(place) ?? 0;
      return found === count ? [] : [`${because}: ${place} ${found}, not ${count}`];
    });
  }
}

function* expectedBundles(names: RegExp): Generator<{ name: string; bytes: Buffer; theirs: JsonObject }> {
  const expected = join(corpusFolder, 'expected');
  for (const path of readdirSync(expected, { recursive: true, encoding: 'utf8' }).sort()) {
    const name = /([^/\\]+)-expected\.json$/.exec(path)?.[1];
    const source = join(corpusFolder, 'messages', `${name}.hl7`);
    if (name === undefined || !names.test(path) || !existsSync(source)) continue;
    const theirs = JSON.parse(readFileSync(join(expected, path), 'utf8').replace(/^\uFEFF/, '')) as JsonObject;
    yield { name, bytes: readFileSync(source), theirs };
  }
}

function resourcesOf(bundle: JsonObject): readonly JsonObject[] {
  const entries = bundle['entry'] as unknown as readonly { readonly resource: JsonObject }[];
  return entries.map(({ resource }) => resource);
}

/** As the facade serves it: displays that the message did not carry are filled in. */
function displayed(resources: readonly JsonObject[]): JsonObject {
  return { entry: resources.map((resource) => ({ resource: fillDisplays(resource, () => undefined) })) };
}

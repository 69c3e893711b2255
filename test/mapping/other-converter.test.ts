/**
 * Our bundles beside those that another converter makes of the corpus. What it has and ours lack is either mended or explained:
 * each file of `differences/` names its messages and, by place and value, why ours differ (docs/mapping-differences.md tells more).
 * A kind
 * of difference is a place there and a place here. WARDLINE_DIFFERENCES=1 prints the unexplained ones, most frequent first.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/core/json.js';
import { convertMessages } from '../../src/engine/convert.js';
import { fillDisplays } from '../../src/fhir/displays.js';
import { type BundleDifference, bundleDifferences } from '../support/bundle-difference.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { projectMapping } from './mapped.js';

interface Comparison {
  /** Which messages of the corpus: a regular expression over the file's name. */
  readonly messages: string;
  /** Regular expressions over the place and the value (all values when left out), and the section that says why. */
  readonly explained: readonly { readonly at: string; readonly value?: string; readonly because: string }[];
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
    const reasons = explained.map(({ at, value = '', because }) => ({
      at: new RegExp(`^(?:${at})$`, 'u'),
      value: new RegExp(value, 'u'),
      because,
      used: false,
    }));
    const open = new Map<string, { count: number; example: BundleDifference; name: string }>();
    let compared = 0;
    for (const { name, bytes, theirs } of expectedBundles(new RegExp(messages, 'u'))) {
      const [converted] = convertMessages(projectMapping(), bytes, { version: 'R4', trace: false });
      assert.equal(converted?.outcome, 'mapped', name);
      compared++;
      for (const difference of bundleDifferences(theirs, displayed(converted.bundle))) {
        const reason = reasons.find(({ at, value }) => at.test(difference.at) && value.test(difference.value));
        if (reason !== undefined) reason.used = true;
        else {
          const key = `${difference.at} ${difference.elsewhere ?? 'nowhere'}`;
          const there = open.get(key);
          open.set(key, { count: (there?.count ?? 0) + 1, example: there?.example ?? difference, name });
        }
      }
    }
    t.diagnostic(`${compared} bundles compared, ${open.size} kinds of difference without an explanation`);
    if (process.env['WARDLINE_DIFFERENCES'] !== undefined) {
      for (const [, { count, example, name }] of [...open].sort((a, b) => b[1].count - a[1].count)) {
        t.diagnostic(`${count} × ${example.at} = ${example.value} (${name}); ours: ${example.elsewhere ?? 'nowhere'}`);
      }
    }
    assert.deepEqual([...open.keys()], [], 'kinds of difference without an explanation');
    assert.deepEqual(
      reasons.filter(({ used }) => !used).map(({ at }) => at.source),
      [],
      'explanations of what no longer differs',
    );
    assert.deepEqual(
      reasons.filter(({ because }) => !sections.includes(because)).map(({ because }) => because),
      [],
      'sections that docs/mapping-differences.md lacks',
    );
  });
}

function* expectedBundles(names: RegExp): Generator<{ name: string; bytes: Buffer; theirs: JsonObject }> {
  const expected = join(corpusFolder, 'expected');
  for (const name of readdirSync(expected, { recursive: true, encoding: 'utf8' }).sort()) {
    const message = /([^/\\]+)-expected\.json$/.exec(name)?.[1];
    const source = join(corpusFolder, 'messages', `${message}.hl7`);
    if (message === undefined || !names.test(name) || !existsSync(source)) continue;
    const theirs = JSON.parse(readFileSync(join(expected, name), 'utf8').replace(/^\uFEFF/, '')) as JsonObject;
    yield { name, bytes: readFileSync(source), theirs };
  }
}

/** As the facade serves it: displays that the message did not carry are filled in. */
function displayed(bundle: JsonObject): JsonObject {
  const entries = bundle['entry'] as unknown as readonly { readonly resource: JsonObject }[];
  return { ...bundle, entry: entries.map(({ resource }) => ({ resource: fillDisplays(resource, () => undefined) })) };
}

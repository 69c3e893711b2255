/** Searches so long that their links are: over a real socket, as its limits count. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { startFacade } from '../../src/facade/listen.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

interface Bundle {
  readonly total: number;
  readonly entry?: readonly { readonly resource: { readonly id: string } }[];
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly issue?: readonly { readonly code: string; readonly diagnostics: string }[];
}

async function open(t: TestContext) {
  const { parts, northToken } = await openFacade(t);
  const running = await startFacade(parts, { host: '127.0.0.1', port: 0, trustedProxies: [] });
  t.after(() => running.close());
  const here = `http://127.0.0.1:${running.port}`;
  const ask = async (url: string, form?: string): Promise<[number, Bundle]> => {
    const headers = { authorization: northToken, 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(url, form === undefined ? { headers } : { headers, method: 'POST', body: form });
    return [response.status, (await response.json()) as Bundle];
  };
  return {
    search: (type: string, form: string) => ask(`${here}/fhir/r4/${type}/_search`, form),
    follow: (url: string) => ask(url.replace(parts.publicUrl, here)),
  };
}

const strangers = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

test('each link of a search for more than a thousand ids works by GET', { timeout: 60_000 }, async (t) => {
  const { search, follow } = await open(t);
  const sought = [ids.sodium, ids.pulse, ids.pressure, ids.oldPulse];
  const all = [...strangers(750), ...sought, ...strangers(750)];
  const found: string[] = [];
  let [status, page] = await search('Observation', `_count=1&_sort=-date&_id=${all.join(',')}`);
  for (;;) {
    assert.equal(status, 200);
    assert.equal(page.total, sought.length);
    found.push(...(page.entry ?? []).map(({ resource }) => resource.id));
    const self = page.link.find(({ relation }) => relation === 'self')?.url ?? assert.fail();
    const [again, same] = await follow(self);
    assert.deepEqual([again, same.entry], [200, page.entry]);
    const next = page.link.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined) break;
    assert.ok(next.length > 16_000);
    [status, page] = await follow(next);
  }
  assert.deepEqual(found.toSorted(), sought.toSorted());
});

test('a search too long for a link is refused at once, whatever it finds, naming the parameter', async (t) => {
  const { search } = await open(t);
  for (const known of [[], [ids.pulse]]) {
    const [status, outcome] = await search('Observation', `code=x&_id=${[...known, ...strangers(4000)].join(',')}`);
    assert.equal(status, 400);
    const [issue] = outcome.issue ?? [];
    assert.equal(issue?.code, 'too-long');
    assert.match(issue?.diagnostics ?? '', /^the links of this answer would be \d+ characters long, .* in _id$/);
  }
});

test('what slipped into the place of a name is not shown', async (t) => {
  const { search } = await open(t);
  const slipped = strangers(4000).join('|');
  const [status, outcome] = await search('Observation', `Smith%20John=${slipped}`);
  assert.deepEqual([status, outcome.issue?.[0]?.code], [400, 'too-long']);
  assert.doesNotMatch(JSON.stringify(outcome), /Smith/);
});

/**
 * How much of each message of the corpus its output carries: at least 95 % of its valued components. Where that is not so, the test names the
 * components that must not be carried and why; without them the share is that high. An exception that is not needed any more fails.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { convertMessages } from '../../src/engine/convert.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { shareCarried } from '../support/share-carried.js';
import { projectMapping } from './mapped.js';

const least = 0.95;

/** Of which messages, which fields must not be carried, and why. */
const exceptions: readonly { readonly of: RegExp; readonly fields: RegExp; readonly why: string }[] = [
  { of: /^ADT-A29/, fields: /^(PID|PD1)-/, why: 'the person is deleted, and all that is told of it' },
  { of: /^ADT01-28/, fields: /^PV1-/, why: 'a PV1 without visit number and admission time names no visit' },
  {
    of: /^MDHHS-OML-O21-1/,
    fields: /^GT1-(21|24|25|42|51)$/,
    why: 'an ORC ran into the GT1, so that its numbers and places stand where dates, answers and names are expected',
  },
  { of: /^MDM-T\d\d-01/, fields: /^CON-/, why: 'a consent is told by the feed of the consents' },
  {
    of: /^OUL/,
    fields: /^(INV-|OBX-(5|18)$)/,
    why: 'the stock of a laboratory is no part of a record; ED.2, ED.4 and EI.4 (IM, Base64, GUID) are carried out, not copied',
  },
  { of: /^MDM_01/, fields: /^(ORC|TQ1|OBR|NTE|TXA)-/, why: 'MSH-9 says ADT^A01, which has no orders and documents' },
  { of: /^SIU_12/, fields: /^(SCH|AI[SGLP]|NTE)-/, why: 'MSH-9 says ADT^A60, which has no appointments' },
];

test('each message of the corpus is carried over, but for what must not be', (t) => {
  if (!hasCorpus(t)) return;
  const needed = new Set<RegExp>();
  const shares: number[] = [];
  for (const name of readdirSync(join(corpusFolder, 'messages')).sort()) {
    const bytes = readFileSync(join(corpusFolder, 'messages', name));
    const tenant = { zone: 'Europe/Berlin' };
    const [converted] = convertMessages(projectMapping(), bytes, { version: 'R4', trace: false, tenant });
    if (converted?.outcome !== 'mapped') continue;
    const message = parseMessage(
      bytes
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .trim()
        .replace(/\r?\n/g, '\r'),
    );
    assert.ok(!isParseFault(message), name);
    const { valued, carried, left } = shareCarried(message, converted.bundle);
    shares.push(carried / valued);
    if (carried / valued >= least) continue;
    const exception = exceptions.find(({ of }) => of.test(name));
    const others = left.filter((field) => exception?.fields.test(field) !== true);
    const share = carried / (carried + others.length);
    assert.ok(exception !== undefined && share >= least, `${name}: ${percent(share)}, left ${others.join(' ')}`);
    needed.add(exception.of);
  }
  assert.deepEqual(
    exceptions.filter(({ of }) => !needed.has(of)).map(({ of }) => of.source),
    [],
    'exceptions that nothing needs',
  );
  shares.sort((a, b) => a - b);
  const median = shares[shares.length >> 1] ?? 0;
  const below = shares.filter((share) => share < least).length;
  t.diagnostic(`${shares.length} messages, the median ${percent(median)}, ${below} below ${percent(least)}`);
  assert.ok(median >= 0.975);
});

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

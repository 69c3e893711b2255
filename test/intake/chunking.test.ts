import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acknowledged, adt, frame, install } from './installation.js';

/** Pieces of a stream: whole frames, and what else comes by. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('message' as const), tail: fc.string({ maxLength: 200 }) }) },
  fc.constant({ kind: 'cut' as const, tail: '' }),
  fc.constant({ kind: 'empty' as const, tail: '' }),
  fc.constant({ kind: 'junk' as const, tail: '' }),
);

/** However a stream is cut into writes, the same rows are archived and the same acknowledgements leave, in the same order. */
test('any chunking of a byte stream gives the same rows and acknowledgements', async (t) => {
  const here = await install(t);
  let stream = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }),
      async (pieces, sizes) => {
        const run = ++stream;
        const seen = (await here.rows()).length;
        const rows: string[] = [];
        const answers: string[] = [];
        const bytes = pieces.map(({ kind, tail }, n) => {
          const id = `R${run}M${n}`;
          const message = `${adt(id)}NTE|1||${tail.replaceAll(/[^\x20-\x7e]/g, '~')}\r`;
          if (kind === 'empty') return frame('\r');
          if (kind === 'junk') return Buffer.from('junk');
          rows.push(kind === 'cut' ? `truncated ${message}` : `message ${message}`);
          answers.push(kind === 'cut' ? `AE ${id}` : `AA ${id}`);
          return kind === 'cut' ? Buffer.from(`\x0b${message}`) : frame(message);
        });
        rows.push(`message ${adt(`R${run}`)}`);
        answers.push(`AA R${run}`);
        // After a cut frame, what follows up to its end belongs to it unless a new frame begins.
        const whole = Buffer.concat([...separate(pieces, bytes), frame(adt(`R${run}`))]);
        const client = await here.client();
        for (let at = 0, n = 0; at < whole.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          client.write(whole.subarray(at, at + size));
          at += size;
        }
        const replies = await client.replies(answers.length);
        client.close();
        assert.deepEqual(replies.flatMap(acknowledged), answers);
        assert.deepEqual(
          (await here.rows()).slice(seen).map(({ kind, text }) => `${kind} ${text}`),
          rows,
        );
      },
    ),
    { numRuns: 60 },
  );
});

const shards = [
  '\x0b',
  '\x1c',
  '\x1c\r',
  '\r',
  '\n',
  'MSH',
  'MSH|',
  '|',
  '^~\\&',
  '\0',
  '\xff\xfe',
  '\xef\xbb\xbf',
  'BHS|',
  'FTS|9\r',
  adt('F1'),
];

test('no bytes stop the listener', async (t) => {
  const here = await install(t);
  const shard = fc.oneof(fc.constantFrom(...shards), fc.string({ unit: 'binary', maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(fc.array(shard, { maxLength: 40 }), async (pieces) => {
      const client = await here.client();
      client.write(Buffer.from(pieces.join(''), 'latin1'));
      client.socket.end();
      await client.closed();
      client.close();
    }),
    { numRuns: 200 },
  );
  const client = await here.client();
  client.write(frame(adt('LAST')));
  assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA LAST']);
  assert.doesNotMatch(here.logged(), /a frame could not be taken/);
});

/** Drops junk that would lie inside a cut frame. */
function separate(pieces: readonly { readonly kind: string }[], bytes: readonly Buffer[]): Buffer[] {
  return bytes.filter((_, n) => {
    if (pieces[n]?.kind !== 'junk') return true;
    const before = pieces.slice(0, n).findLast(({ kind }) => kind !== 'junk');
    return before?.kind !== 'cut';
  });
}

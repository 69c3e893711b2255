import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyedHash } from '../../src/core/keyed-hash.js';

test('the digest is HMAC-SHA-256 for every key and message, however they follow each other', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  const message = fc.oneof(bytes(3000), fc.string({ unit: 'binary', maxLength: 800 }));
  fc.assert(
    fc.property(bytes(200), fc.array(message, { minLength: 1, maxLength: 4 }), (key, messages) => {
      const keyed = new KeyedHash(key);
      for (const each of messages) {
        const expected = createHmac('sha256', key).update(each).digest();
        assert.deepEqual(keyed.digest(each), expected);
        assert.equal(keyed.hex(each), expected.toString('hex'));
      }
    }),
  );
});

test('a very long message leaves no room behind that the next would read', () => {
  const keyed = new KeyedHash(Buffer.from('key'));
  for (const each of ['x'.repeat(2_000_000), 'y', '']) {
    assert.deepEqual(keyed.digest(each), createHmac('sha256', 'key').update(each).digest());
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { deriveKey, newKey, seal, sealText, unseal, unsealText, unwrapKey, wrapKey } from '../../src/core/seal.js';

describe('sealing', () => {
  const key = newKey();

  test('opens to what was sealed, and two sealings of the same differ', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.string(), (bytes, about) => {
        const sealed = seal(key, bytes, about);
        assert.deepEqual(new Uint8Array(unseal(key, sealed, about)), bytes);
        assert.notDeepEqual(seal(key, bytes, about), sealed);
      }),
      { numRuns: 50 },
    );
  });

  test('no changed byte, other key or other place opens it', () => {
    const sealed = seal(key, Buffer.from('MSH|^~\\&|'), 'tenant:1-1');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.throws(() => unseal(key, changed, 'tenant:1-1'), { code: 'seal-broken' });
    }
    assert.throws(() => unseal(newKey(), sealed, 'tenant:1-1'), { code: 'seal-broken' });
    assert.throws(() => unseal(key, sealed, 'tenant:1-2'), { code: 'seal-broken' });
    assert.throws(() => unseal(key, sealed.subarray(0, 20), 'tenant:1-1'), { code: 'seal-broken' });
  });

  test('keys and texts are wrapped as text', () => {
    const inner = newKey();
    assert.deepEqual(unwrapKey(key, wrapKey(key, inner, 'tenant'), 'tenant'), inner);
    assert.throws(() => unwrapKey(key, wrapKey(key, inner, 'tenant'), 'other'), { code: 'seal-broken' });
    assert.equal(unsealText(key, sealText(key, '{"d":"ü"}', 'jwk'), 'jwk'), '{"d":"ü"}');
  });

  test('derived keys differ by purpose and stay the same', () => {
    assert.deepEqual(deriveKey(key, 'a'), deriveKey(key, 'a'));
    assert.notDeepEqual(deriveKey(key, 'a'), deriveKey(key, 'b'));
  });

  test('no two sealings share a nonce, however many there are', () => {
    const nonces = Array.from({ length: 2000 }, () =>
      Buffer.from(seal(key, Buffer.from('same'), 'same').subarray(1, 13)).toString('hex'),
    );
    assert.equal(new Set(nonces).size, nonces.length);
    assert.equal(nonces.includes('0'.repeat(24)), false);
  });
});

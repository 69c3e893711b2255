import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptDocuments } from '../../src/store/kept-documents.js';
import type { StoredDocument } from '../../src/store/resource-port.js';

function document(id: string, revision: number): StoredDocument {
  return {
    ...{ type: 'Patient', id, revision, state: {}, resource: null, hash: '', version: 1, lastUpdated: 0, source: '' },
    ...{ members: [], standsFor: '', moved: [], patient: '', keyRest: '', touches: [] },
  };
}

test('a document is given at its revision and of its file alone', () => {
  const kept = new KeptDocuments();
  const [file, another] = [{}, {}];
  const one = document('a', 3);
  kept.keep(file, { document: one, size: 10 });
  assert.equal(kept.get(file, 'Patient', 'a', 3)?.document, one);
  assert.equal(kept.get(file, 'Patient', 'a', 2), undefined);
  assert.equal(kept.get(file, 'Patient', 'a', 4), undefined);
  assert.equal(kept.get(file, 'Encounter', 'a', 3), undefined);
  assert.equal(kept.get(another, 'Patient', 'a', 3), undefined);
  kept.clear();
  assert.equal(kept.get(file, 'Patient', 'a', 3), undefined);
});

test('those unused for longest go, and large ones are not kept', () => {
  const kept = new KeptDocuments(100);
  const file = {};
  const has = (id: string): boolean => kept.get(file, 'Patient', id, 1) !== undefined;
  const keep = (id: string, size = 10): void => kept.keep(file, { document: document(id, 1), size });
  keep('used');
  for (let at = 0; at < 40; at++) {
    keep(`n${at}`);
    assert.ok(has('used') && has(`n${at}`));
  }
  const left = Array.from({ length: 40 }, (_, at) => `n${at}`).filter(has);
  assert.ok(left.length >= 5 && left.length <= 20, `${left.length} are left`);
  keep('used', 11);
  assert.ok(!has('used'), 'too large since, and not as it was');
});

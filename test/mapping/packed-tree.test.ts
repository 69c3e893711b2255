import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMapping } from '../../src/mapping/compile.js';
import { packTree, type TreeOf, unpackTree } from '../../src/mapping/packed-tree.js';
import { Problems } from '../../src/mapping/problem.js';
import { readYaml } from '../../src/mapping/yaml-tree.js';
import { readMappingFiles, shippedMappings } from '../../src/store/mapping-files.js';

test('every file that comes with Wardline is packed and unpacked to the tree that YAML gives, with its places', () => {
  for (const [name, text] of Object.entries(readMappingFiles(shippedMappings))) {
    const tree = readYaml(name, text, new Problems());
    assert.ok(tree !== undefined, name);
    const packed = JSON.parse(JSON.stringify(packTree(tree)));
    assert.deepEqual(unpackTree(name, packed), tree, name);
  }
});

test('a tree stands for the text it was made of alone, whatever its file is called', () => {
  const good = readYaml('made/of.yaml', 'nobody: knows\n', new Problems());
  assert.ok(good !== undefined);
  const treeOf: TreeOf = (text) => (text === 'table: x\n' ? packTree(good) : undefined);
  const problemsOf = (text: string) => compileMapping({ 'here.yaml': text }, { treeOf }).problems[0];
  assert.match(problemsOf('table: x\n')?.message ?? '', /begins with one of/, 'the packed tree was taken');
  assert.equal(problemsOf('table: x\n')?.file, 'here.yaml');
  assert.doesNotMatch(problemsOf('table: y\n')?.message ?? '', /begins with one of/);
});

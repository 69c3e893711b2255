/** Parses the mapping files that come with Wardline for the processes to come; `npm run build` ends with it. */
import { writeFileSync } from 'node:fs';
import { type PackedTree, packTree } from '../src/mapping/packed-tree.js';
import { Problems } from '../src/mapping/problem.js';
import { isTestFile } from '../src/mapping/test-cases.js';
import { readYaml } from '../src/mapping/yaml-tree.js';
import { parsedMappings, readMappingFiles, shippedMappings, textDigest } from '../src/store/mapping-files.js';

const trees: Record<string, PackedTree> = {};
for (const [name, text] of Object.entries(readMappingFiles(shippedMappings))) {
  const tree = isTestFile(text) ? undefined : readYaml(name, text, new Problems());
  if (tree !== undefined) trees[textDigest(text)] = packTree(tree);
}
writeFileSync(parsedMappings, JSON.stringify(trees));

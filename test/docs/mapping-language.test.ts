/**
 * Every block of docs/mapping-language.md is what a mapping may hold: it compiles where it would stand, and the cases in it hold. A list of
 * rules names its map on the fence (`yaml PID[Patient]`), a part of a message file or of a build `message` or `build`.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCase } from '../../src/engine/mapping-tests.js';
import { compileMapping } from '../../src/mapping/compile.js';
import { printProblem } from '../../src/mapping/problem.js';
import { isTestFile, readCases } from '../../src/mapping/test-cases.js';
import { mappingFiles } from '../mapping/mapped.js';
import { type Block, blocksOf } from './page.js';

const shipped = mappingFiles();

describe('what the page of the mapping language shows', () => {
  for (const block of blocksOf('mapping-language.md')) {
    it(`line ${block.line} holds together`, () => {
      assert.equal(block.language, 'yaml', 'a block that nothing checks');
      const text = written(block);
      const { mapping, problems } = compileMapping({ ...around(text), ...(isTestFile(text) ? {} : { page: text }) });
      assert.deepEqual(problems.map(printProblem), []);
      const read = readCases({ page: text });
      assert.deepEqual(read.problems.map(printProblem), []);
      for (const one of read.cases) {
        const { fault, differences } = mapping === undefined ? assert.fail() : runCase(mapping, one);
        assert.deepEqual({ fault, differences }, { fault: '', differences: [] }, one.name);
      }
    });
  }
});

/** A block as a whole file; a map gets a role of its own, so that it stands beside the shipped one. */
function written({ words: [place = ''], text }: Block): string {
  const indented = (spaces: number) => text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
  const map = /^([A-Z0-9]+)\[(.+)\]$/.exec(place);
  if (map !== null) {
    const [, from, to] = map;
    const ofType = Object.values(shipped).some((file) => file.includes(`datatype: ${from}\n`));
    const head = ofType ? `datatype: ${from}\ntarget: ${to}` : `segment: ${from}\nresource: ${to}`;
    return `${head}\nrole: shown\nrules:\n${indented(2)}`;
  }
  if (/^(segment|datatype):/m.test(text) && !text.startsWith('layer:')) return `role: shown\n${text}`;
  if (place === 'message') {
    return `message: ADT_A43\ngroups: "MSH EVN {PATIENT: PID [PD1] [MRG] [PV1]}"\nbuild:\n  - { as: patient, at: PID, map: "PID[Patient]" }\n${text}`;
  }
  if (place === 'build') {
    return `message: ORU_R01\ngroups: "MSH {PATIENT_RESULT: PID {ORDER_OBSERVATION: OBR [{OBSERVATION: OBX}] [{SPECIMEN: SPM}]}}"\nbuild:\n  - { as: specimen, at: SPM, map: "SPM[Specimen]" }\n  - as: obs\n    at: OBSERVATION\n    map: OBX[Observation]\n${indented(4)}`;
  }
  return text;
}

/** The shipped files that it stands beside: all but those whose place it takes. */
function around(text: string): Record<string, string> {
  const placeOf: Readonly<Record<string, RegExp>> = {
    table: /^mappings\/tables\/hl70001\./,
    message: /^mappings\/messages/,
    keys: /^mappings\/identity/,
    events: /^mappings\/events/,
    panels: /^mappings\/panels/,
  };
  const place = placeOf[/^([a-z]+):/.exec(text)?.[1] ?? ''];
  return Object.fromEntries(Object.entries(shipped).filter(([name]) => place?.test(name) !== true));
}

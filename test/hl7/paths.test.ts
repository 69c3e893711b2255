import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaves, pathOf } from '../../src/hl7/leaves.js';
import { nodesAt, parsePath, printPath, readPath } from '../../src/hl7/paths.js';
import { msh, read } from './read.js';

const message = read(
  msh,
  'PID|1||A1^^^N&1.2&ISO~B2^^^M||Berg&von^Anna~""',
  'OBX|1|ST|1^a||x~y',
  'OBX|2|ST|2^b||z\\T\\z|""',
);

function at(text: string): string[] {
  const path = parsePath(text);
  assert.ok(path, text);
  assert.equal(printPath(path), text);
  return nodesAt(message, path).map((node) => node.text);
}

test('paths are read, printed and followed', () => {
  const table: [string, string[]][] = [
    ['PID-3', ['A1']],
    ['PID-3[1].1', ['A1']],
    ['PID-3[2].4', ['M']],
    ['PID-3[*].1', ['A1', 'B2']],
    ['PID-3[*].4.2', ['1.2']],
    ['PID-3[*].4', ['N', 'M']],
    ['PID-5.1.2', ['von']],
    ['PID-9', []],
    ['PV1-3', []],
    ['OBX-5', ['x']],
    ['OBX-5[2]', ['y']],
    ['OBX[2]-5', ['z&z']],
    ['OBX[2]-6', ['']],
    ['OBX[3]-5', []],
    ['OBX[*]-5[*]', ['x', 'y', 'z&z']],
    ['OBX[*]-3.2', ['a', 'b']],
    ['MSH-9.2', ['A01']],
    ['MSH-2', ['^~\\&']],
    ['MSH-1', ['|']],
  ];
  for (const [path, texts] of table) assert.deepEqual(at(path), texts, path);
});

test('a path to a segment reads it whole', () => {
  const path = parsePath('OBX[2]');
  assert.ok(path);
  assert.equal(readPath(message, path), 'OBX|2|ST|2^b||z\\T\\z|""');
});

test('what is no path is refused', () => {
  for (const text of [
    '',
    'PID3',
    'pid-3',
    'PID-',
    'PID-0',
    'PID-3[0]',
    'PID-3.',
    'PID-3.1.1.1',
    'PID-3[-1]',
    'PIDX-1',
  ]) {
    assert.equal(parsePath(text), undefined, text);
  }
});

test('every leaf of a message is listed by a path that reads it', () => {
  const listed = [...leaves(message)].map((leaf) => ({ leaf, path: printPath(pathOf(leaf)) }));
  assert.deepEqual(
    listed.filter(({ leaf }) => leaf.segment.name !== 'MSH').map(({ leaf, path }) => `${path}=${leaf.raw}`),
    [
      'PID[1]-1[1]=1',
      'PID[1]-3[1].1=A1',
      'PID[1]-3[1].4.1=N',
      'PID[1]-3[1].4.2=1.2',
      'PID[1]-3[1].4.3=ISO',
      'PID[1]-3[2].1=B2',
      'PID[1]-3[2].4=M',
      'PID[1]-5[1].1.1=Berg',
      'PID[1]-5[1].1.2=von',
      'PID[1]-5[1].2=Anna',
      'PID[1]-5[2]=""',
      'OBX[1]-1[1]=1',
      'OBX[1]-2[1]=ST',
      'OBX[1]-3[1].1=1',
      'OBX[1]-3[1].2=a',
      'OBX[1]-5[1]=x',
      'OBX[1]-5[2]=y',
      'OBX[2]-1[1]=2',
      'OBX[2]-2[1]=ST',
      'OBX[2]-3[1].1=2',
      'OBX[2]-3[1].2=b',
      'OBX[2]-5[1]=z\\T\\z',
      'OBX[2]-6[1]=""',
    ],
  );
  for (const { leaf, path } of listed) {
    const parsed = parsePath(path);
    assert.ok(parsed);
    assert.equal(readPath(message, parsed), leaf.text, path);
  }
});

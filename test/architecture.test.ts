import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  defaultExports,
  driverOwnership,
  drivers,
  fileNames,
  importCycles,
  importDirection,
  purity,
  rooms,
} from './support/architecture-rules.js';
import { checkout, readSource, readSources, type SourceFile } from './support/source-file.js';

const files = readSources(['src', 'workers', 'bench', 'scripts', 'test']);
const page = (name: string): string => readFileSync(join(checkout, name), 'utf8');

const rules: readonly [sentence: string, rule: (files: readonly SourceFile[]) => string[]][] = [
  ['a room imports only from rooms below it', importDirection],
  ['a driver is imported by its room only', driverOwnership],
  ['pure rooms do no I/O and know no clock', purity],
  ['every export has a name', defaultExports],
  ['file names are kebab-case and say something', fileNames],
  ['no files import each other in a ring', importCycles],
];

describe('the order of the house', () => {
  for (const [sentence, rule] of rules) it(sentence, () => assert.deepEqual(rule(files), []));

  it('is read from all files, with their imports', () => {
    const imports = files.filter((file) => file.path.startsWith('src/')).flatMap((file) => file.imports);
    assert.ok(files.length > 300, `${files.length} files`);
    assert.ok(imports.length > 1000, `${imports.length} imports`);
    const known = new Set(files.map((file) => file.path));
    const unknown = imports.filter((name) => name.startsWith('src/') && !known.has(name));
    assert.deepEqual(unknown, [], 'every relative import is a file that was read');
  });

  it('every dependency has its row in the table and its line in the documentation', () => {
    const { dependencies, devDependencies } = JSON.parse(page('package.json'));
    const owned = Object.keys(drivers).filter((name) => !name.startsWith('node:'));
    assert.deepEqual(Object.keys(dependencies).sort(), owned.sort());
    const documented = [...page('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1]);
    assert.deepEqual(documented.sort(), [...Object.keys(dependencies), ...Object.keys(devDependencies)].sort());
  });

  it('the architecture page names the rooms in the same order', () => {
    const named = [...page('docs/architecture.md').matchAll(/^\| `src\/([a-z0-9]+)\/`/gm)].map((row) => row[1]);
    assert.deepEqual(
      named,
      rooms.filter((room) => files.some((file) => file.path.startsWith(`src/${room}/`))),
    );
  });
});

describe('what breaks the order is found', () => {
  const wrong: readonly [path: string, text: string, breaches: readonly string[]][] = [
    [
      'src/store/sample.ts',
      "import { a } from '../engine/apply.js';",
      ['src/store/sample.ts imports src/engine/apply.ts, but store stands below engine'],
    ],
    [
      'src/hl7/sample.ts',
      "export type {\n  A,\n} from '../fhir/version.js';",
      ['src/hl7/sample.ts imports src/fhir/version.ts, but hl7 stands below fhir'],
    ],
    [
      'src/engine/sample.ts',
      "const scope = 'system/*.read';\nconst app = await import('../app.js'); // */",
      ['src/engine/sample.ts imports src/app.ts, but engine stands below app'],
    ],
    [
      'src/core/sample.ts',
      "type Row = import('../store/archive-port.js').ArchiveRow;",
      ['src/core/sample.ts imports src/store/archive-port.ts, but core stands below store'],
    ],
    [
      'src/queue/sample.ts',
      "new Worker(new URL('../app/transform-thread.js', import.meta.url));",
      ['src/queue/sample.ts imports src/app/transform-thread.ts, but queue stands below app'],
    ],
    [
      'src/cli/sample.ts',
      "import { needs } from '../../test/support/needs.js';",
      ['src/cli/sample.ts imports test/support/needs.ts from outside src'],
    ],
    ['src/shared/sample.ts', '', ['src/shared/sample.ts is in no known room']],
    ['src/facade/sample.ts', "import { pino } from 'pino';", ['src/facade/sample.ts imports pino, which is for core']],
    ['src/intake/sample.ts', "import axios from 'axios';", ['src/intake/sample.ts imports axios, which no room owns']],
    [
      'src/engine/sample.ts',
      "import { exec } from 'node:child_process';",
      ['src/engine/sample.ts imports node:child_process, which is for no room'],
    ],
    [
      'src/mapping/sample.ts',
      "import 'node:fs';\n/* Date.now() is not used here */ const now = Date.now();\nconst other = new Date();",
      [
        'src/mapping/sample.ts imports node:fs',
        'src/mapping/sample.ts uses Date.now',
        'src/mapping/sample.ts uses new Date()',
      ],
    ],
    [
      'src/auth/sample.ts',
      "import { readFile } from 'node:fs/promises';",
      ['src/auth/sample.ts imports node:fs/promises'],
    ],
    ['test/sample.test.ts', 'export default 1;', ['test/sample.test.ts has a default export']],
    ['bench/someThing.ts', '', ['bench/someThing.ts: someThing is not kebab-case']],
    ['src/core/utils.ts', '', ['src/core/utils.ts: utils does not say what is in it']],
    ['src/core/sample.ts', "import { a } from './sample.js';", ['src/core/sample.ts → src/core/sample.ts']],
  ];

  for (const [path, text, breaches] of wrong) {
    it(breaches.join('; '), () => {
      const found = rules.flatMap(([, rule]) => rule([readSource(path, text)]));
      assert.deepEqual(found, breaches);
    });
  }

  it('a ring of three', () => {
    const ring = [
      readSource('src/core/a.ts', "import { b } from './b.js';"),
      readSource('src/core/b.ts', "import { type C, c } from './c.js';"),
      readSource('src/core/c.ts', "export { a } from './a.js';"),
    ];
    assert.deepEqual(importCycles(ring), ['src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts']);
  });

  it('but types may come from each other', () => {
    const pair = [
      readSource('src/core/a.ts', "import { type B, type C } from './b.js';\nimport type { D } from './b.js';"),
      readSource('src/core/b.ts', "import { a } from './a.js';"),
    ];
    assert.deepEqual(importCycles(pair), []);
  });

  it('and what only looks like a breach is not', () => {
    const innocent = readSource(
      'src/hl7/sample.ts',
      "// import { a } from '../engine/apply.js';\nconst text = `\nimport { a } from '../app.js';\n`;\nconst say = 'Date.now()';",
    );
    assert.deepEqual(
      rules.flatMap(([, rule]) => rule([innocent])),
      [],
    );
  });
});

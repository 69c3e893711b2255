/**
 * Walks through a page: saves its files, runs its commands and compares what they print, against the real system on free ports.
 * Every block of the page is used, or the walk fails:
 *
 * | Fence | Is |
 * |---|---|
 * | `yaml FILE`, `hl7 FILE` | saved as FILE, which the text before it names |
 * | `sh` | run; all of its commands must succeed |
 * | `sh fails` | run; one of them must fail |
 * | `sh until` | run again until it prints what the page shows: for what becomes visible in a moment |
 * | `sh server` | run in a terminal of its own; what it printed so far is what the page shows |
 * | `sh clone` | left to the reader, and to CI, which begins with a fresh clone: it makes what `checkout` hands to the walk |
 * | `text` | what the block before it prints, see `showsOutput` |
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';
import { hasProgram } from '../support/needs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Block, blocksOf, showsOutput } from './page.js';
import { PageShell } from './shell.js';

const patience = 120_000;
const cloneCommands = /^(git clone <url> wardline|cd wardline|npm ci|npm run build)$/;

/** Walks through `docs/<name>`; says how many commands it ran. */
export async function walk(t: TestContext, name: string): Promise<void> {
  if (!hasProgram(t, 'bash') || !hasProgram(t, 'curl')) return;
  const ports = await freePorts(3);
  const folder = checkout(t);
  const shell = new PageShell(folder, temporaryFolder(t), preludeFor(ports));
  t.after(() => shell.close());
  const blocks = blocksOf(name).map((block) => withPorts(block, ports));
  let ran = 0;
  for (const [index, block] of blocks.entries()) {
    const place = `docs/${name}:${block.line}`;
    if (block.language === 'text') continue;
    const next = blocks[index + 1];
    const shown = next?.language === 'text' ? next.text : undefined;
    const [word = ''] = block.words;
    if (block.language === 'yaml' || block.language === 'hl7') {
      save(block, folder, place);
      continue;
    }
    assert.equal(block.language, 'sh', `${place} is neither a file nor a command: the page says more than is run`);
    if (word === 'clone') {
      for (const line of block.text.trim().split('\n')) assert.match(line, cloneCommands, place);
      continue;
    }
    ran += 1;
    if (word === 'server') {
      await shell.serve(block.text);
      await until(
        () => shown !== undefined && showsOutput(shown, shell.served()),
        () => failure(place, shown, shell.served()),
      );
    } else if (word === 'until') {
      let printed = '';
      await until(
        async () => {
          printed = (await shell.run(block.text)).printed;
          return shown !== undefined && showsOutput(shown, printed);
        },
        () => failure(place, shown, printed),
      );
    } else {
      const { code, printed } = await shell.run(block.text);
      assert.equal(code === 0, word !== 'fails', `${place} ended with ${code}:\n${printed}\n${shell.served()}`);
      if (shown !== undefined) assert.ok(showsOutput(shown, printed), failure(place, shown, printed));
    }
  }
  t.diagnostic(`${ran} blocks of commands`);
}

/** The folder that a reader has after the commands of `sh clone`: the program and its files, and nothing else. */
function checkout(t: TestContext): string {
  const folder = temporaryFolder(t);
  for (const name of ['dist', 'mappings', 'samples', 'node_modules', 'package.json']) {
    symlinkSync(join(programFolder, name), join(folder, name));
  }
  return folder;
}

/** `npm start` without the build that CI has done, on free ports. */
function preludeFor([mllp, http, admin]: readonly number[]): string {
  return `npm() {
  [ "$1" = start ] || return 1
  shift
  [ "$1" = -- ] && shift || set -- --mllp-port ${mllp} "$@"
  node dist/src/cli/main.js start --http-port ${http} --admin-port ${admin} "$@"
}
`;
}

function withPorts(block: Block, [mllp, http, admin]: readonly number[]): Block {
  const text = block.text
    .replaceAll(/\b2575\b/g, String(mllp))
    .replaceAll(/\b8080\b/g, String(http))
    .replaceAll(/\b8081\b/g, String(admin));
  return { ...block, text };
}

function save(block: Block, folder: string, place: string): void {
  const [file = ''] = block.words;
  assert.notEqual(file, '', `${place} is saved nowhere: the page says more than is run`);
  assert.ok(
    block.before.includes(`\`${file}\``),
    `${place} is saved as ${file}, and the text before it does not say so`,
  );
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), block.text);
}

async function until(holds: () => boolean | Promise<boolean>, why: () => string): Promise<void> {
  const end = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(why());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function failure(place: string, shown: string | undefined, printed: string): string {
  return `${place} the page shows\n${shown ?? 'nothing'}\nand this was printed\n${printed}`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

/** What a TypeScript source file says of itself, read as text: its imports and its code without comments and texts. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** From the root of the checkout, with `/`. */
  readonly path: string;
  /** Files and packages that it imports: paths like `path`, or names as written. */
  readonly imports: readonly string[];
  /** Those of `imports` that are there when the program runs, not for types alone. */
  readonly loads: readonly string[];
  /** Files that it starts as a thread or opens beside itself: `new URL('./x.js', import.meta.url)`. */
  readonly opens: readonly string[];
  /** The code with comments and the contents of texts taken out. */
  readonly code: string;
}

/** The checkout, seen from the compiled test. */
export const checkout = fileURLToPath(new URL('../../../', import.meta.url));

/** Every TypeScript file below these folders of the checkout; folders that are not there hold none. */
export function readSources(folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    namesIn(join(checkout, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.split(sep).join('/')}`)
      .map((path) => readSource(path, readFileSync(join(checkout, path), 'utf8'))),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}

/** Comments, and texts in every kind of quotes; texts come first so that `'*\/'` opens no comment. */
const lexeme = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** One file of this path and text. */
export function readSource(path: string, text: string): SourceFile {
  const uncommented = text.replace(lexeme, (found) =>
    found.startsWith('/') ? ' ' : found.startsWith('`') ? '``' : found,
  );
  const found = (pattern: RegExp): string[] => [...uncommented.matchAll(pattern)].map((match) => match[1] ?? '');
  const from = /^[ \t]*(?:import|export)\b([^'";]*?)\bfrom\s*['"]([^'"\n]+)['"]/gm;
  const statements = [...uncommented.matchAll(from)].map(([, names = '', name = '']) => ({
    name,
    types: onlyTypes(names),
  }));
  const loads = [
    ...statements.filter(({ types }) => !types).map(({ name }) => name),
    ...found(/^[ \t]*import\s*['"]([^'"\n]+)['"]/gm),
    ...found(/\brequire\s*\(\s*['"]([^'"\n]+)['"]/g),
  ];
  const imports = [
    ...loads,
    ...statements.filter(({ types }) => types).map(({ name }) => name),
    ...found(/\bimport\s*\(\s*['"]([^'"\n]+)['"]/g),
  ];
  return {
    path,
    imports: imports.map((name) => target(path, name)),
    loads: loads.map((name) => target(path, name)),
    opens: found(/\bnew URL\(\s*['"](\.[^'"\n]+)['"]\s*,\s*import\.meta\.url/g)
      .filter((name) => name.endsWith('.js'))
      .map((name) => target(path, name)),
    code: uncommented.replace(lexeme, "''"),
  };
}

/** True for `type { A }` and for `{ type A, type B }`: such an import is gone from what runs. */
function onlyTypes(names: string): boolean {
  if (/^\s*type\b/.test(names)) return true;
  const listed = /^\s*\{([\s\S]*)\}\s*$/
    .exec(names)?.[1]
    ?.split(',')
    .map((name) => name.trim()) ?? [''];
  return listed.every((name) => name === '' || name.startsWith('type ')) && listed.some((name) => name !== '');
}

function target(from: string, name: string): string {
  if (!name.startsWith('.')) return name;
  return posix.join(dirname(from), name).replace(/\.js$/, '.ts');
}

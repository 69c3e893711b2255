import { open, rename, unlink } from 'node:fs/promises';
import { extname, join } from 'node:path';

/**
 * Moves a file into a folder of the same volume, under its own name, or `name-2`, `name-3` … where that is taken; a file that is
 * there is never replaced. `beside` adds names that must be free as well. Resolves with the name; undefined when there is no
 * such file any more.
 */
export async function moveInto(
  from: string,
  folder: string,
  name: string,
  beside?: { readonly suffix: string; readonly content: (name: string) => string },
): Promise<string | undefined> {
  for (let number = 1; ; number++) {
    const chosen = number === 1 ? name : numbered(name, number);
    const target = join(folder, chosen);
    if (!(await reserve(target))) continue;
    const companion = beside === undefined ? undefined : `${target}${beside.suffix}`;
    try {
      if (companion !== undefined && beside !== undefined && !(await reserve(companion, beside.content(chosen)))) {
        await unlink(target);
        continue;
      }
      await rename(from, target);
      return chosen;
    } catch (error) {
      await Promise.all(
        [target, companion].map((path) => (path === undefined ? undefined : unlink(path).catch(ignore))),
      );
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}

/** Makes a file that was not there, with this content. False where there is one. */
async function reserve(path: string, content = ''): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      if (content !== '') await file.writeFile(content);
    } catch (error) {
      await unlink(path).catch(ignore);
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** True for an error of the operating system of this kind. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** `adt.hl7` as `adt-2.hl7`. */
function numbered(name: string, number: number): string {
  const end = extname(name);
  return `${name.slice(0, name.length - end.length)}-${number}${end}`;
}

function ignore(): void {}

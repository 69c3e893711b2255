import { open, rename, unlink } from 'node:fs/promises';
import { extname, join } from 'node:path';

/**
 * Moves a file into a folder of the same volume, under its own name, or `name-2`, `name-3` … where that is taken; a file that is
 * there is never replaced, and one that is too long for it is cut. `beside` adds names that must be free as well. Resolves with the name; undefined when there is no
 * such file any more.
 */
export async function moveInto(
  from: string,
  folder: string,
  name: string,
  beside?: { readonly suffix: string; readonly content: (name: string) => string },
): Promise<string | undefined> {
  for (let number = 1; ; number++) {
    const chosen = named(name, number, Buffer.byteLength(beside?.suffix ?? ''));
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

/** Bytes of a name on the usual file systems. */
const longestName = 255;

/** `adt.hl7`, or `adt-2.hl7`; cut before its end where it would leave no `room` (bytes) for what is put behind it. */
function named(name: string, number: number, room: number): string {
  const whole = extname(name);
  const end = Buffer.byteLength(whole) > longestName / 2 ? '' : whole;
  const rest = `${number === 1 ? '' : `-${number}`}${end}`;
  const most = longestName - room - Buffer.byteLength(rest);
  let stem = '';
  let bytes = 0;
  for (const character of name.slice(0, name.length - end.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    stem += character;
  }
  return stem + rest;
}

function ignore(): void {}

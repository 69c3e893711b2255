import type { z } from 'zod';

type Path = readonly PropertyKey[];

/** What is left of a configuration that the schema refuses, with something harmless in the place of what is wrong. */
interface MendedConfig<T> {
  readonly value: T;
  /** True for a place of which nothing can be said while something beside it, or in it, is wrong. */
  readonly hides: (path: Path) => boolean;
}

const noTenant = '00000000-0000-4000-8000-000000000000';

/** Elements of the lists, that break no rule between parts of the file. */
const standIns: Readonly<Record<string, (at: number, wrong: unknown) => object>> = {
  listeners: (at) => ({ name: `none-${at}`, port: 0, tenant: noTenant }),
  directories: (at) => ({ name: `none-dir-${at}`, path: `none-${at}`, tenant: noTenant }),
  tenants: (at, wrong) => ({
    id: idOf(wrong) ?? noTenant.replace(/0{12}$/, String(at + 1).padStart(12, '0')),
    name: '-',
  }),
  clients: (at) => ({ id: `none-${at}`, tenants: [noTenant], secretFile: '-' }),
};

/**
 * Takes what the schema refuses out of a configuration, so that rules between its parts can be looked at in the same run and
 * every issue is told at once. Lists keep their places. `undefined` where nothing sensible is left.
 */
export function withoutWrong<T>(
  given: unknown,
  error: z.ZodError,
  parse: (value: unknown) => z.ZodSafeParseResult<T>,
): MendedConfig<T> | undefined {
  if (!isObject(given)) return undefined;
  const value = structuredClone(given);
  const wrong = placesOf(error);
  const replaced = new Set<string>();
  let found = wrong;
  for (let round = 0; round < 5; round++) {
    for (const path of found) takeOut(value, path, replaced);
    const result = parse(value);
    if (result.success) return { value: result.data, hides: (path) => hides(path, wrong, replaced) };
    found = placesOf(result.error);
  }
  return undefined;
}

/** Paths of all that is wrong, that of an unknown key included. */
function placesOf(error: z.ZodError): Path[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path],
  );
}

function takeOut(value: Record<string, unknown>, [head, second, third]: Path, replaced: Set<string>): void {
  if (typeof head !== 'string') return;
  const part = value[head];
  const standIn = standIns[head];
  if (standIn !== undefined && typeof second === 'number' && Array.isArray(part)) {
    const element: unknown = part[second];
    const spare: Record<string, unknown> = { ...standIn(second, element) };
    if (isObject(element) && typeof third === 'string') {
      if (third in spare) element[third] = spare[third];
      else delete element[third];
    } else {
      part[second] = spare;
      replaced.add(`${head} ${second}`);
    }
  } else if (isObject(part) && typeof second === 'string' && second in part) {
    const profile = part[second];
    if (head !== 'profiles') delete part[second];
    else if (isObject(profile) && typeof third === 'string' && third in profile) delete profile[third];
    else part[second] = {};
  } else {
    delete value[head];
  }
}

/** What stands in a replaced element, above or below a wrong place, or says how a part with a wrong place is reached. */
function hides(path: Path, wrong: readonly Path[], replaced: ReadonlySet<string>): boolean {
  if (replaced.has(`${String(path[0])} ${String(path[1])}`)) return true;
  const container = path.at(-1) === 'host' ? path.slice(0, -1) : undefined;
  return wrong.some(
    (place) =>
      isWithin(place, path) || isWithin(path, place) || (container !== undefined && isWithin(place, container)),
  );
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((part, at) => path[at] === part);
}

function idOf(wrong: unknown): string | undefined {
  const id = isObject(wrong) ? wrong['id'] : undefined;
  return typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { isJsonObject, type Json } from '../core/json.js';

/** One place where what came out is not what a case expects. */
export interface Difference {
  /** `name[0].family`. */
  readonly path: string;
  /** Undefined: nothing is expected there. */
  readonly expected: Json | undefined;
  readonly got: Json | undefined;
  /** The rules that set what stands there. */
  readonly rule?: string;
}

/**
 * Where a value differs from what is expected. Members that are not named are not looked at, unless `only`; null expects that nothing
 * is there; a text that ends in `/*` expects any reference of that type. Lists are compared whole, in order.
 */
export function differences(expected: Json | undefined, got: Json | undefined, only: boolean, path = ''): Difference[] {
  if (expected === null || expected === undefined) {
    return got === null || got === undefined ? [] : [{ path, expected: undefined, got }];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return [{ path, expected, got }];
    const count = Math.max(expected.length, got.length);
    return Array.from({ length: count }, (_, index) => index).flatMap((index) =>
      differences(expected[index], got[index], only, `${path}[${index}]`),
    );
  }
  if (isJsonObject(expected)) {
    if (!isJsonObject(got)) return [{ path, expected, got }];
    const names = only ? new Set([...Object.keys(expected), ...Object.keys(got)]) : Object.keys(expected);
    return [...names].flatMap((name) =>
      differences(expected[name], got[name], only, path === '' ? name : `${path}.${name}`),
    );
  }
  const any = typeof expected === 'string' && expected.endsWith('/*') && typeof got === 'string';
  const same = any ? got.startsWith(expected.slice(0, -1)) : expected === got;
  return same ? [] : [{ path, expected, got }];
}

/** SMART on FHIR backend scopes: `system/*.read` (v1), `system/Patient.rs` (v2), and Wardline's own (`hl7:send`). */

/** What a SMART scope lets a client do with resources of a type. */
interface SystemScope {
  /** `*` or a resource type, in the name of any FHIR version. */
  readonly type: string;
  readonly read: boolean;
  readonly search: boolean;
  readonly form: 'v1' | 'v2';
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const systemScope = /^system\/(\*|[A-Z][A-Za-z]{0,63})\.(read|\*|(?=[cruds])c?r?u?d?s?)$/;
const ownScopes: ReadonlySet<string> = new Set(['hl7:send']);

/** The scope that a client gets when it names none. */
export const defaultScope = 'system/*.read';

/** What a client may ask for, each for all types (RFC 8414 §2 `scopes_supported`). */
export const offeredScopes: readonly string[] = [defaultScope, 'system/*.rs', ...ownScopes];

/** The scope parameter taken apart: tenant GUIDs (lower case, each once) and everything else. */
export interface AskedScopes {
  readonly tenants: readonly string[];
  readonly others: readonly string[];
}

export function readScopes(scope: string): AskedScopes {
  const words = scope.split(/\s+/).filter((word) => word !== '');
  const tenants = words.filter((word) => guid.test(word)).map((word) => word.toLowerCase());
  return { tenants: [...new Set(tenants)], others: [...new Set(words.filter((word) => !guid.test(word)))] };
}

/** True for a scope that can be granted at all: one that reads or searches, or one of our own. */
export function isGrantable(scope: string): boolean {
  const system = parseSystemScope(scope);
  return ownScopes.has(scope) || system?.read === true || system?.search === true;
}

/**
 * What of the asked scopes a client may have, in the asked form and never more than was asked. A broad one asked by a
 * client with narrow ones gives the narrow ones. Writing is never granted. Empty: nothing may be granted.
 */
export function grantScopes(asked: readonly string[], allowed: readonly string[]): readonly string[] {
  const granted = new Set<string>();
  const may = allowed.map(parseSystemScope).filter((scope) => scope !== null);
  for (const word of asked) {
    if (ownScopes.has(word)) {
      if (allowed.includes(word)) granted.add(word);
      continue;
    }
    const wish = parseSystemScope(word);
    if (wish === null) continue;
    for (const scope of may) {
      const common = intersect(wish, scope);
      if (common !== null) granted.add(scopeText(common));
    }
  }
  return [...granted];
}

/** True when scopes let a client read (or search) resources of a type known by any of `names`. */
export function scopesAllow(scopes: readonly string[], action: 'read' | 'search', names: readonly string[]): boolean {
  return scopes.some((word) => {
    const scope = parseSystemScope(word);
    return scope?.[action] === true && (scope.type === '*' || names.includes(scope.type));
  });
}

function parseSystemScope(word: string): SystemScope | null {
  const found = systemScope.exec(word);
  if (found === null) return null;
  const [, type = '', what = ''] = found;
  if (what === 'read' || what === '*') return { type, read: true, search: true, form: 'v1' };
  return { type, read: what.includes('r'), search: what.includes('s'), form: 'v2' };
}

function intersect(wish: SystemScope, may: SystemScope): SystemScope | null {
  if (wish.type !== '*' && may.type !== '*' && wish.type !== may.type) return null;
  const both = { type: wish.type === '*' ? may.type : wish.type, read: wish.read && may.read };
  const search = wish.search && may.search;
  if (!both.read && !search) return null;
  return { ...both, search, form: both.read && search ? wish.form : 'v2' };
}

function scopeText(scope: SystemScope): string {
  if (scope.form === 'v1') return `system/${scope.type}.read`;
  return `system/${scope.type}.${scope.read ? 'r' : ''}${scope.search ? 's' : ''}`;
}

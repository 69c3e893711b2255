/**
 * Visits and accounts that events moved to other patients (A44, A45). A visit goes with the account that it is of, and what
 * belongs to a visit goes with it; of several moves the newest counts.
 */
import { isJsonObject, type Json } from '../core/json.js';
import { compareStamps } from '../core/stamp.js';
import { visitBeside } from '../fhir/visit-reference.js';
import { parseKey } from './register-key.js';
import type { Register, Registers } from './registers.js';

/** Where an event moved an account, by the account's id; undefined where none did. */
export type AccountMoves = (account: string) => Register | undefined;

/** Types whose documents an event moves to another patient. */
export const movable: ReadonlySet<string> = new Set(['Encounter', 'Account']);

/** Places of registers that name the visit a resource belongs to; `~visit` where its type has none of its own. */
const visitPlaces: ReadonlySet<string> = new Set(['encounter', 'context', 'context.encounter', '~visit']);

/** Ids of the accounts that an Encounter's registers name, sorted. */
export function accountsOf(registers: ReadonlyMap<string, Register>): string[] {
  const ids: string[] = [];
  for (const [name, { value }] of registers) {
    if (name.startsWith('account') && placeOf(name) === 'account') ids.push(...named(value, 'Account/'));
  }
  return [...new Set(ids)].sort();
}

/** True when some of the registers name accounts, or take them back: without them a contribution changes no `accountsOf`. */
export function namesAccounts(registers: ReadonlyMap<string, unknown>): boolean {
  for (const name of registers.keys()) if (name.startsWith('account')) return true;
  return false;
}

/** Ids of the visits that a document's registers say it belongs to. */
export function visitsNamed(registers: ReadonlyMap<string, Register>): string[] {
  const ids: string[] = [];
  for (const [name, { value }] of registers) {
    if (name === '~visit' && typeof value === 'string') ids.push(value);
    else if ((name.startsWith('encounter') || name.startsWith('context')) && visitPlaces.has(placeOf(name)))
      ids.push(...named(value, 'Encounter/'));
  }
  return ids;
}

/** Ids that registers of this kind name: the visits of an account (`visits`), the patients of a visit or account (`of`). */
export function everNamed(registers: ReadonlyMap<string, Register>, kind: 'visits' | 'of'): string[] {
  const ids: string[] = [];
  for (const name of registers.keys()) {
    const key = name.startsWith('~visits') || name.startsWith('~of') ? parseKey(name) : undefined;
    if (key !== undefined && key.kind === kind && 'other' in key) ids.push(key.other);
  }
  return ids;
}

/**
 * Whose a visit or account is since it was moved, whatever messages named before or since; then those that they named. Of what
 * belongs to a visit without a place to name it: that visit.
 */
export function movedOf(type: string, registers: Registers, accountMoves: AccountMoves): string[] {
  if (!movable.has(type)) {
    const visit = visitBeside.has(type) ? registers.get('~visit')?.value : undefined;
    return typeof visit === 'string' ? [visit] : [];
  }
  let newest = registers.get('~moved');
  for (const account of type === 'Encounter' ? accountsOf(registers) : []) {
    newest = newerMove(newest, accountMoves(account));
  }
  const to = newest?.value;
  return typeof to === 'string' ? [to, ...everNamed(registers, 'of').sort()] : [];
}

/** The newer of two moves; of equally new ones that to the greater id. */
export function newerMove(a: Register | undefined, b: Register | undefined): Register | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compareStamps(a.stamp, b.stamp) || (String(a.value) > String(b.value) ? 1 : -1);
  return order > 0 ? a : b;
}

function placeOf(name: string): string {
  const key = parseKey(name);
  return key.kind === 'single' || key.kind === 'list' || key.kind === 'item' ? key.path : '';
}

function named(value: Json, prefix: string): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    if (!isJsonObject(one)) return [];
    const { reference, encounter } = one;
    if (typeof reference === 'string' && reference.startsWith(prefix)) return [reference.slice(prefix.length)];
    return encounter === undefined ? [] : named(encounter, prefix);
  });
}

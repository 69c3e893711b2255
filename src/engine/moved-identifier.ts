/**
 * Identifiers that an event moved from one person to another (A43). What messages listed before stands in both records: the
 * one that it left shows it no more, and the one that moved shows none of those it stood beside.
 */
import { isJsonObject, type Json } from '../core/json.js';
import { compareStamps, type Stamp } from '../core/stamp.js';
import type { Draft } from '../mapping/draft.js';
import { parseKey } from './register-key.js';
import type { Registers } from './registers.js';

/** An identifier as messages show it; `system` is empty where the message that moved it did not list it. */
export interface ShownIdentifier {
  readonly system: string;
  readonly value: string;
}

/** The identifier with this value as the message's own patients list it. */
export function shownIdentifier(value: string, drafts: readonly Draft[]): ShownIdentifier {
  const listed = drafts
    .filter(({ type }) => type === 'Patient')
    .flatMap(({ elements }) => elements.filter(({ path }) => path === 'identifier'))
    .flatMap((element): Json[] => (Array.isArray(element.value) ? element.value : []));
  const found = listed.find((one) => isJsonObject(one) && one['value'] === value);
  const system = isJsonObject(found) ? found['system'] : undefined;
  return { system: typeof system === 'string' ? system : '', value };
}

/** A Patient's registers with the identifiers that a later move leaves there. */
export function afterMoves(registers: Registers): Registers {
  const moved = registers.get('~moved');
  const left: { readonly identifier: ShownIdentifier; readonly stamp: Stamp }[] = [];
  for (const [name, { stamp }] of registers) {
    const key = name.startsWith('~left') ? parseKey(name) : undefined;
    if (key?.kind === 'left') left.push({ identifier: key, stamp });
  }
  const own = moved === undefined || !isJsonObject(moved.value) ? undefined : moved.value;
  if (own === undefined && left.length === 0) return registers;
  const standing: Registers = new Map(registers);
  for (const [name, register] of registers) {
    const key = parseKey(name);
    if (key.kind !== 'list' || key.path !== 'identifier' || !Array.isArray(register.value)) continue;
    const isShown = (one: Json): boolean => {
      if (left.some(({ identifier, stamp }) => isOlder(register.stamp, stamp) && isSame(one, identifier))) return false;
      if (own === undefined || moved === undefined || !isOlder(register.stamp, moved.stamp)) return true;
      return isSame(one, { system: String(own['s'] ?? ''), value: String(own['v'] ?? '') });
    };
    standing.set(name, { ...register, value: register.value.filter(isShown) });
  }
  return standing;
}

function isOlder(stamp: Stamp, than: Stamp): boolean {
  return compareStamps(stamp, than) < 0;
}

function isSame(shown: Json, { system, value }: ShownIdentifier): boolean {
  if (!isJsonObject(shown) || shown['value'] !== value) return false;
  return system === '' || shown['system'] === undefined || shown['system'] === system;
}

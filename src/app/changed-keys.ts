/** Whether other mapping files make other ids of what is stored: a changed key needs a rebuild (design: stored data). */
import { canonicalJson, isJsonObject, type Json } from '../core/json.js';
import type { TenantSettings } from '../core/tenant-settings.js';
import { type CompiledMapping, type CompiledSet, setFor } from '../mapping/compile.js';

/**
 * The types whose ids `after` makes from something else than `before`, one line each: `file:line:column` and what would be right.
 * A way that is added after the known ones changes no id: it only gives one to what had none.
 */
export function changedKeys(before: CompiledMapping, after: CompiledMapping): string[] {
  const senders = [...before.senders, ...after.senders].map(({ sender }) => sender);
  const pairs = [
    [before.common, after.common] as const,
    ...senders.map((sender) => [setFor(before, sender), setFor(after, sender)] as const),
  ];
  return [...new Set(pairs.flatMap(([old, now]) => changedBetween(old, now)))];
}

function changedBetween(before: CompiledSet, after: CompiledSet): string[] {
  return [...before.keys].flatMap(([type, old]) => {
    const now = after.keys.get(type);
    const texts = (now?.ways ?? []).map(textOf);
    if (old.ways.every((way, at) => textOf(way) === texts[at])) return [];
    const { file, line, column } = now?.place ?? old.place;
    return [
      `${file}:${line}:${column} the key of ${type} changes, and with it the ids of what is stored: ` +
        'publish it with --rebuild, which replays the messages of every tenant',
    ];
  });
}

/**
 * True when a tenant's settings make other ids of what is stored. An authority that comes after the known ones makes none: it only
 * names whom no listed one named. A zone does, as times stand in keys.
 */
export function settingsRekey(before: TenantSettings, after: TenantSettings): boolean {
  const known = before.authorities.map((authority) => canonicalJson({ ...authority }));
  const now = after.authorities.map((authority) => canonicalJson({ ...authority }));
  if (known.length === 0 ? now.length > 0 : known.some((authority, at) => authority !== now[at])) return true;
  return decidingText(before) !== decidingText(after);
}

function decidingText({ defaultAuthority, visitAuthority, accountsAreVisits, zone }: TenantSettings): string {
  return JSON.stringify([
    ...[defaultAuthority?.id, defaultAuthority?.oid, defaultAuthority?.type],
    ...[visitAuthority, accountsAreVisits, zone],
  ]);
}

/** A way without its name, which decides nothing. */
function textOf(way: Json): string {
  if (!isJsonObject(way)) return canonicalJson(way);
  const { id: _id, ...deciding } = way;
  return canonicalJson(deciding);
}

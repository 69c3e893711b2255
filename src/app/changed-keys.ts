/** Whether other mapping files make other ids of what is stored: a changed key needs a rebuild (design: stored data). */
import { canonicalJson, isJsonObject, type Json } from '../core/json.js';
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

/** A way without its name, which decides nothing. */
function textOf(way: Json): string {
  if (!isJsonObject(way)) return canonicalJson(way);
  const { id: _id, ...deciding } = way;
  return canonicalJson(deciding);
}

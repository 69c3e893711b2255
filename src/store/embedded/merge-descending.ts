/** Merges sequences of numbers, each highest first, into one, highest first and without doubles. */
export function* mergeDescending(sources: readonly Generator<number>[]): Generator<number> {
  const heads = sources.map((source) => ({ source, head: source.next() }));
  for (;;) {
    let highest = -1;
    for (const { head } of heads) if (head.done !== true && head.value > highest) highest = head.value;
    if (highest < 0) return;
    yield highest;
    for (const entry of heads)
      if (entry.head.done !== true && entry.head.value === highest) entry.head = entry.source.next();
  }
}

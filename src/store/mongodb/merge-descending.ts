/** Merges sequences of numbers that are read as they are asked for, each highest first, into one without doubles. */
export async function* mergeDescending(sources: readonly AsyncGenerator<number>[]): AsyncGenerator<number> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  for (;;) {
    let highest = -1;
    for (const { head } of heads) if (head.done !== true && head.value > highest) highest = head.value;
    if (highest < 0) return;
    yield highest;
    for (const entry of heads)
      if (entry.head.done !== true && entry.head.value === highest) entry.head = await entry.source.next();
  }
}

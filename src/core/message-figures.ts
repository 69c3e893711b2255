/** The figures of messages as numbers: of one process, or of several together. */

/** How long something took, since the start: how many were at most so many seconds. */
export interface TimingFigures {
  /** Ascending; the counts include those of the bounds before. */
  readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
}

/** Counts since the start, by listener and by end state. */
export interface MessageFigures {
  readonly received: readonly { readonly listener: string; readonly outcome: string; readonly count: number }[];
  readonly acknowledged: readonly { readonly listener: string; readonly code: string; readonly count: number }[];
  readonly acknowledgement: Readonly<Record<string, TimingFigures>>;
  readonly settled: Readonly<Record<string, number>>;
}

/** The figures of two processes as those of one. */
export function addFigures(one: MessageFigures, other: MessageFigures): MessageFigures {
  return {
    received: addRows(one.received, other.received, ({ listener, outcome }) => `${listener} ${outcome}`),
    acknowledged: addRows(one.acknowledged, other.acknowledged, ({ listener, code }) => `${listener} ${code}`),
    acknowledgement: addMembers(one.acknowledgement, other.acknowledgement, addTimings),
    settled: addMembers(one.settled, other.settled, (a, b) => a + b),
  };
}

function addRows<T extends { readonly count: number }>(
  one: readonly T[],
  other: readonly T[],
  nameOf: (row: T) => string,
): T[] {
  const rows = new Map(one.map((row) => [nameOf(row), row]));
  for (const row of other) {
    const name = nameOf(row);
    rows.set(name, { ...row, count: row.count + (rows.get(name)?.count ?? 0) });
  }
  return [...rows.values()];
}

function addMembers<T>(
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
  add: (a: T, b: T) => T,
): Record<string, T> {
  const members = new Map(Object.entries(one));
  for (const [name, value] of Object.entries(other)) {
    const known = members.get(name);
    members.set(name, known === undefined ? value : add(known, value));
  }
  return Object.fromEntries(members);
}

/** All processes have the same bounds; one of a newer version with others keeps those that both have. */
function addTimings(one: TimingFigures, other: TimingFigures): TimingFigures {
  return {
    buckets: one.buckets.flatMap(({ atMost, count }) => {
      const same = other.buckets.find((bucket) => bucket.atMost === atMost);
      return same === undefined ? [] : [{ atMost, count: count + same.count }];
    }),
    count: one.count + other.count,
    sum: one.sum + other.sum,
  };
}

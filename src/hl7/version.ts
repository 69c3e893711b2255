/** Orders two HL7 versions by their numbers: negative when `a` is older. What is no number counts as the newest. */
export function compareVersions(a: string, b: string): number {
  const left = numbers(a);
  const right = numbers(b);
  for (let part = 0; part < 3; part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const mostKnown = 100;
const known = new Map<string, readonly number[]>();

/** Nearly all versions are one of a few; what senders write besides is read each time. */
function numbers(version: string): readonly number[] {
  const before = known.get(version);
  if (before !== undefined) return before;
  const match = /^\s*(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  const read = match === null ? [Number.MAX_SAFE_INTEGER] : match.slice(1).map((part) => Number(part ?? 0));
  if (known.size < mostKnown && version.length < 10) known.set(version, read);
  return read;
}

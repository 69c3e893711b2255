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

function numbers(version: string): number[] {
  const match = /^\s*(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  return match === null ? [Number.MAX_SAFE_INTEGER] : match.slice(1).map((part) => Number(part ?? 0));
}

import type { ResourceReader } from '../store/resource-port.js';

/**
 * A reader that asks the store once for what several entries of a batch need alike: who a patient is, which visits were moved,
 * what references point to. It is for one batch and one tenant's principal; what failed is asked again. Pages with a total are
 * not kept: they are large, and no two entries need the same.
 */
export function readOnce<T extends Pick<ResourceReader, 'read' | 'search'>>(resources: T): T {
  const reads = new Map<string, ReturnType<ResourceReader['read']>>();
  const searches = new Map<string, ReturnType<ResourceReader['search']>>();
  return {
    ...resources,
    read: (...asked: Parameters<ResourceReader['read']>) => kept(reads, asked, () => resources.read(...asked)),
    search: (...asked: Parameters<ResourceReader['search']>) =>
      asked[2].total ? resources.search(...asked) : kept(searches, asked, () => resources.search(...asked)),
  };
}

function kept<T>(known: Map<string, Promise<T>>, asked: readonly unknown[], ask: () => Promise<T>): Promise<T> {
  const name = JSON.stringify(asked, openEnds);
  const before = known.get(name);
  if (before !== undefined) return before;
  const answer = ask();
  known.set(name, answer);
  answer.catch(() => known.delete(name));
  return answer;
}

/** JSON has no infinity, and a range open below is not one open above. */
function openEnds(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
}

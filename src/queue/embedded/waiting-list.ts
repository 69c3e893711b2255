import type { Sequence } from '../../core/stamp.js';

type Place = Pick<Sequence, 'run' | 'number'>;

/** Places in archive order (run, then number), each once. */
export class WaitingList {
  #places: Place[] = [];
  readonly #known = new Set<string>();

  get size(): number {
    return this.#places.length;
  }

  add(place: Place): void {
    const name = `${place.run}-${place.number}`;
    if (this.#known.has(name)) return;
    this.#known.add(name);
    const last = this.#places.at(-1);
    if (last === undefined || compare(last, place) < 0) this.#places.push(place);
    else this.#places.splice(this.#positionOf(place), 0, place);
  }

  /** Takes out the first ones. */
  take(count: number): Place[] {
    const taken = this.#places.splice(0, count);
    for (const { run, number } of taken) this.#known.delete(`${run}-${number}`);
    return taken;
  }

  #positionOf(place: Place): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#places[middle];
      if (there !== undefined && compare(there, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Place, b: Place): number {
  return a.run - b.run || a.number - b.number;
}

/** A number generator whose whole state is one integer, so that a feed can be stopped and continued (mulberry32). */
export interface Dice {
  /** In [0, 1). */
  roll(): number;
  /** Whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  chance(share: number): boolean;
  /** To hand to `dice` later. */
  readonly state: number;
}

/** Dice that continue from a state; a seed is a state. */
export function dice(from: number): Dice {
  let state = from >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const between = (least: number, most: number): number => least + Math.floor(roll() * (most - least + 1));
  return {
    roll,
    between,
    pick: (items) => {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    chance: (share) => roll() < share,
    get state() {
      return state;
    },
  };
}

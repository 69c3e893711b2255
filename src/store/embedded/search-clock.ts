/**
 * How a search that is carried out in SQL looks at the clock. A call from SQL costs ten times what reading a row of an index
 * costs, so that only about one row of 256 makes it; what is called for a row in any case looks by itself.
 */
import { fault } from '../../core/errors.js';

/**
 * A condition that always holds, and looks at the clock for some rows: those whose number, spread by a multiplication so that
 * no regular distance between rows misses them all, ends in zeros. `of`: the alias whose `doc` is the row's number.
 */
export function inTime(of: string): string {
  return `((${of}.doc * 2654435761 >> 16) & 255 OR tick(${of}.doc))`;
}

/** @throws Fault `too-costly` when `deadline`, by the monotonic clock, is over */
export function lookAtClock(deadline: number): void {
  if (performance.now() > deadline) throw fault('too-costly', 'the search takes too long: narrow it down');
}

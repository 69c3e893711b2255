/** Totals that are estimated, because counting all matches would take too long. Pure. */

/** The number of all matches, if there is one, and whether it is only about that many. */
export interface FoundTotal {
  readonly total: number | undefined;
  readonly estimated?: true;
}

/** A store of so few documents is counted, however long the machine takes for it: of it nothing is to be gained. */
export const alwaysCounted = 50_000;

/** So many documents are drawn: where each may be read from another place, they take some tenths of a second. */
export const sampleSize = 1000;

/** Fewer matches in a draw say too little: with so many an estimate is usually right to a fifth. */
const fewest = 25;

/**
 * What a draw says of all documents: of `drawn` ones `found` match, and there are `of` of their kind.
 */
export function scaledUp(draw: { readonly drawn: number; readonly found: number; readonly of: number }): FoundTotal {
  const { drawn, found, of } = draw;
  return found < fewest ? { total: undefined } : { total: Math.round((of * found) / drawn), estimated: true };
}

/** Totals that are estimated, because counting all matches would take too long. Pure. */

/** The number of all matches, if there is one, and whether it is only about that many. */
export interface FoundTotal {
  readonly total: number | undefined;
  readonly estimated?: true;
}

/** A store of so few documents is counted, however long the machine takes for it: of it nothing is to be gained. */
export const alwaysCounted = 50_000;

/** So many documents are drawn: enough to tell a half from it by a thirtieth, and read in a few tenths of a second. */
export const sampleSize = 2000;

/** Fewer matches in a draw say too little: with so many an estimate is usually right to a seventh. */
const fewest = 50;

/**
 * What a draw says of all documents: of `drawn` ones `found` match, and there are `of` of their kind.
 */
export function scaledUp(draw: { readonly drawn: number; readonly found: number; readonly of: number }): FoundTotal {
  const { drawn, found, of } = draw;
  return found < fewest ? { total: undefined } : { total: Math.round((of * found) / drawn), estimated: true };
}

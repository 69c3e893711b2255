/**
 * Rank of a message for the data of patients and visits, by message code (MSH-9.1): ADT leads; orders, results,
 * documents and pharmacy create what they name when it is missing and never overwrite. A listener's profile changes it.
 */
const usual: Readonly<Record<string, number>> = { ADT: 50, BAR: 40, DFT: 30, PPR: 30, SIU: 30, MFN: 50 };
const others = 20;

/** Rank of weak values (a default of the mapping), which replace nothing that a message said. */
export const weakAuthority = 0;

export function authorityRank(messageCode: string, profile: Readonly<Record<string, number>>): number {
  return profile[messageCode] ?? usual[messageCode] ?? others;
}

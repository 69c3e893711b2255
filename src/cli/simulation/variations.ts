import { fault } from '../../core/errors.js';

/** What happens rarely: each with its share of all messages, and what it is. */
export const rareEvents = {
  merges: [0.02, 'a second record for somebody (A04), merged later (A40)'],
  links: [0.005, 'two records linked (A24), and unlinked (A37)'],
  cancels: [0.03, 'admissions, transfers and discharges taken back (A11, A12, A13)'],
  moves: [0.005, 'a visit that goes to another record (A45)'],
  documents: [0.002, 'a PDF of 20 to 400 KiB in OBX-5'],
  late: [0.01, 'a message that comes 5 to 50 messages late'],
  repeated: [0.01, 'a message sent twice, byte for byte'],
  reordered: [0.005, 'a message that changes places with the next of its patient'],
  identifiers: [0.02, 'PID-3 with several identifiers in an odd order'],
  'bare-ids': [0.01, 'PID-3 without authority and type'],
  'z-segments': [0.03, "segments of the sender's own"],
  charsets: [0.02, 'Latin-1 (MSH-18 8859/1), or UTF-8 with accents as characters of their own'],
  batches: [0.01, 'three messages of a patient in one batch (FHS, BHS)'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

/** What a sender may do wrong: each with its share, and what it is. It comes beside the right message, never instead of it. */
export const faults = {
  'malformed-segment': [0.005, 'a line that is no segment, and a segment with a broken name'],
  'missing-field': [0.005, 'MSH-9, MSH-10 or MSH-12 left empty'],
  'bad-encoding': [0.005, 'bytes that are not valid in the character set of MSH-18'],
  'wrong-delimiters': [0.005, 'components separated by $ while MSH-2 says ^'],
  'half-frame': [0.005, 'half a message, then the connection is cut'],
  'dropped-connection': [0.005, 'a message whose acknowledgement nobody waits for; it is sent again'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type RareEvent = keyof typeof rareEvents;
export type FaultKind = keyof typeof faults;

/** Shares by name, 0 for what never happens. */
export type Shares<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Reads `all`, `none`, or names with a share each where the usual one will not do: `merges,late=0.1`; `all,documents=0` too.
 * @throws Fault `usage` for a name that there is not, or a share outside 0 to 1.
 */
export function readShares<Name extends string>(
  text: string,
  table: Readonly<Record<Name, readonly [number, string]>>,
): Shares<Name> {
  const names = Object.keys(table) as Name[];
  const shares = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (const part of text.split(',').map((each) => each.trim())) {
    const [named = '', share] = part.split('=');
    if (named === 'none' || named === '') continue;
    const wanted = named === 'all' ? names : names.filter((name) => name === named);
    if (wanted.length === 0) throw fault('usage', `there is no ${named}; there are ${names.join(', ')}`);
    if (share !== undefined && !(Number(share) >= 0 && Number(share) <= 1)) {
      throw fault('usage', `the share of ${named} must be a number from 0 to 1, such as 0.05`);
    }
    for (const name of wanted) shares[name] = share === undefined ? table[name][0] : Number(share);
  }
  return shares;
}

/** The names with their shares and what they are, for the help. */
export function sharesHelp(table: Readonly<Record<string, readonly [number, string]>>): string {
  return Object.entries(table)
    .map(([name, [share, about]]) => `  ${name.padEnd(19)}${`${(share * 100).toFixed(1)} %`.padStart(6)}  ${about}\n`)
    .join('');
}

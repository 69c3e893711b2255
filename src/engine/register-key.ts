/**
 * Names of registers. An element that anybody may set is named by its path alone; lists and their items by sender and
 * rule as well, so that one sender's list never deletes another's. Names that start with `~` or `#` are not elements.
 */
const separator = '\u001f';

export type RegisterKey =
  | { readonly kind: 'single'; readonly path: string }
  | { readonly kind: 'list'; readonly path: string; readonly sender: string; readonly rule: string }
  | {
      readonly kind: 'item';
      readonly path: string;
      readonly sender: string;
      readonly rule: string;
      readonly item: string;
    }
  /** The sender says, by this map, that the resource is there (true) or not (null). */
  | { readonly kind: 'present'; readonly sender: string; readonly map: string }
  /** On a Patient: the sender sent its whole list of this type by this map; what it does not name is not there. */
  | { readonly kind: 'snapshot'; readonly sender: string; readonly map: string; readonly type: string }
  /** An event deleted the resource as a whole; it is there again once a message with a higher stamp says so. */
  | { readonly kind: 'gone' }
  /** The other document (id) is about the same thing (true), or is not any more (false). */
  | { readonly kind: 'link'; readonly other: string }
  /**
   * This document was merged into the other (true), or what it is about has the other's identifier now ('changed'); of
   * several the newest counts, and the others are still known.
   */
  | { readonly kind: 'merged'; readonly other: string }
  /** Id of a document that was merged into this one; only leads there, the other's own register decides. */
  | { readonly kind: 'absorbed'; readonly other: string }
  /**
   * An event moved the visit or account to a patient: the id of that Patient. Or a patient's identifier to another person:
   * `{ t, s, v }`, that person's id, the identifier's system and value; what it was linked to or merged into before does not
   * count any more.
   */
  | { readonly kind: 'moved' }
  /** On a Patient: an event moved this identifier away from the person. */
  | { readonly kind: 'left'; readonly system: string; readonly value: string }
  /** On an Encounter or Account: some message named it as this patient's; never taken back. */
  | { readonly kind: 'of'; readonly other: string }
  /** On an Account: some message named it as this visit's; never taken back. The Encounter says whether it still is. */
  | { readonly kind: 'visits'; readonly other: string }
  /** Id of the visit that a resource belongs to whose type has no place for one (a Specimen). */
  | { readonly kind: 'visitOf' }
  /** What an event said of a visit: where, in which class or state it was from `at` on, or what it took back. */
  | {
      readonly kind: 'visit';
      readonly fact: VisitFactKind;
      readonly sender: string;
      readonly event: string;
      readonly at: string;
    };

export type VisitFactKind = 'state' | 'class' | 'place' | 'element' | 'cancel';

const prefixes = {
  present: '~present',
  snapshot: '~snapshot',
  gone: '~gone',
  link: '~link',
  merged: '~merged',
  absorbed: '~absorbed',
  moved: '~moved',
  left: '~left',
  of: '~of',
  visits: '~visits',
  visitOf: '~visit',
} as const;

export function printKey(key: RegisterKey): string {
  switch (key.kind) {
    case 'single':
      return key.path;
    case 'list':
      return `${key.path}${separator}${key.sender}${separator}${key.rule}`;
    case 'item':
      return `${key.path}${separator}${key.sender}${separator}${key.rule}${separator}${key.item}`;
    case 'present':
      return `${prefixes.present}${separator}${key.sender}${separator}${key.map}`;
    case 'left':
      return [prefixes.left, key.system, key.value].join(separator);
    case 'snapshot':
      return [prefixes.snapshot, key.sender, key.map, key.type].join(separator);
    case 'gone':
    case 'moved':
    case 'visitOf':
      return prefixes[key.kind];
    case 'link':
    case 'merged':
    case 'absorbed':
    case 'of':
    case 'visits':
      return [prefixes[key.kind], key.other].join(separator);
    case 'visit':
      return [`#${key.fact}`, key.sender, key.event, key.at].join(separator);
  }
}

/** Names that were read; of those that were not asked for since as many came, none. */
let young = new Map<string, RegisterKey>();
let old = new Map<string, RegisterKey>();
const generation = 20_000;

/** Reads a name that `printKey` made. Names recur: those of elements in every document, the others in one's next version. */
export function parseKey(text: string): RegisterKey {
  const known = young.get(text);
  if (known !== undefined) return known;
  const key = old.get(text) ?? read(text);
  if (young.size >= generation) {
    old = young;
    young = new Map();
  }
  young.set(text, key);
  return key;
}

function read(text: string): RegisterKey {
  const [first = '', second = '', third = '', ...rest] = text.split(separator);
  if (first.startsWith('#')) {
    return { kind: 'visit', fact: first.slice(1) as VisitFactKind, sender: second, event: third, at: rest[0] ?? '' };
  }
  switch (first) {
    case prefixes.present:
      return { kind: 'present', sender: second, map: third };
    case prefixes.snapshot:
      return { kind: 'snapshot', sender: second, map: third, type: rest[0] ?? '' };
    case prefixes.gone:
      return { kind: 'gone' };
    case prefixes.merged:
      return { kind: 'merged', other: second };
    case prefixes.link:
      return { kind: 'link', other: second };
    case prefixes.absorbed:
      return { kind: 'absorbed', other: second };
    case prefixes.moved:
      return { kind: 'moved' };
    case prefixes.left:
      return { kind: 'left', system: second, value: third };
    case prefixes.of:
      return { kind: 'of', other: second };
    case prefixes.visits:
      return { kind: 'visits', other: second };
    case prefixes.visitOf:
      return { kind: 'visitOf' };
  }
  const parts = text.split(separator).length;
  if (parts === 1) return { kind: 'single', path: text };
  if (parts === 3) return { kind: 'list', path: first, sender: second, rule: third };
  return { kind: 'item', path: first, sender: second, rule: third, item: rest.join(separator) };
}

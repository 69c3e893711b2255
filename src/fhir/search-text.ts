/** Letters that Unicode does not decompose into a plain one and a mark. */
const plainLetters: ReadonlyMap<string, string> = new Map([
  ['ø', 'o'],
  ['ł', 'l'],
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ħ', 'h'],
  ['ŧ', 't'],
  ['ı', 'i'],
  ['ĸ', 'k'],
  ['ŋ', 'n'],
  ['ς', 'σ'],
]);
const special = /[øłßæœđðþħŧıĸŋς]/g;
const marks = /[\u0300-\u036f]/g;
const apostrophes = /['’‘ʼ`´]/g;
const separators = /[^\p{L}\p{N}\p{M}]+/gu;

/**
 * A text as strings are searched (R4 §3.1.1.4.8): lower case, without accents, apostrophes left out, other punctuation and
 * space as single spaces. Folding twice changes nothing. A text of punctuation alone is only trimmed and put in lower case.
 */
export function foldText(text: string): string {
  if (/^[a-z0-9]+$/.test(text)) return text;
  // Decomposing makes apostrophes (of ŉ), and unmakes the acute accent that stands for one.
  const letters = text
    .replace(apostrophes, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(marks, '')
    .replace(apostrophes, '')
    .replace(special, (letter) => plainLetters.get(letter) ?? letter)
    .replace(separators, ' ')
    .trim()
    .normalize('NFC');
  return letters === '' ? text.trim().toLowerCase() : letters;
}

/** Longest tail that is stored, in characters; a longer search is looked up by its beginning and then compared whole. */
export const longestTail = 32;

/** The strings of one and two characters that a folded text holds: what a short `:contains` is looked up in. */
export function gramsOf(folded: string): string[] {
  const letters = lettersOf(folded);
  const grams = new Set<string>();
  for (let at = 0; at < letters.length; at++) {
    grams.add(letters[at] ?? '');
    if (at + 1 < letters.length) grams.add(`${letters[at]}${letters[at + 1]}`);
  }
  return [...grams];
}

/** Every tail of three characters and more, cut to {@link longestTail}: what a longer `:contains` is a prefix of. */
export function tailsOf(folded: string): string[] {
  const letters = lettersOf(folded);
  const tails = new Set<string>();
  for (let at = 0; at + 3 <= letters.length; at++) {
    const tail = letters.slice(at, at + longestTail);
    tails.add(typeof tail === 'string' ? tail : tail.join(''));
  }
  return [...tails];
}

/** The characters of a text: itself where each is one code unit. */
function lettersOf(text: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}

/** How a folded `:contains` text is looked up. `whole` false: the hits must still be compared with the whole text. */
export type ContainsLookup =
  | { readonly by: 'gram'; readonly text: string }
  | { readonly by: 'tail'; readonly prefix: string; readonly whole: boolean };

/** The lookup that finds every folded text which holds the given one. */
export function containsLookup(folded: string): ContainsLookup {
  const letters = Array.from(folded);
  if (letters.length < 3) return { by: 'gram', text: folded };
  return { by: 'tail', prefix: letters.slice(0, longestTail).join(''), whole: letters.length <= longestTail };
}

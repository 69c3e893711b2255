const longest = 24;

/**
 * What a value looks like, with nothing of it: `A` for a capital letter, `a` for a small one, `9` for a digit, punctuation as it
 * is; four or more alike in a row are two and `…`, so that even the length says little. `M-20261` is `A-99…`.
 */
export function shapeOf(text: string): string {
  const shape = text
    .replaceAll(/\p{Lu}/gu, 'A')
    .replaceAll(/[\p{L}\p{M}]/gu, (letter) => (letter === 'A' ? 'A' : 'a'))
    .replaceAll(/\p{N}/gu, '9')
    .replaceAll(/\p{C}/gu, ' ')
    .replaceAll(/(.)\1{3,}/gsu, '$1$1…');
  return shape.length > longest ? `${shape.slice(0, longest)}…` : shape;
}

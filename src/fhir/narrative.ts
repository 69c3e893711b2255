/** The elements that a Narrative may use (R4 §2.4.0.1: no head, body, forms, scripts, frames, objects). */
const allowedElements: ReadonlySet<string> = new Set(
  (
    'p br div h1 h2 h3 h4 h5 h6 a span table thead tr td tbody tfoot th caption col colgroup b em i strong small big tt dfn ' +
    'code samp img map area kbd var cite blockquote pre q ul ol li dl dt dd abbr acronym address bdo del ins hr sub sup style'
  ).split(' '),
);
const entity = /&(?!(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#x[0-9A-Fa-f]+);)/;
const markup =
  /<(?<close>\/)?(?<name>[A-Za-z][A-Za-z0-9:]*)(?<attributes>(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<alone>\/)?>/y;

/**
 * What is wrong with the `div` of a Narrative, or null. It must be well-formed XHTML: one div in the XHTML namespace, tags
 * that close in order, only the elements allowed there, no scripts, and some content (invariants txt-1 and txt-2).
 */
export function narrativeProblem(div: string): string | null {
  const open: string[] = [];
  let at = 0;
  let content = false;
  while (at < div.length) {
    const next = div.indexOf('<', at);
    const text = div.slice(at, next < 0 ? div.length : next);
    if (entity.test(text)) return 'has an ampersand that begins no entity';
    if (/\S/.test(text)) {
      if (open.length === 0) return 'has text outside its div';
      content = true;
    }
    if (next < 0) break;
    if (div.startsWith('<!--', next)) {
      const end = div.indexOf('-->', next);
      if (end < 0) return 'has an open comment';
      at = end + 3;
      continue;
    }
    markup.lastIndex = next;
    const tag = markup.exec(div)?.groups;
    if (tag === undefined) return 'has a tag that cannot be read';
    const problem = tagProblem(tag, open, next === 0);
    if (problem !== null) return problem;
    if (tag['name'] === 'img') content = true;
    at = markup.lastIndex;
  }
  if (open.length > 0) return 'has a tag that is not closed';
  return content ? null : 'must have some content';
}

function tagProblem(tag: Record<string, string>, open: string[], first: boolean): string | null {
  const name = tag['name'] ?? '';
  const attributes = tag['attributes'] ?? '';
  if (tag['close'] !== undefined) return open.pop() === name ? null : 'has tags that do not close in order';
  if (open.length === 0) {
    const namespace = /\sxmlns\s*=\s*["']http:\/\/www\.w3\.org\/1999\/xhtml["']/.test(attributes);
    if (!first || name !== 'div' || !namespace) return 'must be one div in the XHTML namespace';
  }
  if (!allowedElements.has(name)) return 'uses an element that a narrative may not';
  if (/\son\w+\s*=/i.test(attributes) || /=\s*["']\s*javascript:/i.test(attributes)) return 'must not hold scripts';
  if (tag['alone'] === undefined) open.push(name);
  return null;
}

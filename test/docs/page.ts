/** The pages of `docs/` as their readers use them: fenced blocks in order, with what the line of the fence says of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFolder } from '../../src/cli/program-version.js';

export interface Block {
  /** `yaml` of ```` ```yaml north/names.yaml ````. */
  readonly language: string;
  /** The words after it: a file to save the block as, or how it is run. Readers of the page do not see them. */
  readonly words: readonly string[];
  readonly text: string;
  /** Line of the first fence, from 1. */
  readonly line: number;
  /** The paragraphs between this block and the one before it. */
  readonly before: string;
}

/** The fenced blocks of a page of `docs/`. @throws when a fence is never closed */
export function blocksOf(name: string): Block[] {
  const blocks: Block[] = [];
  let before: string[] = [];
  let open: { info: string; line: number; text: string[] } | undefined;
  for (const [index, line] of readFileSync(join(programFolder, 'docs', name), 'utf8')
    .split('\n')
    .entries()) {
    if (open === undefined) {
      if (line.startsWith('```')) open = { info: line.slice(3).trim(), line: index + 1, text: [] };
      else before.push(line);
    } else if (line === '```') {
      const [language = '', ...words] = open.info.split(/\s+/);
      blocks.push({ language, words, text: `${open.text.join('\n')}\n`, line: open.line, before: before.join('\n') });
      open = undefined;
      before = [];
    } else open.text.push(line);
  }
  if (open !== undefined) throw new Error(`${name}:${open.line} the block is never closed`);
  return blocks;
}

/**
 * True when a command printed what a page shows. `…` stands for anything in a line, or alone in a line for any lines;
 * `<word>` for a run of characters without spaces; spaces are equal whatever their number.
 */
export function showsOutput(shown: string, printed: string): boolean {
  const lines = shown
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const pattern = lines.map((line, index) => {
    const last = index === lines.length - 1;
    if (line === '…') return last ? '[\\s\\S]*' : '(?:[^\\n]*\\n)*?';
    return patternOf(line) + (last ? '' : '\\n');
  });
  const text = printed
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .join('\n');
  return new RegExp(`^${pattern.join('')}$`).test(text);
}

function patternOf(line: string): string {
  return line
    .replaceAll(/\s+/g, ' ')
    .split(/(…|<[a-z_ -]+>)/)
    .map((part) =>
      part === '…' ? '[^\\n]*' : /^<[a-z_ -]+>$/.test(part) ? '\\S+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
}

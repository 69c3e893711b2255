/** The line by which the YAML language server of editors finds a file's schema; undefined for what is no mapping file. */
export function schemaLine(name: string, text: string): string | undefined {
  const kind = kindOf(text);
  const up = '../'.repeat(name.split('/').length - 1) || './';
  return kind === undefined ? undefined : `# yaml-language-server: $schema=${up}schema/${kind}.json`;
}

/** The kind of a mapping file by its keys. */
export function kindOf(text: string): string | undefined {
  const has = (key: string): boolean => new RegExp(`^${key}:`, 'm').test(text);
  if (has('layer')) return 'layer';
  const kinds = ['segment', 'datatype', 'table', 'message', 'events', 'panels'];
  return kinds.find(has) ?? (has('keys') ? 'identity' : has('tests') ? 'tests' : undefined);
}

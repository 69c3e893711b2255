/** Where a rule reads, as written in `from`, conditions, formats and keys. */
export type SourcePath = SegmentPath | PartPath | MetaPath;

/** `PID-3`, `NTE[*]-3`, `SPECIMEN[*].SPM-4`, `IN1-5[=]`. */
export interface SegmentPath {
  readonly kind: 'segment';
  readonly groups: readonly { readonly name: string; readonly all: boolean }[];
  readonly segment: string;
  /** Every such segment of the place, not only the nearest. */
  readonly all: boolean;
  readonly field: number | undefined;
  /** A number; `=` the one the enclosing rule stands at; undefined: the first valued, or every one for a list. */
  readonly repetition: number | '=' | undefined;
  readonly component: number | undefined;
  readonly subcomponent: number | undefined;
}

/** `CX.4`, `.2`, `.`: a part of the value that the rule stands at. */
export interface PartPath {
  readonly kind: 'part';
  /** Name of the data type as written; '' for `.`. */
  readonly type: string;
  readonly component: number | undefined;
  readonly subcomponent: number | undefined;
}

/** `$message.event`. */
export interface MetaPath {
  readonly kind: 'meta';
  readonly name: 'event' | 'structure' | 'code';
}

const segmentPath =
  /^((?:[A-Z][A-Z0-9_]*(?:\[\*\])?\.)*)([A-Z][A-Z0-9]{2})(\[\*\])?(?:-(\d+)(?:\[(\d+|=|\*)\])?(?:\.(\d+)(?:\.(\d+))?)?)?$/;
const partPath = /^([A-Z][A-Z0-9]{1,5})?[.-](\d+)(?:\.(\d+))?$/;

/** Reads a path; undefined when it is none. `HD-3` means `HD.3`, as in some rows of the guide. */
export function parseSourcePath(text: string): SourcePath | undefined {
  const path = text.trim();
  if (path === '.') return { kind: 'part', type: '', component: undefined, subcomponent: undefined };
  if (path === '$message.event') return { kind: 'meta', name: 'event' };
  if (path === '$message.structure') return { kind: 'meta', name: 'structure' };
  if (path === '$message.code') return { kind: 'meta', name: 'code' };
  const segment = segmentPath.exec(path);
  if (segment !== null) {
    const [, groups = '', name = '', all, field, repetition, component, subcomponent] = segment;
    return {
      kind: 'segment',
      groups: groups
        .split('.')
        .filter((group) => group !== '')
        .map((group) => ({ name: group.replace('[*]', ''), all: group.endsWith('[*]') })),
      segment: name,
      all: all !== undefined,
      field: number(field),
      repetition: repetition === '=' ? '=' : repetition === '*' ? undefined : number(repetition),
      component: number(component),
      subcomponent: number(subcomponent),
    };
  }
  const part = partPath.exec(path);
  if (part === null) return undefined;
  const [, type = '', component, subcomponent] = part;
  return { kind: 'part', type, component: number(component), subcomponent: number(subcomponent) };
}

/** Writes a path as files do. */
export function printSourcePath(path: SourcePath): string {
  if (path.kind === 'meta') return `$message.${path.name}`;
  const parts = [path.component, path.subcomponent].filter((part) => part !== undefined).map((part) => `.${part}`);
  if (path.kind === 'part') return path.type === '' && parts.length === 0 ? '.' : `${path.type}${parts.join('')}`;
  const { groups, segment, all, field, repetition } = path;
  const around = groups.map((group) => `${group.name}${group.all ? '[*]' : ''}.`).join('');
  const within = field === undefined ? '' : `-${field}${repetition === undefined ? '' : `[${repetition}]`}`;
  return `${around}${segment}${all ? '[*]' : ''}${within}${parts.join('')}`;
}

/** What a path looks like, for those who cannot read it: editors. */
export const pathPattern = `${segmentPath.source}|${partPath.source}|^\\.$|^\\$message\\.(?:event|structure|code)$`;

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

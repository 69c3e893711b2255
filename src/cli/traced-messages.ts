import { Option } from 'commander';
import { fault } from '../core/errors.js';
import { convertMessages } from '../engine/convert.js';
import type { CoveredField } from '../engine/coverage.js';
import type { UnmappedCode } from '../engine/unmapped-codes.js';
import { adminClient } from './admin-client.js';
import { archivedMessages } from './archive-pages.js';
import { dataFolder } from './data-folder-option.js';
import { charsetOption, zoneOption } from './feed-options.js';
import { mappingOf, mappingsOption } from './mapping-folders.js';
import { readMessages } from './message-files.js';

/** A message with what a mapping makes of it. */
export interface TracedMessage {
  /** File, or sequence in the archive. */
  readonly name: string;
  readonly sender: string;
  /** Undefined where no mapping is for it, or it cannot be read. */
  readonly fields: readonly CoveredField[] | undefined;
  readonly unmapped: readonly UnmappedCode[];
}

/** Where messages come from: files, or the archive of a running system. */
export interface TraceOptions {
  readonly mappings: readonly string[];
  readonly charset?: string;
  readonly zone?: string;
  readonly values?: true;
  readonly tenant?: string;
  readonly last?: string;
  readonly data?: string;
}

/** Options of every command that looks at messages of files or of the archive. */
export function traceOptions(): readonly Option[] {
  return [
    mappingsOption(),
    charsetOption('files'),
    zoneOption(),
    new Option('--tenant <guid>', 'look at archived messages of this tenant instead of files'),
    new Option('--last <count>', 'look at that many of the newest archived messages instead of files'),
  ];
}

/**
 * The messages of files, or the newest of the archive as the running system maps them today; its answers hold no values, and each
 * read is audited.
 * @throws Fault `usage` where both are asked for, `mapping-invalid`, `not-reachable`
 */
export async function* tracedMessages(paths: readonly string[], options: TraceOptions): AsyncGenerator<TracedMessage> {
  const archived = options.tenant !== undefined || options.last !== undefined;
  if (archived && paths.length > 0)
    throw fault('usage', 'name either files, or archived messages by --tenant or --last');
  if (archived && options.values === true)
    throw fault('usage', '--values is for files; messages show shows one with its values');
  if (archived) yield* ofArchive(options);
  else yield* ofFiles(paths.length === 0 ? ['-'] : paths, options);
}

async function* ofFiles(paths: readonly string[], options: TraceOptions): AsyncGenerator<TracedMessage> {
  const mapping = mappingOf(options.mappings);
  for (const { source, bytes } of await readMessages(paths)) {
    const converted = convertMessages(mapping, bytes, {
      version: 'R4',
      trace: true,
      values: options.values === true,
      ...(options.charset === undefined ? {} : { charset: options.charset }),
      ...(options.zone === undefined ? {} : { tenant: { zone: options.zone } }),
    });
    for (const { outcome, sender, trace, diagnostics } of converted) {
      yield {
        name: source,
        sender,
        fields: outcome === 'mapped' ? (trace?.['fields'] as unknown as readonly CoveredField[]) : undefined,
        unmapped: codesIn(diagnostics),
      };
    }
  }
}

interface Explained {
  readonly trace: {
    readonly outcome?: string;
    readonly fields?: readonly CoveredField[];
    readonly diagnostics?: Diagnostics;
  };
}

type Diagnostics = readonly { readonly at: string; readonly unmapped?: Omit<UnmappedCode, 'at'> }[];

const atOnce = 8;

async function* ofArchive({ tenant, last, data }: TraceOptions): AsyncGenerator<TracedMessage> {
  const client = adminClient(dataFolder(data));
  const wanted = Number(last ?? '1000');
  if (!Number.isInteger(wanted) || wanted < 1) throw fault('usage', '--last is a number of messages');
  for await (const page of archivedMessages(client, { last: wanted, tenant })) {
    for (let at = 0; at < page.length; at += atOnce) {
      const some = page.slice(at, at + atOnce);
      yield* await Promise.all(
        some.map(async ({ sequence, sender }): Promise<TracedMessage> => {
          const { trace } = await client.call<Explained>('GET', `/messages/${sequence}/why?mapping=live`);
          const fields = trace.outcome === 'mapped' ? trace.fields : undefined;
          return { name: sequence, sender, fields, unmapped: codesIn(trace.diagnostics ?? []) };
        }),
      );
    }
  }
}

function codesIn(diagnostics: Diagnostics): UnmappedCode[] {
  return diagnostics.flatMap(({ at, unmapped }) => (unmapped === undefined ? [] : [{ at, ...unmapped }]));
}

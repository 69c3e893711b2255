import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { fault } from '../core/errors.js';
import { codesOf } from '../fhir/definitions/code-display.js';
import { loadDictionary } from '../hl7/dictionary.js';
import { type FeedMessage, lintFeed, type SeenControlIds } from '../hl7/lint/lint-feed.js';
import { Linter } from '../hl7/lint/lint-message.js';
import { type Finding, lintRules, type Severity } from '../hl7/lint/rules.js';
import { summarise } from '../hl7/lint/summary.js';
import { adminClient } from './admin-client.js';
import { archivedMessages } from './archive-pages.js';
import { counted } from './counted.js';
import { dataFolder, dataOption, jsonOption } from './data-folder-option.js';
import { exitCodes } from './exit-codes.js';
import { charsetOption } from './feed-options.js';
import { filesOf } from './message-files.js';
import { printJson, printTable } from './print-table.js';

interface LintOptions {
  readonly severity: Severity;
  readonly summary?: true;
  readonly values?: true;
  readonly charset?: string;
  readonly rules?: true;
  readonly tenant?: string;
  readonly last?: number;
  readonly data?: string;
  readonly json?: true;
}

/** A message with the file, or the archived message, that it came from. */
interface Linted extends FeedMessage {
  readonly source: string;
}

const severities = ['error', 'warning', 'info'] as const;

/** `wardline lint`: what messages get wrong against the standard's version that they name. */
export function lintCommand(): Command {
  return new Command('lint')
    .description(
      "Check HL7 v2 messages against their own version's definitions: what is wrong, where, and what would be right.",
    )
    .argument('[path...]', 'files, folders, or - for stdin')
    .option(
      '--last <count>',
      'check this many archived messages of the running system instead; each read is audited',
      count,
    )
    .option('--tenant <guid>', 'of this tenant, with --last')
    .addOption(
      new Option('--severity <least>', 'show and count from this severity on').choices(severities).default('info'),
    )
    .option('--summary', 'only the summary, most frequent first')
    .option('--values', 'show the values in question, too: they may be those of a patient')
    .addOption(charsetOption('messages'))
    .option('--rules', 'list what is checked')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A line is file:line: severity path rule: what is wrong; what would be right. Without --values nothing of a message is shown.
Versions 2.1 to 2.8 are known. A file holds one message, several, a batch, or MLLP frames, which are checked as on the wire.
Ends with 0 when there is no error, 1 when there is one, 2 when there is nothing to check.

Examples:
  wardline lint samples/adt-a01.hl7
  wardline lint --severity warning --summary feed/
  wardline lint --last 500 --tenant 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11 --json | jq '.summary[0]'`,
    )
    .action(async (paths: string[], options: LintOptions) => {
      if (options.rules) return printRules(options);
      const linter = new Linter(await loadDictionary(), tableCodes);
      const messages =
        options.last === undefined ? await lintPaths(linter, paths, options) : await lintArchive(linter, options);
      process.exitCode = print(atLeast(messages, options.severity), options);
    });
}

async function lintPaths(linter: Linter, paths: readonly string[], options: LintOptions): Promise<Linted[]> {
  if (options.tenant !== undefined) throw fault('usage', '--tenant goes with --last');
  if (paths.length === 0) throw fault('usage', 'name files or folders to check, - for stdin, or --last');
  const seen: SeenControlIds = new Map();
  const charset = options.charset === undefined ? {} : { charset: options.charset };
  const linted: Linted[] = [];
  for (const file of paths.flatMap(filesOf)) {
    const bytes = file === '-' ? await buffer(process.stdin) : readFileSync(file);
    const messages = lintFeed(linter, bytes, file, seen, charset);
    // Other files of a folder (notes, licences) are passed over; what was named is checked whatever it holds.
    if (!paths.includes(file) && messages.every(({ version }) => version === '')) continue;
    for (const message of messages) linted.push({ ...message, source: file });
  }
  if (linted.length === 0) throw fault('usage', `${paths.join(', ')}: no HL7 message`);
  return linted;
}

/** The last messages of the archive, oldest first, so that a repeated control id is found at the later message. */
async function lintArchive(linter: Linter, { last = 0, tenant, data, charset }: LintOptions): Promise<Linted[]> {
  const admin = adminClient(dataFolder(data));
  const sequences: string[] = [];
  for await (const page of archivedMessages(admin, { last, tenant })) {
    sequences.push(...page.map(({ sequence }) => sequence));
  }
  const seen: SeenControlIds = new Map();
  const linted: Linted[] = [];
  for (const sequence of sequences.reverse()) {
    const { base64 } = await admin.call<{ base64: string }>('GET', `/messages/${sequence}?as=bytes`);
    const options = { wire: true, ...(charset === undefined ? {} : { charset }) };
    for (const message of lintFeed(linter, Buffer.from(base64, 'base64'), sequence, seen, options)) {
      linted.push({ ...message, source: sequence });
    }
  }
  return linted;
}

function atLeast(messages: readonly Linted[], least: Severity): Linted[] {
  const wanted = severities.slice(0, severities.indexOf(least) + 1);
  return messages.map((message) => ({
    ...message,
    findings: message.findings.filter(({ severity }) => wanted.some((each) => each === severity)),
  }));
}

function print(messages: readonly Linted[], options: LintOptions): number {
  const total = (severity: Severity) =>
    messages.reduce((sum, { findings }) => sum + findings.filter((each) => each.severity === severity).length, 0);
  const [errors, warnings, infos] = [total('error'), total('warning'), total('info')];
  const summary = summarise(messages);
  const versions = [...new Set(messages.map(({ version }) => version).filter(Boolean))].sort();
  const clean = messages.filter(({ findings }) => findings.length === 0).length;
  if (options.json) {
    const findings = options.summary
      ? undefined
      : messages.flatMap(({ source, number, findings }) =>
          findings.map((each) => ({ source, message: number, ...shown(each, options) })),
        );
    printJson({ messages: messages.length, clean, versions, errors, warnings, infos, summary, findings });
  } else {
    if (!options.summary) process.stdout.write(messages.map((message) => linesOf(message, options)).join(''));
    if (summary.length > 0 && (options.summary || messages.length > 1)) {
      const rows = summary.map(({ count, messages: within, severity, path, rule, problem }) => [
        String(count),
        String(within),
        severity,
        path,
        rule,
        problem,
      ]);
      if (!options.summary) process.stdout.write('\n');
      process.stdout.write(printTable(['COUNT', 'MESSAGES', 'SEVERITY', 'PATH', 'RULE', 'PROBLEM'], rows));
    }
    const counts = [counted(errors, 'error'), counted(warnings, 'warning'), `${infos} info`].join(', ');
    const against = versions.length === 0 ? '' : `; checked against ${versions.join(', ')}`;
    process.stdout.write(`${counted(messages.length, 'message')}, ${clean} clean, ${counts}${against}\n`);
  }
  return errors === 0 ? exitCodes.ok : exitCodes.failed;
}

function linesOf({ source, findings }: Linted, options: LintOptions): string {
  return findings
    .map((finding) => {
      const { line, severity, path, rule, problem, right, value } = shown(finding, options);
      const what = value === undefined ? problem : `${problem} (${printable(value)})`;
      return `${source}:${line}: ${severity} ${path === '' ? '' : `${path} `}${rule}: ${what}; ${right}\n`;
    })
    .join('');
}

/** A finding without its value, unless values were asked for. */
function shown({ value, ...finding }: Finding, { values }: LintOptions): Finding {
  return values && value !== undefined ? { ...finding, value } : finding;
}

/** Control characters do nothing to the terminal; long values are cut. */
function printable(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value);
}

function printRules({ json }: LintOptions): void {
  const rules = Object.entries(lintRules).map(([rule, [severity, about]]) => ({ rule, severity, about }));
  if (json) {
    printJson({ rules });
    return;
  }
  process.stdout.write(
    printTable(
      ['RULE', 'SEVERITY', 'LOOKS FOR'],
      rules.map(({ rule, severity, about }) => [rule, severity, about]),
    ),
  );
}

const known = new Map<number, ReadonlySet<string> | undefined>();

/** The codes of a v2 table in HL7's terminology; undefined where it has none, or a pattern among them (`TD<integer>`, `…`). */
function tableCodes(table: number): ReadonlySet<string> | undefined {
  if (!known.has(table)) {
    const name = `http://terminology.hl7.org/CodeSystem/v2-${String(table).padStart(4, '0')}`;
    const codes = Object.keys(codesOf(name) ?? {});
    const closed = codes.length > 0 && !codes.some((code) => /<\w+>|…|\.\.\.|xxx/.test(code));
    known.set(table, closed ? new Set(codes) : undefined);
  }
  return known.get(table);
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('must be a whole number from 1.');
  return Number(text);
}
